package org.mobilenetv3.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mobilenetv3.io.FileNames;

/**
 * Finds image files in a folder. Folders within it belong to it; hidden files and folders and those
 * of systems do not, and links to folders are followed for the folder itself only, so that no loop
 * is walked.
 */
public final class ImageFiles {

    /** Ends of the names of files that Java reads. */
    public static final Set<String> EXTENSIONS =
            Set.of("png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp", "bmp", "dib", "gif");

    /** Images, too, but seldom for Java: only if the content is another one's. */
    public static final Set<String> FOREIGN =
            Set.of("webp", "heic", "heif", "avif", "jxl", "jp2", "tif", "tiff");

    private ImageFiles() {}

    /**
     * Returns whether a directory has folders.
     *
     * @param directory any path
     * @return whether it is a directory with a folder that is not hidden
     * @throws IOException if it cannot be read
     */
    public static boolean hasFolders(Path directory) throws IOException {
        return Files.isDirectory(directory) && !folders(directory).isEmpty();
    }

    /**
     * Lists the folders in a directory that are not hidden.
     *
     * @param directory a directory
     * @return in the order of their names
     * @throws IOException if it cannot be read
     */
    public static List<Path> folders(Path directory) throws IOException {
        return entries(directory, Files::isDirectory);
    }

    /**
     * Lists the images in a directory, without those of the folders in it.
     *
     * @param directory a directory
     * @return in the order of their names
     * @throws IOException if it cannot be read
     */
    public static List<Path> stray(Path directory) throws IOException {
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

    /**
     * Lists the images in a folder and the folders in it.
     *
     * @param folder a directory or a link to one
     * @return in the order of their names
     * @throws IOException if it cannot be read
     */
    public static List<Path> images(Path folder) throws IOException {
        return files(folder, ImageFiles::isImage);
    }

    /**
     * Lists the files in a folder and the folders in it that are taken for no images.
     *
     * @param folder a directory or a link to one
     * @return in the order of their names
     * @throws IOException if it cannot be read
     */
    public static List<Path> others(Path folder) throws IOException {
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
}
