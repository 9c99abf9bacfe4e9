package org.mobilenetv3.segmentation;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much of an image is of a class.
 *
 * @param className its name
 * @param index its value in the mask
 * @param share of the image's pixels, above 0 and at most 1
 */
public record Area(String className, int index, double share) {

    /**
     * Measures the classes of a mask.
     *
     * @param mask of an image
     * @param classes names by index
     * @return of the classes that are in it, the largest first
     */
    public static List<Area> of(Mask mask, List<String> classes) {
        long[] pixels = mask.areas(classes.size());
        double all = mask.classes().length;
        return IntStream.range(0, pixels.length)
                .filter(i -> pixels[i] > 0)
                .mapToObj(i -> new Area(classes.get(i), i, pixels[i] / all))
                .sorted(Comparator.comparingDouble(Area::share).reversed())
                .toList();
    }
}
