package org.mobilenetv3.image;

import java.util.Arrays;

/**
 * Pillow's {@code resize} with {@code BILINEAR} or {@code BICUBIC} on 8-bit images: a filter,
 * widened when the image shrinks, applied along rows and then columns in 22-bit fixed point with an
 * 8-bit result in between (src/libImaging/Resample.c).
 */
final class Resampler {
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private Resampler() {}

    /**
     * The part that is kept of a resized image.
     *
     * @param height of the whole resized image
     * @param width of the whole resized image
     * @param top where the part begins
     * @param left where the part begins
     * @param rows height of the part
     * @param columns width of the part
     */
    record Window(int height, int width, int top, int left, int rows, int columns) {

        static Window whole(int height, int width) {
            return new Window(height, width, 0, 0, height, width);
        }
    }

    static Pixels resize(Pixels image, Interpolation interpolation, Window window) {
        boolean cubic = interpolation == Interpolation.BICUBIC;
        Filter down =
                Filter.of(cubic, image.height(), window.height(), window.top(), window.rows());
        Pixels out = image;
        int first = 0;
        if (window.width() != image.width() || window.columns() != window.width()) {
            first = down.starts[0];
            int rows = down.end() - first;
            Filter across =
                    Filter.of(
                            cubic, image.width(), window.width(), window.left(), window.columns());
            out = alongRows(image, first, rows, across);
        }
        return window.height() != image.height() || window.rows() != window.height()
                ? alongColumns(out, first, down)
                : out;
    }

    private static Pixels alongRows(Pixels in, int first, int rows, Filter filter) {
        int width = filter.starts.length;
        byte[] source = in.data();
        byte[] out = new byte[Math.multiplyExact(in.channels() * rows, width)];
        int to = 0;
        for (int c = 0; c < in.channels(); c++) {
            for (int row = c * in.height() + first; row < c * in.height() + first + rows; row++) {
                for (int x = 0; x < width; x++) {
                    int[] weights = filter.weights[x];
                    int at = row * in.width() + filter.starts[x];
                    int sum = 1 << (PRECISION_BITS - 1);
                    for (int weight : weights) {
                        sum += (source[at++] & 0xFF) * weight;
                    }
                    out[to++] = clip(sum);
                }
            }
        }
        return new Pixels(out, in.channels(), rows, width);
    }

    /** Row 0 of the input is row {@code first} of what the filter was made for. */
    private static Pixels alongColumns(Pixels in, int first, Filter filter) {
        int height = filter.starts.length;
        int width = in.width();
        byte[] source = in.data();
        byte[] out = new byte[Math.multiplyExact(in.channels() * height, width)];
        int[] sums = new int[width];
        for (int c = 0; c < in.channels(); c++) {
            for (int y = 0; y < height; y++) {
                Arrays.fill(sums, 1 << (PRECISION_BITS - 1));
                int at = (c * in.height() + filter.starts[y] - first) * width;
                for (int weight : filter.weights[y]) {
                    for (int x = 0; x < width; x++) {
                        sums[x] += (source[at++] & 0xFF) * weight;
                    }
                }
                for (int x = 0; x < width; x++) {
                    out[(c * height + y) * width + x] = clip(sums[x]);
                }
            }
        }
        return new Pixels(out, in.channels(), height, width);
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }

    /**
     * For each output position, the first input position and the fixed-point weights from there.
     */
    @SuppressWarnings("ArrayRecordComponent") // private, never compared
    private record Filter(int[] starts, int[][] weights) {
        /** For {@code count} of the output's positions. */
        static Filter of(boolean cubic, int inSize, int outSize, int from, int count) {
            double scale = (double) inSize / outSize;
            double stretch = Math.max(1.0, scale);
            double support = (cubic ? 2.0 : 1.0) * stretch;
            int[] starts = new int[count];
            int[][] weights = new int[count][];
            for (int i = 0; i < count; i++) {
                double center = (from + i + 0.5) * scale;
                int start = Math.max(0, (int) (center - support + 0.5));
                int end = Math.min(inSize, (int) (center + support + 0.5));
                starts[i] = start;
                weights[i] = weights(cubic, start, end, center, 1.0 / stretch);
            }
            return new Filter(starts, weights);
        }

        /** The input position behind the last that is read. */
        int end() {
            int last = starts.length - 1;
            return starts[last] + weights[last].length;
        }

        private static int[] weights(
                boolean cubic, int start, int end, double center, double perPixel) {
            double[] exact = new double[end - start];
            double total = 0;
            for (int i = 0; i < exact.length; i++) {
                double distance = Math.abs((i + start - center + 0.5) * perPixel);
                exact[i] = cubic ? cubic(distance) : Math.max(0.0, 1.0 - distance);
                total += exact[i];
            }
            int[] fixed = new int[exact.length];
            for (int i = 0; i < fixed.length; i++) {
                double weight = total == 0.0 ? exact[i] : exact[i] / total;
                fixed[i] = (int) ((weight < 0 ? -0.5 : 0.5) + weight * (1 << PRECISION_BITS));
            }
            return fixed;
        }

        /** Keys' convolution with a = -0.5; its terms in Pillow's order, for the same rounding. */
        private static double cubic(double x) {
            if (x < 1.0) {
                return (1.5 * x - 2.5) * x * x + 1;
            }
            return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0.0;
        }
    }
}
