package org.mobilenetv3.train.data.augment;

import org.mobilenetv3.image.Pixels;

/**
 * torchvision's {@code RandomPhotometricDistort} with its default ranges, as SSD was trained:
 * brightness, contrast, saturation, hue and the order of the channels, each changed with
 * probability one half; the contrast before or after saturation and hue.
 */
public final class PhotometricDistortion {

    private PhotometricDistortion() {}

    /**
     * Distorts an image's colors.
     *
     * @param image gray or RGB
     * @param random decides what is done
     * @return of the same size
     */
    public static Pixels apply(Pixels image, SplitMix random) {
        Pixels out = image;
        if (random.nextBoolean()) {
            out = ColorOps.brightness(out, random.between(0.875, 1.125));
        }
        double contrast = random.nextBoolean() ? random.between(0.5, 1.5) : 1;
        boolean before = random.nextBoolean();
        if (before) {
            out = ColorOps.contrast(out, contrast);
        }
        if (random.nextBoolean()) {
            out = ColorOps.saturation(out, random.between(0.5, 1.5));
        }
        if (random.nextBoolean()) {
            out = ColorOps.hue(out, random.between(-0.05, 0.05));
        }
        if (!before) {
            out = ColorOps.contrast(out, contrast);
        }
        if (random.nextBoolean() && out.channels() == 3) {
            int[] order = {0, 1, 2};
            random.shuffle(order);
            out = ColorOps.permute(out, order);
        }
        return out;
    }
}
