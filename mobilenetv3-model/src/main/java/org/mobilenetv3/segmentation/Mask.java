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
     * Returns the class of one pixel.
     *
     * @param y row, from the top
     * @param x column, from the left
     * @return the class's index, or {@link #IGNORED}
     */
    public int at(int y, int x) {
        return classes[y * width + x] & 0xff;
    }

    /**
     * Returns the class of each pixel with the largest logit. The logits are resized first:
     * bilinearly, corners not aligned, without antialias, as PyTorch's {@code F.interpolate} does.
     *
     * @param logits {@code (classes, height, width)}, flat; at most 255 classes
     * @param height of the logits
     * @param width of the logits
     * @param newHeight of the mask
     * @param newWidth of the mask
     * @return the mask; where logits are equal, the first class
     */
    public static Mask ofLogits(
            float[] logits, int height, int width, int newHeight, int newWidth) {
        int plane = height * width;
        int count = logits.length / plane;
        byte[] classes = new byte[Math.multiplyExact(newHeight, newWidth)];
        Taps rows = Taps.of(height, newHeight);
        Taps columns = Taps.of(width, newWidth);
        float[] row = new float[width];
        float[] best = new float[newWidth];
        for (int y = 0; y < newHeight; y++) {
            Arrays.fill(best, Float.NEGATIVE_INFINITY);
            for (int c = 0; c < count; c++) {
                int upper = c * plane + rows.first[y] * width;
                int lower = c * plane + rows.second(y) * width;
                for (int x = 0; x < width; x++) {
                    row[x] = mix(logits[upper + x], logits[lower + x], rows.share[y]);
                }
                for (int x = 0; x < newWidth; x++) {
                    float value =
                            mix(row[columns.first[x]], row[columns.second(x)], columns.share[x]);
                    if (value > best[x]) {
                        best[x] = value;
                        classes[y * newWidth + x] = (byte) c;
                    }
                }
            }
        }
        return new Mask(classes, newHeight, newWidth);
    }

    private static float mix(float first, float second, float share) {
        return (1 - share) * first + share * second;
    }

    /** Where along an axis a new pixel lies: the old one before it, and the next one's share. */
    @SuppressWarnings("ArrayRecordComponent") // two columns of numbers
    private record Taps(int[] first, float[] share, int size) {

        static Taps of(int size, int newSize) {
            int[] first = new int[newSize];
            float[] share = new float[newSize];
            float scale = (float) size / newSize;
            for (int i = 0; i < newSize; i++) {
                float place = Math.max(0, scale * (i + 0.5f) - 0.5f);
                first[i] = Math.min((int) place, size - 1);
                share[i] = Math.min(1, Math.max(0, place - first[i]));
            }
            return new Taps(first, share, size);
        }

        int second(int i) {
            return Math.min(first[i] + 1, size - 1);
        }
    }

    /**
     * Returns how many pixels each class has.
     *
     * @param count of classes
     * @return by class; pixels of no class count nowhere
     */
    public long[] areas(int count) {
        long[] areas = new long[count];
        for (byte one : classes) {
            int index = one & 0xff;
            if (index < count) {
                areas[index]++;
            }
        }
        return areas;
    }
}
