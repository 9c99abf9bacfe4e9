package org.mobilenetv3.image;

import org.mobilenetv3.image.Resampler.Window;

/**
 * OpenCV's {@code cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)} on 8-bit images: the two
 * nearest pixels each way, whatever the scale, with weights of 11 bits and 16-bit products in
 * between (modules/imgproc/src/resize.cpp). The positions are computed in {@code float}.
 */
final class OpenCvResampler {
    private static final int ONE = 1 << 11;

    private OpenCvResampler() {}

    static Pixels resize(Pixels image, Window window) {
        if (image.height() == 2 * window.height() && image.width() == 2 * window.width()) {
            return halved(image, window);
        }
        Taps down = Taps.of(image.height(), window.height(), window.top(), window.rows(), false);
        Taps across = Taps.of(image.width(), window.width(), window.left(), window.columns(), true);
        byte[] out = samples(image, window);
        int[] upper = new int[window.columns()];
        int[] lower = new int[window.columns()];
        int to = 0;
        for (int c = 0; c < image.channels(); c++) {
            int upperRow = -1;
            int lowerRow = -1;
            for (int y = 0; y < window.rows(); y++) {
                int first = c * image.height() + down.first[y];
                int second = c * image.height() + down.second[y];
                if (first == lowerRow) {
                    int[] kept = lower;
                    lower = upper;
                    upper = kept;
                    lowerRow = upperRow;
                } else if (first != upperRow) {
                    alongRow(image, first, across, upper);
                }
                upperRow = first;
                if (second != lowerRow) {
                    alongRow(image, second, across, lower);
                    lowerRow = second;
                }
                int weight = down.weight[y];
                for (int x = 0; x < window.columns(); x++) {
                    int above = ((ONE - weight) * (upper[x] >> 4)) >> 16;
                    int below = (weight * (lower[x] >> 4)) >> 16;
                    out[to++] = (byte) ((above + below + 2) >> 2);
                }
            }
        }
        return new Pixels(out, image.channels(), window.rows(), window.columns());
    }

    private static void alongRow(Pixels image, int row, Taps across, int[] out) {
        byte[] data = image.data();
        int start = row * image.width();
        for (int x = 0; x < out.length; x++) {
            int weight = across.weight[x];
            out[x] =
                    (data[start + across.first[x]] & 0xFF) * (ONE - weight)
                            + (data[start + across.second[x]] & 0xFF) * weight;
        }
    }

    /** Halving both sides, OpenCV takes the mean of four. */
    private static Pixels halved(Pixels image, Window window) {
        byte[] out = samples(image, window);
        byte[] data = image.data();
        int width = image.width();
        int to = 0;
        for (int c = 0; c < image.channels(); c++) {
            for (int y = window.top(); y < window.top() + window.rows(); y++) {
                int at = (c * image.height() + 2 * y) * width + 2 * window.left();
                for (int x = 0; x < window.columns(); x++) {
                    int sum = (data[at] & 0xFF) + (data[at + 1] & 0xFF);
                    sum += (data[at + width] & 0xFF) + (data[at + width + 1] & 0xFF);
                    out[to++] = (byte) ((sum + 2) >> 2);
                    at += 2;
                }
            }
        }
        return new Pixels(out, image.channels(), window.rows(), window.columns());
    }

    private static byte[] samples(Pixels image, Window window) {
        return new byte
                [Math.multiplyExact(
                        Math.multiplyExact(image.channels(), window.rows()), window.columns())];
    }

    /** For each output position, two input positions and the weight of the second, of 2048. */
    @SuppressWarnings("ArrayRecordComponent") // private, never compared
    private record Taps(int[] first, int[] second, int[] weight) {

        /** Beyond the edge, columns count the edge alone; rows count it twice. */
        static Taps of(int inSize, int outSize, int from, int count, boolean columns) {
            double scale = 1.0 / ((double) outSize / inSize);
            Taps taps = new Taps(new int[count], new int[count], new int[count]);
            for (int i = 0; i < count; i++) {
                float position = (float) ((from + i + 0.5) * scale - 0.5);
                int floor = (int) Math.floor(position);
                float fraction = position - floor;
                if (columns && (floor < 0 || floor >= inSize - 1)) {
                    fraction = 0;
                }
                taps.first[i] = Math.max(0, Math.min(inSize - 1, floor));
                taps.second[i] = Math.max(0, Math.min(inSize - 1, floor + 1));
                taps.weight[i] = (int) Math.rint(fraction * ONE);
            }
            return taps;
        }
    }
}
