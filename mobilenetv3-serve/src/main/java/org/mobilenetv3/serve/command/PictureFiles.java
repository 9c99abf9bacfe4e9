package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Where pictures made of images are written: {@code IMAGE-ENDING.png}. */
final class PictureFiles {

    /** Where to write, or null for beside each image. */
    private final Path directory;

    private PictureFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * Checks that no file would be written over an image or another's picture.
     *
     * @param directory to write to, made if it is not there; or null for beside each image
     * @param endings of the pictures' names, for instance {@code -mask.png}
     * @param images the image files
     * @return the names
     * @throws IOException if the directory is a file or cannot be made
     * @throws IllegalArgumentException if two images have one name, or one is called as a picture
     */
    static PictureFiles of(Path directory, List<String> endings, List<Path> images)
            throws IOException {
        PictureFiles files = new PictureFiles(directory);
        Set<Path> read = images.stream().map(PictureFiles::absolute).collect(Collectors.toSet());
        Map<Path, Path> writers = new HashMap<>();
        for (Path image : images) {
            for (String ending : endings) {
                Path target = files.named(image, ending);
                if (read.contains(absolute(target))) {
                    throw new IllegalArgumentException(
                            "%s would be written over: it is one of the images; give --out another directory."
                                    .formatted(target));
                }
                Path other = writers.put(absolute(target), image);
                if (other != null) {
                    throw new IllegalArgumentException(
                            "%s and %s would both be written to %s; give them one after the other with two directories as --out."
                                    .formatted(other, image, target));
                }
            }
        }
        if (directory != null) {
            if (Files.exists(directory) && !Files.isDirectory(directory)) {
                throw new IOException(
                        "--out is %s, which is a file; give a directory.".formatted(directory));
            }
            Files.createDirectories(directory);
        }
        return files;
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Returns a picture's place. */
    Path named(Path image, String ending) {
        String name = image.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String file = (dot > 0 ? name.substring(0, dot) : name) + ending;
        return directory == null ? image.resolveSibling(file) : directory.resolve(file);
    }
}
