package org.mobilenetv3.train.data.annotation.outline;

import java.nio.ByteBuffer;
import java.util.zip.Checksum;

/** COCO's run lengths: how many pixels are outside, then inside, and so on, column by column. */
public final class Runs implements Outline {
    private static final int FIRST_LETTER = 48;
    private static final int LETTERS = 64;
    private static final int MOST_LETTERS = 7;

    private final int height;
    private final int width;
    private final byte[] packed;
    private final int size;

    private Runs(int height, int width, PackedInts counts) {
        this.height = height;
        this.width = width;
        packed = counts.packed();
        size = counts.size();
    }

    /**
     * Makes an outline of plain counts.
     *
     * @param height of the image
     * @param width of the image
     * @param counts whole numbers
     * @return {@link #BROKEN} if they do not add up to the pixels of that size
     */
    public static Outline of(int height, int width, double[] counts) {
        PackedInts whole = new PackedInts();
        long sum = 0;
        for (double count : counts) {
            if (!(count >= 0 && count <= Integer.MAX_VALUE) || count != Math.rint(count)) {
                return BROKEN;
            }
            whole.add((int) count);
            sum += (long) count;
        }
        return isSize(height, width) && sum == (long) height * width
                ? new Runs(height, width, whole)
                : BROKEN;
    }

    /**
     * Makes an outline of counts written as a text, as pycocotools' {@code encode} does
     * (rleFrString of COCO's maskApi.c).
     *
     * @param height of the image
     * @param width of the image
     * @param text as written
     * @return {@link #BROKEN} if it is no such text, or if the counts do not add up
     */
    public static Outline of(int height, int width, String text) {
        PackedInts counts = new PackedInts();
        long[] before = new long[3]; // the last counts
        long sum = 0;
        int at = 0;
        while (at < text.length()) {
            long value = 0;
            int letter;
            int length = 0;
            do {
                letter = at < text.length() ? text.charAt(at++) - FIRST_LETTER : -1;
                if (letter < 0 || letter >= LETTERS || length == MOST_LETTERS) {
                    return BROKEN;
                }
                value |= (letter & 0x1FL) << (5 * length++);
            } while ((letter & 0x20) != 0);
            if ((letter & 0x10) != 0) {
                value |= -1L << (5 * length);
            }
            if (counts.size() > 2) {
                value += before[1];
            }
            sum += value;
            if (value < 0 || sum > Integer.MAX_VALUE) {
                return BROKEN;
            }
            counts.add((int) value);
            before[1] = before[0];
            before[0] = value;
        }
        return isSize(height, width) && sum == (long) height * width
                ? new Runs(height, width, counts)
                : BROKEN;
    }

    private static boolean isSize(int height, int width) {
        return height > 0 && width > 0;
    }

    @Override
    public boolean fits(int imageHeight, int imageWidth) {
        return height == imageHeight && width == imageWidth;
    }

    @Override
    public void paint(byte[] pixels, int imageHeight, int imageWidth, byte value) {
        int at = 0;
        int[] counts = PackedInts.unpack(packed, size);
        for (int i = 0; i < counts.length; i++) {
            if (i % 2 == 1) {
                fill(pixels, height, width, at, at + counts[i], value);
            }
            at += counts[i];
        }
    }

    /**
     * Fills pixels that follow each other column by column.
     *
     * @param pixels row by row
     * @param from the first, counted column by column
     * @param to behind the last
     */
    static void fill(byte[] pixels, int height, int width, int from, int to, byte value) {
        int x = from / height;
        int y = from % height;
        for (int i = from; i < to; i++) {
            pixels[y * width + x] = value;
            if (++y == height) {
                y = 0;
                x++;
            }
        }
    }

    @Override
    public void update(Checksum sum) {
        sum.update(ByteBuffer.allocate(12).putInt(height).putInt(width).putInt(size).flip());
        sum.update(packed);
    }
}
