package org.mobilenetv3.train.data.augment;

import org.mobilenetv3.image.Pixels;

/**
 * torchvision's {@code ColorJitter(strength, strength, strength)}: brightness, contrast and
 * saturation in random order, each by a factor of {@code 1 - strength} (0 at least) to {@code 1 +
 * strength}.
 */
record ColorJitter(double strength) {

    Pixels apply(Pixels image, SplitMix random) {
        int[] order = {0, 1, 2};
        random.shuffle(order);
        double[] factors = {factor(random), factor(random), factor(random)};
        return apply(image, order, factors);
    }

    private double factor(SplitMix random) {
        return random.between(Math.max(0, 1 - strength), 1 + strength);
    }

    /** Applies the operations in the given order, each by its factor. */
    static Pixels apply(Pixels image, int[] order, double[] factors) {
        Pixels out = image;
        for (int operation : order) {
            double factor = factors[operation];
            out =
                    switch (operation) {
                        case 0 -> ColorOps.brightness(out, factor);
                        case 1 -> ColorOps.contrast(out, factor);
                        default -> ColorOps.saturation(out, factor);
                    };
        }
        return out;
    }
}
