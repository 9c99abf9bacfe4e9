package org.mobilenetv3.train.data;

import java.util.Arrays;
import org.mobilenetv3.image.Normalization;

/** Makes the float values of one image: crop, flip and normalisation in one pass over it. */
final class ImageRenderer {
    private final ImageSet set;
    private final Augmentation augmentation;
    private final float[][] tables;

    ImageRenderer(ImageSet set, Normalization normalization, Augmentation augmentation) {
        this.set = set;
        this.augmentation = augmentation;
        this.tables = normalization.tables();
    }

    /** How many values an image has. */
    int length() {
        return set.channels() * set.height() * set.width();
    }

    /**
     * Writes image {@code index} as {@code (C, H, W)}; what is random follows from {@code random}.
     */
    void render(int index, SplitMix random, float[] out) {
        int padding = augmentation.cropPadding();
        int down = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        int right = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        boolean flip = augmentation.horizontalFlip() && random.nextBoolean();
        byte[] image = set.images()[index];
        int height = set.height();
        int width = set.width();
        // The columns of the output that show the image; the others show the padding.
        int from = Math.min(width, Math.max(0, -right));
        int to = Math.max(from, Math.min(width, width - right));
        for (int c = 0; c < tables.length; c++) {
            float[] table = tables[c];
            for (int y = 0; y < height; y++) {
                int row = (c * height + y) * width;
                int sourceY = y + down;
                if (sourceY < 0 || sourceY >= height) {
                    Arrays.fill(out, row, row + width, table[0]);
                    continue;
                }
                int source = (c * height + sourceY) * width + right;
                if (flip) {
                    flipped(image, source, out, row, width, from, to, table);
                } else {
                    straight(image, source, out, row, width, from, to, table);
                }
            }
        }
    }

    private static void straight(
            byte[] image,
            int source,
            float[] out,
            int row,
            int width,
            int from,
            int to,
            float[] table) {
        Arrays.fill(out, row, row + from, table[0]);
        for (int x = from; x < to; x++) {
            out[row + x] = table[image[source + x] & 0xFF];
        }
        Arrays.fill(out, row + to, row + width, table[0]);
    }

    private static void flipped(
            byte[] image,
            int source,
            float[] out,
            int row,
            int width,
            int from,
            int to,
            float[] table) {
        int last = row + width - 1;
        Arrays.fill(out, last - from + 1, last + 1, table[0]);
        for (int x = from; x < to; x++) {
            out[last - x] = table[image[source + x] & 0xFF];
        }
        Arrays.fill(out, row, last - to + 1, table[0]);
    }
}
