package org.mobilenetv3.train.data.augment;

import org.mobilenetv3.image.Pixels;

/**
 * TrivialAugment (Müller and Hutter, 2021) as torchvision's TrivialAugmentWide: one of 14
 * operations, each as likely, at one of 31 strengths and, where that makes a difference, either
 * sign. Takes the nearest pixel and leaves black where nothing was.
 */
enum TrivialAugment {
    IDENTITY(0, 0, false),
    SHEAR_X(0, 0.99, true),
    SHEAR_Y(0, 0.99, true),
    TRANSLATE_X(0, 32, true),
    TRANSLATE_Y(0, 32, true),
    ROTATE(0, 135, true),
    BRIGHTNESS(0, 0.99, true),
    COLOR(0, 0.99, true),
    CONTRAST(0, 0.99, true),
    SHARPNESS(0, 0.99, true),
    POSTERIZE(8, 2, false),
    SOLARIZE(255, 0, false),
    AUTO_CONTRAST(0, 0, false),
    EQUALIZE(0, 0, false);

    /** How many strengths each operation has. */
    static final int BINS = 31;

    private static final TrivialAugment[] ALL = values();

    private final double weakest;
    private final double strongest;
    private final boolean signed;

    TrivialAugment(double weakest, double strongest, boolean signed) {
        this.weakest = weakest;
        this.strongest = strongest;
        this.signed = signed;
    }

    /** One of the 14. */
    static TrivialAugment draw(SplitMix random) {
        return ALL[random.nextInt(ALL.length)];
    }

    /** Applies this operation at a random strength. */
    Pixels apply(Pixels image, SplitMix random) {
        double magnitude = magnitude(random.nextInt(BINS));
        return apply(image, signed && random.nextBoolean() ? -magnitude : magnitude);
    }

    /**
     * The strength in the operation's own unit: a slope, pixels, degrees, what is added to an
     * enhancement's factor of 1, bits kept, or the threshold.
     *
     * @param bin 0 to 30
     */
    double magnitude(int bin) {
        // torchvision has them in 32-bit floats, whose last bit varies with the processor: on some
        // the middle one of a translation is 15.999999, cut off to 15 pixels. Here it is 16.
        return weakest + (strongest - weakest) * bin / (BINS - 1);
    }

    /** Applies this operation at a strength as {@link #magnitude} gives it, or its negative. */
    Pixels apply(Pixels image, double magnitude) {
        return switch (this) {
            case IDENTITY -> image;
            case SHEAR_X -> GeometricOps.shearX(image, magnitude);
            case SHEAR_Y -> GeometricOps.shearY(image, magnitude);
            case TRANSLATE_X -> GeometricOps.translate(image, (int) magnitude, 0);
            case TRANSLATE_Y -> GeometricOps.translate(image, 0, (int) magnitude);
            case ROTATE -> GeometricOps.rotate(image, magnitude);
            case BRIGHTNESS -> ColorOps.brightness(image, 1 + magnitude);
            case COLOR -> ColorOps.saturation(image, 1 + magnitude);
            case CONTRAST -> ColorOps.contrast(image, 1 + magnitude);
            case SHARPNESS -> ColorOps.sharpness(image, 1 + magnitude);
            case POSTERIZE -> ColorOps.posterize(image, (int) Math.rint(magnitude));
            case SOLARIZE -> ColorOps.solarize(image, magnitude);
            case AUTO_CONTRAST -> ColorOps.autoContrast(image);
            case EQUALIZE -> ColorOps.equalize(image);
        };
    }
}
