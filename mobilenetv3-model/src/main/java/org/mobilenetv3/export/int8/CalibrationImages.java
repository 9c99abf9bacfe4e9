package org.mobilenetv3.export.int8;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.io.FileNames;

/**
 * Images of a folder, some to calibrate with and others to check with; no file is in both, nor a
 * copy of one. The choice follows from the files' names, so it is the same each time.
 *
 * @param calibration what ranges are found with
 * @param check what answers are compared on
 */
public record CalibrationImages(List<Image> calibration, List<Image> check) {

    /** Images to calibrate with, at most. */
    private static final int CALIBRATE = 400;

    /** Images to check with, at most. */
    private static final int CHECK = 10_000;

    /** Copies the lists. */
    public CalibrationImages {
        calibration = List.copyOf(calibration);
        check = List.copyOf(check);
    }

    /**
     * An image file.
     *
     * @param file where it lies
     * @param label index of its class; −1 if that is not known
     */
    public record Image(Path file, int label) {}

    /**
     * Finds images. In a folder with {@code train} and {@code test} (or {@code val}; {@link
     * DataPart} has all their names) the first are for calibration, the others to check with;
     * otherwise a third of all images is for calibration. An image has a label if it lies in a
     * folder that is named after its class.
     *
     * @param folder holds PNG, JPEG, BMP or GIF files; folders in it belong to it, hidden ones do
     *     not
     * @param classes the net's
     * @return at most 400 to calibrate with and 10,000 to check with
     * @throws IOException if the folder is none, holds too few images or some of the images to
     *     check with have labels and others have not
     */
    public static CalibrationImages in(Path folder, List<String> classes) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "There is no folder of calibration images at %s.".formatted(folder));
        }
        Path train = part(folder, classes, DataPart.TRAIN);
        Path test = train == null ? null : part(folder, classes, DataPart.TEST);
        if (train != null && test == null) {
            test = part(folder, classes, DataPart.VALIDATION);
        }
        requireNames(test == null ? folder : test);
        List<Image> first = list(test == null ? folder : train, classes);
        List<Image> second = test == null ? first : list(test, classes);
        int wanted = test == null ? first.size() / 3 : first.size();
        List<Image> calibration = first.subList(0, Math.min(CALIBRATE, wanted));
        if (test == null) {
            second = first.subList(calibration.size(), first.size());
        }
        second = others(calibration, second);
        if (calibration.isEmpty() || second.isEmpty()) {
            throw new IOException(
                    "%s holds too few images (png, jpg, jpeg, bmp, gif) to calibrate with some and check with others; give some hundreds."
                            .formatted(folder));
        }
        requireAllOrNone(second, folder);
        return new CalibrationImages(calibration, second);
    }

    /**
     * Returns whether the classes of the images to check with are known.
     *
     * @return whether all have labels; otherwise none has
     */
    public boolean labeled() {
        return check.get(0).label() >= 0;
    }

    /** The folder of a part, whatever its letters; none if it is a class's. */
    private static Path part(Path folder, List<String> classes, DataPart part) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found =
                    entries.filter(Files::isDirectory)
                            .filter(entry -> DataPart.of(entry).equals(Optional.of(part)))
                            .filter(entry -> !classes.contains(entry.getFileName().toString()))
                            .toList();
            if (found.size() > 1) {
                throw new IOException(
                        "'%s' and '%s' would be the same part of the images; keep one of them."
                                .formatted(found.get(0), found.get(1)));
            }
            return found.isEmpty() ? null : found.get(0);
        }
    }

    /** Folders whose names cannot be read would be no class's, and their images without labels. */
    private static void requireNames(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                FileNames.requireReadable(entry);
            }
        }
    }

    /** The images of a folder, shuffled by their names. */
    private static List<Image> list(Path folder, List<String> classes) throws IOException {
        return ImageFiles.images(folder).stream()
                .map(folder::relativize)
                .sorted(
                        Comparator.comparing(CalibrationImages::order)
                                .thenComparing(CalibrationImages::name))
                .map(file -> new Image(folder.resolve(file), label(file, classes)))
                .toList();
    }

    /** A number that looks drawn, and is the same everywhere. */
    private static UUID order(Path file) {
        return UUID.nameUUIDFromBytes(name(file).getBytes(StandardCharsets.UTF_8));
    }

    private static String name(Path file) {
        return FileNames.composed(file.toString().replace('\\', '/'));
    }

    /** The class whose folder holds a file; a class's name may have slashes, as "T-shirt/top". */
    private static int label(Path file, List<String> classes) {
        int best = -1;
        for (int i = 0; i < classes.size(); i++) {
            boolean longer = best < 0 || classes.get(i).length() > classes.get(best).length();
            if (longer && name(file).startsWith(FileNames.composed(classes.get(i)) + "/")) {
                best = i;
            }
        }
        return best;
    }

    /** Leaves out copies of the images to calibrate with, whatever their names. */
    private static List<Image> others(List<Image> calibration, List<Image> candidates)
            throws IOException {
        Set<String> seen = new HashSet<>();
        for (Image image : calibration) {
            seen.add(Checksums.sha256(image.file()));
        }
        List<Image> others = new ArrayList<>();
        for (Image image : candidates) {
            if (others.size() == CHECK) {
                break;
            }
            if (!seen.contains(Checksums.sha256(image.file()))) {
                others.add(image);
            }
        }
        return others;
    }

    private static void requireAllOrNone(List<Image> images, Path folder) throws IOException {
        long labeled = images.stream().filter(image -> image.label() >= 0).count();
        if (labeled > 0 && labeled < images.size()) {
            Image stray = images.stream().filter(image -> image.label() < 0).findFirst().get();
            throw new IOException(
                    "'%s' lies in no folder that is named after a class of the net, though other images of %s do; move it into one or remove it."
                            .formatted(stray.file(), folder));
        }
    }
}
