package org.mobilenetv3.train.data.augment;

import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/**
 * Makes the float values of one image. Crop, flip and normalization are one pass over its bytes;
 * only what works on 8-bit images copies it.
 */
public final class ImageRenderer {
    private final Augmentation augmentation;
    private final float[][] tables;
    private final float[] erased;

    /**
     * Prepares.
     *
     * @param channels of the images
     * @param normalization how samples become floats; null: to 0 to 1
     * @param augmentation what is done to an image; of batches this knows nothing
     * @param erased what erasing and cutout leave, one value for each channel; null: 0
     * @throws IllegalArgumentException if the normalization is for another number of channels
     */
    public ImageRenderer(
            int channels, Normalization normalization, Augmentation augmentation, float[] erased) {
        if (normalization != null && normalization.channels() != channels) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The normalization is for %d channels but the images have %d; give one that fits.",
                            normalization.channels(),
                            channels));
        }
        this.augmentation = augmentation;
        this.tables =
                (normalization == null ? Normalization.unit(channels) : normalization).tables();
        this.erased = erased == null ? new float[channels] : erased;
    }

    /** Writes an image as {@code (C, H, W)}; what is random follows from {@code random}. */
    public void render(Pixels original, SplitMix random, float[] out) {
        Pixels image = original;
        if (augmentation.resizes()) {
            image = new ResizedCrop(augmentation.resizedCrop()).apply(image, random);
        }
        int padding = augmentation.cropPadding();
        int down = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        int right = padding == 0 ? 0 : random.nextInt(2 * padding + 1) - padding;
        boolean flip = augmentation.horizontalFlip() && random.nextBoolean();
        if (augmentation.trivialAugment() || augmentation.colorJitter() > 0) {
            Pixels moved = GeometricOps.translate(image, -right, -down);
            image = recolor(flip ? GeometricOps.flip(moved) : moved, random);
            normalize(image, 0, 0, false, out);
        } else {
            normalize(image, down, right, flip, out);
        }
        erase(random, image.height(), image.width(), out);
    }

    private Pixels recolor(Pixels image, SplitMix random) {
        Pixels out = image;
        if (augmentation.trivialAugment()) {
            out = TrivialAugment.draw(random).apply(out, random);
        }
        if (augmentation.colorJitter() > 0) {
            out = new ColorJitter(augmentation.colorJitter()).apply(out, random);
        }
        return out;
    }

    private void erase(SplitMix random, int height, int width, float[] out) {
        double probability = augmentation.randomErasing();
        if (probability > 0 && random.nextDouble() < probability) {
            Box box = Erasing.randomErasing(random, height, width);
            if (box != null) {
                Erasing.erase(out, height, width, box, erased);
            }
        }
        if (augmentation.cutout() > 0) {
            Box box = Erasing.cutout(random, augmentation.cutout(), height, width);
            Erasing.erase(out, height, width, box, erased);
        }
    }

    /** Writes the part of the image that begins at row {@code down} and column {@code right}. */
    private void normalize(Pixels image, int down, int right, boolean flip, float[] out) {
        byte[] data = image.data();
        int height = image.height();
        int width = image.width();
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
                    flipped(data, source, out, row, width, from, to, table);
                } else {
                    straight(data, source, out, row, width, from, to, table);
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
