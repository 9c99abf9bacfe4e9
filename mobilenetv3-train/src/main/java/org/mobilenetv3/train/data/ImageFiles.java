package org.mobilenetv3.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mobilenetv3.image.PictureKind;
import org.mobilenetv3.io.FileNames;

/**
 * Finds the files of a folder of images by class. Folders within a class folder belong to it;
 * hidden files and folders and those of systems do not, and links to folders are followed for a
 * class folder itself only, so that no loop is walked.
 */
final class ImageFiles {
    private static final Set<String> EXTENSIONS =
            Set.of("png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp", "bmp", "dib", "gif");

    /** Images, too, but seldom for Java: only if the content is another one's. */
    static final Set<String> FOREIGN =
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
        return entries(directory, Files::isDirectory);
    }

    /** The images in a directory, without those of the folders in it. */
    static List<Path> stray(Path directory) throws IOException {
        return entries(directory, file -> Files.isRegularFile(file) && isImage(file));
    }

    private static List<Path> entries(Path directory, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> !FileNames.isHidden(entry.getFileName()))
                    .filter(wanted)
                    .sorted(Comparator.comparing(entry -> entry.getFileName().toString()))
                    .toList();
        }
    }

    /** The images in a class folder and the folders in it, by name. */
    static List<Path> images(Path folder) throws IOException {
        return files(folder, ImageFiles::isImage);
    }

    /** The files there that are taken for none. */
    static List<Path> others(Path folder) throws IOException {
        return files(folder, file -> !isImage(file));
    }

    /** By its name; where that says nothing or another kind, by its content. */
    private static boolean isImage(Path file) {
        String extension = FileNames.extension(file);
        if (EXTENSIONS.contains(extension)) {
            return true;
        }
        return (extension.isEmpty() || FOREIGN.contains(extension))
                && PictureKind.of(file).filter(PictureKind::isCommon).isPresent();
    }

    private static List<Path> files(Path folder, Predicate<Path> wanted) throws IOException {
        Path real = folder.toRealPath(); // the walk would stop at a link
        try (Stream<Path> all = Files.walk(real)) {
            return all.filter(Files::isRegularFile)
                    .map(real::relativize)
                    .filter(file -> !FileNames.isHidden(file))
                    .map(folder::resolve)
                    .filter(wanted)
                    .sorted(
                            Comparator.comparing(Path::toString)
                                    .thenComparing(Comparator.naturalOrder()))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Names of the class folders, at least two. */
    static List<String> classes(Path root) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path folder : folders(root)) {
            String name = FileNames.asClass(folder);
            if (names.contains(name)) {
                throw new IOException(
                        "Two folders in '%s' have the name '%s', written with other letters of Unicode; put their images into one."
                                .formatted(root, name));
            }
            names.add(name);
        }
        Collections.sort(names);
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
     * @param classes names by label, and what to say of others
     * @throws IOException in one sentence, if a folder is of no class or holds no image
     */
    static List<Labelled> list(Path root, KnownClasses classes) throws IOException {
        List<Labelled> files = new ArrayList<>();
        for (Path folder : folders(root)) {
            int label = classes.label(folder);
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
}
