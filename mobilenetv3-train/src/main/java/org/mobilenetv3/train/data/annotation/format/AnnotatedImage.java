package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An image and what was annotated in it, not yet compared with the file.
 *
 * @param name for people and checksums: the file's path below the data's folder, with slashes
 * @param file the image, which exists
 * @param height of the image that was annotated, 0 if unknown
 * @param width of the image that was annotated, 0 if unknown
 * @param objects in the order of the annotations
 * @param mask file of class indices; null if there is none
 */
public record AnnotatedImage(
        String name, Path file, int height, int width, Objects objects, Path mask) {

    /** Nothing, as beside masks. */
    public static final Objects NONE = (height, width) -> List.of();

    /** Objects, perhaps read only when the image's size is known. */
    @FunctionalInterface
    public interface Objects {
        /**
         * Returns the objects.
         *
         * @param height of the image, upright
         * @param width of the image, upright
         * @return in the order of the annotations
         * @throws IOException in one sentence, if their file cannot be read
         */
        List<AnnotatedObject> in(int height, int width) throws IOException;
    }
}
