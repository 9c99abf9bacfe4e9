package org.mobilenetv3.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Finds the files of a folder of images by class. Folders within a class folder belong to it;
 * hidden files and folders do not, and links to folders are followed for a class folder itself
 * only, so that no loop is walked.
 */
final class ImageFiles {
    private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    /** Images, too, but not for Java. */
    private static final Set<String> FOREIGN =
            Set.of("webp", "heic", "heif", "avif", "jxl", "jp2", "tif", "tiff");

    private ImageFiles() {}

    /** An image file, the folder of its class, and that class. */
    record Labelled(Path file, Path folder, int label) {}

    /** Whether a directory has folders. */
    static boolean hasFolders(Path directory) throws IOException {
        return Files.isDirectory(directory) && !folders(directory).isEmpty();
    }

    /** The folders in a directory that are not hidden, by name. */
    static List<Path> folders(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory)
                    .filter(folder -> !isHidden(folder.getFileName()))
                    .sorted(Comparator.comparing(folder -> folder.getFileName().toString()))
                    .toList();
        }
    }

    /** The images in a class folder and the folders in it, by name. */
    static List<Path> images(Path folder) throws IOException {
        return files(folder, EXTENSIONS);
    }

    /** The images there that Java cannot read. */
    static List<Path> foreign(Path folder) throws IOException {
        return files(folder, FOREIGN);
    }

    private static List<Path> files(Path folder, Set<String> extensions) throws IOException {
        Path real = folder.toRealPath(); // the walk would stop at a link
        try (Stream<Path> all = Files.walk(real)) {
            return all.filter(file -> extensions.contains(extension(file)))
                    .map(real::relativize)
                    .filter(
                            file ->
                                    StreamSupport.stream(file.spliterator(), false)
                                            .noneMatch(ImageFiles::isHidden))
                    .map(folder::resolve)
                    .filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Names of the class folders, at least two. */
    static List<String> classes(Path root) throws IOException {
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

    /**
     * Lists the images of every class folder.
     *
     * @param root holds the class folders
     * @param classes names by label
     * @throws IOException in one sentence, if a folder is of no class or holds no image
     */
    static List<Labelled> list(Path root, List<String> classes) throws IOException {
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
            images.forEach(image -> files.add(new Labelled(image, folder, label)));
        }
        if (files.isEmpty()) {
            throw new IOException("'" + root + "' has no class folder; add them or remove it.");
        }
        return files;
    }

    private static boolean isHidden(Path name) {
        return name.toString().startsWith(".");
    }

    /** The end of a file's name, in small letters. */
    static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
