package org.mobilenetv3.segmentation;

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
