package org.mobilenetv3.image;

import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.image.metadata.Orientation;

/**
 * Takes a picture row by row as it is decoded and keeps it once: planar, upright, and if memory is
 * short halved in size (once, twice and so on), each sample the mean of a square.
 */
final class Canvas {
    private final int channels;
    private final int width;
    private final int height;
    private final int factor;
    private final int smallWidth;
    private final int outHeight;
    private final int outWidth;
    private final int origin;
    private final int alongRow;
    private final int alongColumn;
    private final byte[] data;
    private final int[] sums;
    private final byte[] means;
    private int last = -1;

    /**
     * Prepares.
     *
     * @param channels 1 or 3
     * @param height of the picture as stored
     * @param width of the picture as stored
     * @param orientation as in Exif, 1 to 8
     * @param factor by which both sides become smaller
     */
    Canvas(int channels, int height, int width, int orientation, int factor) {
        this.channels = channels;
        this.width = width;
        this.height = height;
        this.factor = factor;
        this.smallWidth = ceil(width, factor);
        int smallHeight = ceil(height, factor);
        boolean turned = Orientation.turns(orientation);
        this.outHeight = turned ? smallWidth : smallHeight;
        this.outWidth = turned ? smallHeight : smallWidth;
        boolean right = Orientation.fromRight(orientation);
        boolean bottom = Orientation.fromBottom(orientation);
        int column = turned ? outWidth : 1;
        int row = turned ? 1 : outWidth;
        this.origin =
                (right ? (smallWidth - 1) * column : 0) + (bottom ? (smallHeight - 1) * row : 0);
        this.alongRow = right ? -column : column;
        this.alongColumn = bottom ? -row : row;
        this.data = new byte[Math.multiplyExact(channels, Math.multiplyExact(outHeight, outWidth))];
        this.sums = new int[factor == 1 ? 0 : channels * smallWidth];
        this.means = new byte[sums.length];
    }

    /** Samples that a picture takes. */
    static long bytes(int channels, int height, int width, int factor) {
        return (long) channels * ceil(height, factor) * ceil(width, factor);
    }

    private static int ceil(int length, int factor) {
        return (length + factor - 1) / factor;
    }

    /**
     * Takes a row; all rows in their order, or again from the first (progressive JPEGs come in ever
     * better passes).
     *
     * @param y counts from the top
     * @param row its samples, pixel after pixel
     * @param bands samples of a pixel; those beyond the canvas' channels are dropped
     */
    void add(int y, byte[] row, int bands) {
        last = y;
        if (factor == 1) {
            put(y, row, bands);
            return;
        }
        for (int c = 0; c < channels; c++) {
            int from = c * smallWidth;
            for (int x = 0, cell = 0; x < width; cell++) {
                int end = Math.min(width, x + factor);
                int sum = 0;
                for (; x < end; x++) {
                    sum += row[x * bands + c] & 0xFF;
                }
                sums[from + cell] += sum;
            }
        }
        if ((y + 1) % factor == 0 || y + 1 == height) {
            putMeans(y / factor, y % factor + 1);
        }
    }

    /**
     * Takes a row of a picture with a palette.
     *
     * @param y counts from the top
     * @param indices entries of the palette
     * @param colors the entries, plane after plane
     */
    void add(int y, int[] indices, byte[][] colors) {
        if (factor > 1) {
            byte[] row = new byte[channels * width];
            for (int i = 0; i < row.length; i++) {
                row[i] = colors[i % channels][indices[i / channels]];
            }
            add(y, row, channels);
            return;
        }
        last = y;
        for (int c = 0; c < channels; c++) {
            byte[] plane = colors[c];
            int to = c * outHeight * outWidth + origin + y * alongColumn;
            for (int x = 0; x < width; x++, to += alongRow) {
                data[to] = plane[indices[x]];
            }
        }
    }

    private void putMeans(int y, int summed) {
        for (int x = 0; x < smallWidth; x++) {
            int count = summed * Math.min(factor, width - x * factor);
            for (int c = 0; c < channels; c++) {
                int sum = sums[c * smallWidth + x];
                means[x * channels + c] = (byte) ((sum + count / 2) / count);
            }
        }
        Arrays.fill(sums, 0);
        put(y, means, channels);
    }

    private void put(int y, byte[] row, int bands) {
        int plane = outHeight * outWidth;
        for (int c = 0; c < channels; c++) {
            int to = c * plane + origin + y * alongColumn;
            for (int x = 0, from = c; x < smallWidth; x++, from += bands, to += alongRow) {
                data[to] = row[from];
            }
        }
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    int channels() {
        return channels;
    }

    /**
     * The picture.
     *
     * @throws IllegalStateException if rows are missing
     */
    Pixels pixels() {
        if (last != height - 1) {
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT, "only %d of its %d rows can be read", last + 1, height));
        }
        return new Pixels(data, channels, outHeight, outWidth);
    }
}
