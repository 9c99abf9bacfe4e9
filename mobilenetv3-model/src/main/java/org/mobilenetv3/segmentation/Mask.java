package org.mobilenetv3.segmentation;

import java.util.Arrays;
import java.util.Locale;

/**
 * A class for each pixel of an image. The array is not copied: treat it as read-only.
 *
 * @param classes {@code height * width} class indices, unsigned, row by row
 * @param height in pixels
 * @param width in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // a plane of pixels, as in Pixels
public record Mask(byte[] classes, int height, int width) {

    /** Of a pixel that belongs to no class: it is neither learned nor scored. */
    public static final int IGNORED = 255;

    /**
     * Checks that the array has the size the other components say.
     *
     * @throws IllegalArgumentException if it has not
     */
    public Mask {
        if (height < 1 || width < 1 || classes.length != (long) height * width) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A mask of %d pixels cannot be %d high and %d wide.",
                            classes.length,
                            height,
                            width));
        }
    }

    /**
     * Takes the class with the largest logit at each pixel, the first of equals.
     *
     * @param logits {@code (N, classes, height, width)}
     * @param image which of the N, from 0
     * @param classes how many, 255 at most
     * @param height in pixels
     * @param width in pixels
     * @return the mask
     */
    public static Mask ofLogits(float[] logits, int image, int classes, int height, int width) {
        int pixels = height * width;
        int from = image * classes * pixels;
        byte[] best = new byte[pixels];
        float[] largest = Arrays.copyOfRange(logits, from, from + pixels);
        for (int c = 1; c < classes; c++) {
            int plane = from + c * pixels;
            for (int i = 0; i < pixels; i++) {
                if (logits[plane + i] > largest[i]) {
                    largest[i] = logits[plane + i];
                    best[i] = (byte) c;
                }
            }
        }
        return new Mask(best, height, width);
    }

    /**
     * Returns the class of one pixel.
     *
     * @param y row, from the top
     * @param x column, from the left
     * @return the class's index, or {@link #IGNORED}
     */
    public int at(int y, int x) {
        return classes[y * width + x] & 0xff;
    }
}
