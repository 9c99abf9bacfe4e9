package org.mobilenetv3.train.data.imagenet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.train.data.LabeledFile;

/**
 * The validation images of ImageNet-1k, or some of them: in a folder for each synset, or in one
 * folder with a list of labels.
 *
 * @param root the folder of the images or of the synsets' folders
 * @param images in the order of their names
 */
public record ValidationImages(Path root, List<LabeledFile> images) {

    /** How many classes there are. */
    public static final int CLASSES = 1000;

    /** How many images the whole set has. */
    public static final int WHOLE = 50_000;

    /** Where the images may lie: as torchvision, timm, image-net.org and Kaggle have them. */
    private static final List<String> PLACES =
            List.of("", "val", "ILSVRC2012_img_val", "Data/CLS-LOC/val", "ILSVRC/Data/CLS-LOC/val");

    private static final int NAMED = 3;

    /** Copies the list. */
    public ValidationImages {
        images = List.copyOf(images);
    }

    /**
     * Finds the images.
     *
     * @param directory the folder of images, or one above it
     * @param labels a list of labels, or null to look for one where there are no synsets' folders
     * @return the images
     * @throws IOException in one sentence, if there are none or their classes are not known
     */
    public static ValidationImages find(Path directory, Path labels) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(
                    "'%s' is no directory; give the one of ImageNet's validation images."
                            .formatted(directory));
        }
        for (String place : PLACES) {
            Path root = directory.resolve(place);
            if (!Files.isDirectory(root)) {
                continue;
            }
            List<Path> folders = ImageFiles.folders(root);
            if (folders.stream().anyMatch(folder -> Synsets.isForm(name(folder)))) {
                return new ValidationImages(root, ofFolders(root, folders, labels));
            }
            List<Path> images = ImageFiles.stray(root);
            if (!images.isEmpty()) {
                LabelList list =
                        LabelList.read(labels == null ? listBeside(root, directory) : labels);
                return new ValidationImages(root, list.label(images));
            }
        }
        throw new IOException(
                "'%s' holds neither folders of synsets (n01440764 ...) nor images (ILSVRC2012_val_00000001.JPEG ...), nor do %s in it."
                        .formatted(
                                directory,
                                PLACES.stream().skip(1).collect(Collectors.joining(", "))));
    }

    private static Path listBeside(Path root, Path directory) throws IOException {
        return LabelList.find(
                Stream.of(root, root.toAbsolutePath().normalize().getParent(), directory)
                        .filter(Objects::nonNull)
                        .map(folder -> folder.toAbsolutePath().normalize())
                        .toList());
    }

    private static List<LabeledFile> ofFolders(Path root, List<Path> folders, Path labels)
            throws IOException {
        if (labels != null) {
            throw new IllegalArgumentException(
                    "The folders in '%s' say what the images are; leave out --labels."
                            .formatted(root));
        }
        List<String> strangers =
                folders.stream()
                        .map(ValidationImages::name)
                        .filter(name -> Synsets.index(name).isEmpty())
                        .toList();
        if (!strangers.isEmpty()) {
            throw new IOException(
                    "'%s' holds %s, which %s of ImageNet-1k; move %s away."
                            .formatted(
                                    root,
                                    some(strangers),
                                    strangers.size() > 1 ? "are no synsets" : "is no synset",
                                    strangers.size() > 1 ? "them" : "it"));
        }
        List<Path> stray = ImageFiles.stray(root);
        if (!stray.isEmpty()) {
            throw new IOException(
                    "'%s' lies beside the folders of synsets; move all images into folders."
                            .formatted(stray.get(0)));
        }
        List<LabeledFile> images = new ArrayList<>();
        for (Path folder : folders) {
            OptionalInt label = Synsets.index(name(folder));
            for (Path image : ImageFiles.images(folder)) {
                images.add(new LabeledFile(image, label.getAsInt()));
            }
        }
        if (images.isEmpty()) {
            throw new IOException("The folders in '%s' hold no images.".formatted(root));
        }
        return images;
    }

    private static String some(List<String> names) {
        String first =
                names.stream()
                        .limit(NAMED)
                        .map("'%s'"::formatted)
                        .collect(Collectors.joining(", "));
        return names.size() <= NAMED
                ? first
                : String.format(Locale.ROOT, "%s and %,d more", first, names.size() - NAMED);
    }

    private static String name(Path folder) {
        return folder.getFileName().toString();
    }

    /**
     * Returns an image's name.
     *
     * @param index of the image
     * @return its path from the root, with slashes
     */
    public String name(int index) {
        return root.relativize(images.get(index).file()).toString().replace('\\', '/');
    }

    /** Returns how many classes have images. */
    public long classes() {
        return images.stream().mapToInt(LabeledFile::label).distinct().count();
    }

    /**
     * Returns a checksum of which images these are.
     *
     * @return SHA-256 of their names, labels and sizes, in hexadecimal
     * @throws IOException if a file's size cannot be had
     */
    public String checksum() throws IOException {
        MessageDigest digest = Checksums.digest("SHA-256");
        for (int i = 0; i < images.size(); i++) {
            LabeledFile image = images.get(i);
            String line =
                    String.format(
                            Locale.ROOT,
                            "%s\t%d\t%d\n",
                            name(i),
                            image.label(),
                            Files.size(image.file()));
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
