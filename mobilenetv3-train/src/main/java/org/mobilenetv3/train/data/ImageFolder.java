package org.mobilenetv3.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.zoo.Fit;

/**
 * Reads a folder of images by class: {@code root/CLASS/*.png} (jpg, jpeg, bmp, gif), or the same
 * under {@code root/train}, {@code root/val} (or valid, validation) and {@code root/test}. A part
 * that is missing is carved out of the training images. Grey if every image is, otherwise RGB.
 */
public final class ImageFolder {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "bmp", "gif");
    private static final List<String> VALIDATION_NAMES = List.of("val", "valid", "validation");

    private ImageFolder() {}

    /** Whether a directory has class folders with images, itself or under {@code train}. */
    public static boolean isAt(Path root) {
        try {
            Path train = root.resolve("train");
            for (Path folder : folders(hasClasses(train) ? train : root)) {
                if (!images(folder).isEmpty()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads the images and brings them to one size, as in prediction.
     *
     * @param fit how, or null: all images have one size
     * @param seed chooses the validation images; carved test images are the same for every seed
     * @throws IOException in one sentence, if there are not two classes, a class is empty, a file
     *     cannot be decoded or, without {@code fit}, sizes differ
     */
    public static Splits read(Path root, Fit fit, long seed) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    "'" + root + "' is no directory; give one with a folder of images per class.");
        }
        boolean split = hasClasses(root.resolve("train"));
        Path trainRoot = split ? root.resolve("train") : root;
        Path validationRoot = split ? validationFolder(root) : null;
        Path testRoot =
                split && Files.isDirectory(root.resolve("test")) ? root.resolve("test") : null;
        List<String> classes = classes(trainRoot);
        List<Labelled> files = list(trainRoot, classes);
        Fitting fitting = new Fitting(fit, files.get(0).file());
        Part train = decode(files, fitting);
        Part validation = decode(list(validationRoot, classes), fitting);
        Part test = decode(list(testRoot, classes), fitting);
        List<Part> parts = Stream.of(train, validation, test).filter(Objects::nonNull).toList();
        boolean grey = parts.stream().allMatch(Part::isGrey);
        return splits(classes, grey ? 1 : 3, train, validation, test, seed);
    }

    private static Splits splits(
            List<String> classes, int channels, Part train, Part validation, Part test, long seed) {
        ImageSet trainSet = train.toSet(classes, channels);
        if (validation == null && test == null) {
            return Splits.carveTestAndValidation(trainSet, seed);
        }
        if (validation == null) {
            return Splits.carveValidation(trainSet, test.toSet(classes, channels), seed);
        }
        ImageSet validationSet = validation.toSet(classes, channels);
        return test == null
                ? Splits.carveTest(trainSet, validationSet)
                : new Splits(trainSet, validationSet, test.toSet(classes, channels));
    }

    private static List<String> classes(Path root) throws IOException {
        List<String> names = folders(root).stream().map(f -> f.getFileName().toString()).toList();
        if (names.size() < 2) {
            throw new IOException(
                    "'%s' has %s; give at least two folders, one per class."
                            .formatted(
                                    root,
                                    names.isEmpty()
                                            ? "no class folder"
                                            : "only the class folder " + names));
        }
        return names;
    }

    private record Labelled(Path file, int label) {}

    private static List<Labelled> list(Path root, List<String> classes) throws IOException {
        if (root == null) {
            return null;
        }
        List<Labelled> files = new ArrayList<>();
        for (Path folder : folders(root)) {
            int label = classes.indexOf(folder.getFileName().toString());
            if (label < 0) {
                throw new IOException(
                        "'%s' is no class of the training images; remove it or add it to train."
                                .formatted(folder));
            }
            List<Path> images = images(folder);
            if (images.isEmpty()) {
                throw new IOException(
                        "The class folder '%s' holds no image (%s); add some or remove it."
                                .formatted(
                                        folder,
                                        String.join(", ", EXTENSIONS.stream().sorted().toList())));
            }
            images.forEach(image -> files.add(new Labelled(image, label)));
        }
        if (files.isEmpty()) {
            throw new IOException("'" + root + "' has no class folder; add them or remove it.");
        }
        return files;
    }

    private record Part(List<Labelled> files, List<Pixels> images) {
        boolean isGrey() {
            return images.stream().allMatch(image -> image.channels() == 1);
        }

        ImageSet toSet(List<String> classes, int channels) {
            byte[][] data =
                    images.stream().map(i -> i.toChannels(channels).data()).toArray(byte[][]::new);
            int[] labels = files.stream().mapToInt(Labelled::label).toArray();
            Pixels first = images.get(0);
            return new ImageSet(
                    "folder", classes, channels, first.height(), first.width(), data, labels);
        }
    }

    private static Part decode(List<Labelled> files, Fitting fitting) throws IOException {
        if (files == null) {
            return null;
        }
        fitting.requireMemoryFor(files.size());
        try {
            List<Pixels> images =
                    IntStream.range(0, files.size())
                            .parallel()
                            .mapToObj(i -> fitting.decode(files.get(i).file()))
                            .toList();
            return new Part(files, images);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** Brings images to one size, or requires that they have it. */
    private static final class Fitting {
        private final Fit fit;
        private final Path first;
        private final int height;
        private final int width;

        Fitting(Fit fit, Path first) throws IOException {
            this.fit = fit;
            this.first = first;
            Pixels image = Pixels.read(first);
            height = fit == null ? image.height() : fit.height();
            width = fit == null ? image.width() : fit.width();
        }

        void requireMemoryFor(int images) throws IOException {
            long bytes = 3L * height * width * images;
            if (bytes > Runtime.getRuntime().maxMemory() / 2) {
                throw new IOException(
                        "%,d images of %d x %d pixels take %,d MB, more than half of Java's memory; give a smaller --input-size or a larger -Xmx."
                                .formatted(images, height, width, bytes >> 20));
            }
        }

        Pixels decode(Path file) {
            try {
                Pixels image = Pixels.read(file);
                if (fit != null) {
                    return fit.apply(image);
                }
                if (image.height() != height || image.width() != width) {
                    throw new IOException(
                            "'%s' is %d x %d pixels and '%s' is %d x %d; give --input-size to make them alike."
                                    .formatted(
                                            first,
                                            height,
                                            width,
                                            file,
                                            image.height(),
                                            image.width()));
                }
                return image;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean hasClasses(Path directory) throws IOException {
        return Files.isDirectory(directory) && !folders(directory).isEmpty();
    }

    private static Path validationFolder(Path root) {
        return VALIDATION_NAMES.stream()
                .map(root::resolve)
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(null);
    }

    private static List<Path> folders(Path directory) throws IOException {
        return sorted(directory, Files::isDirectory);
    }

    private static List<Path> images(Path folder) throws IOException {
        return sorted(folder, file -> EXTENSIONS.contains(extension(file)));
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static List<Path> sorted(Path directory, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(wanted)
                    .sorted(
                            (a, b) ->
                                    a.getFileName()
                                            .toString()
                                            .compareTo(b.getFileName().toString()))
                    .toList();
        }
    }
}
