package org.mobilenetv3.detection;

import java.util.List;

/**
 * An object in an image, by its name.
 *
 * @param className the name of its class
 * @param index its class, from 0
 * @param score its probability
 * @param box in pixels of the image
 */
public record FoundObject(String className, int index, double score, Box box) {

    /**
     * Names what was found.
     *
     * @param found the likeliest first
     * @param classes names by index
     * @param threshold the least score of an object
     * @return those of at least that score, in their order
     */
    public static List<FoundObject> of(
            List<Detection> found, List<String> classes, double threshold) {
        return found.stream()
                .filter(one -> one.score() >= threshold)
                .map(
                        one ->
                                new FoundObject(
                                        classes.get(one.label()),
                                        one.label(),
                                        one.score(),
                                        one.box()))
                .toList();
    }
}
