package org.mobilenetv3.preprocessing;

import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.image.Pixels;

/**
 * Stretches an image to a net's input size without keeping its proportions: bilinear, without
 * antialiasing, on float values, as PyTorch's {@code F.interpolate(x, size, mode="bilinear",
 * align_corners=False)}. So torchvision's detection nets resize their images ({@link Pixels#resize}
 * antialiases, as Pillow does).
 */
public final class StretchedImage {

    private StretchedImage() {}

    /**
     * What is stretched: a rectangle that may reach beyond the image.
     *
     * @param left in pixels of the image, may be negative
     * @param top in pixels of the image, may be negative
     * @param width in pixels, at least 1
     * @param height in pixels, at least 1
     */
    public record Part(int left, int top, int width, int height) {

        /** Refuses a part without pixels. */
        public Part {
            if (width < 1 || height < 1) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "A part of %d by %d pixels cannot be stretched; give at least 1 by 1.",
                                width,
                                height));
            }
        }

        /**
         * Returns the whole of an image.
         *
         * @param image of any size
         * @return the part that is all of it
         */
        public static Part whole(Pixels image) {
            return new Part(0, 0, image.width(), image.height());
        }
    }

    /**
     * Stretches a whole image.
     *
     * @param image {@code (C, any, any)}
     * @param tables for each channel the 256 values its samples become, as {@link
     *     org.mobilenetv3.image.Normalization#tables}
     * @param height of the result, in pixels
     * @param width of the result, in pixels
     * @return {@code (C, height, width)}
     */
    public static float[] of(Pixels image, float[][] tables, int height, int width) {
        return of(image, Part.whole(image), new int[image.channels()], tables, height, width);
    }

    /**
     * Stretches a part of an image.
     *
     * @param image {@code (C, any, any)}
     * @param part what is seen of it
     * @param fill for each channel the sample, 0 to 255, where the part reaches beyond the image
     * @param tables for each channel the 256 values its samples become
     * @param height of the result, in pixels
     * @param width of the result, in pixels
     * @return {@code (C, height, width)}
     */
    public static float[] of(
            Pixels image, Part part, int[] fill, float[][] tables, int height, int width) {
        float[] out = new float[image.channels() * height * width];
        Taps across = Taps.of(part.width(), width);
        Taps down = Taps.of(part.height(), height);
        float[] line = new float[part.width()];
        for (int c = 0; c < image.channels(); c++) {
            float[] upper = new float[width];
            float[] lower = new float[width];
            int held = -1; // the row of the part that is in 'upper'
            int heldBelow = -1;
            for (int y = 0; y < height; y++) {
                int first = down.first[y];
                int second = Math.min(first + 1, part.height() - 1);
                if (first == heldBelow) {
                    float[] swap = upper;
                    upper = lower;
                    lower = swap;
                    held = first;
                    heldBelow = -1;
                }
                if (first != held) {
                    read(image, part, c, first, fill[c], tables[c], line);
                    across.apply(line, upper);
                    held = first;
                }
                if (second != heldBelow) {
                    read(image, part, c, second, fill[c], tables[c], line);
                    across.apply(line, lower);
                    heldBelow = second;
                }
                float share = down.share[y];
                float rest = 1 - share;
                int at = (c * height + y) * width;
                for (int x = 0; x < width; x++) {
                    out[at + x] = rest * upper[x] + share * lower[x];
                }
            }
        }
        return out;
    }

    /** Takes one row of one channel of the part. */
    private static void read(
            Pixels image, Part part, int channel, int row, int fill, float[] table, float... line) {
        int y = part.top() + row;
        if (y < 0 || y >= image.height()) {
            Arrays.fill(line, table[fill]);
            return;
        }
        int from = Math.min(line.length, Math.max(0, -part.left()));
        int to = Math.max(from, Math.min(line.length, image.width() - part.left()));
        Arrays.fill(line, 0, from, table[fill]);
        byte[] samples = image.data();
        int at = (channel * image.height() + y) * image.width() + part.left();
        for (int x = from; x < to; x++) {
            line[x] = table[samples[at + x] & 0xFF];
        }
        Arrays.fill(line, to, line.length, table[fill]);
    }

    /**
     * For each output position the first of two neighboring input positions and the share of the
     * second, in 32-bit floats as PyTorch's {@code area_pixel_compute_source_index}.
     */
    @SuppressWarnings("ArrayRecordComponent") // private, never compared
    private record Taps(int[] first, float[] share) {

        static Taps of(int in, int out) {
            float scale = (float) in / out;
            int[] first = new int[out];
            float[] share = new float[out];
            for (int i = 0; i < out; i++) {
                float at = Math.max(0, scale * (i + 0.5f) - 0.5f);
                first[i] = Math.min((int) at, in - 1);
                share[i] = Math.min(Math.max(at - first[i], 0), 1);
            }
            return new Taps(first, share);
        }

        void apply(float[] line, float... out) {
            int last = line.length - 1;
            for (int x = 0; x < out.length; x++) {
                int i = first[x];
                float b = share[x];
                out[x] = (1 - b) * line[i] + b * line[Math.min(i + 1, last)];
            }
        }
    }
}
