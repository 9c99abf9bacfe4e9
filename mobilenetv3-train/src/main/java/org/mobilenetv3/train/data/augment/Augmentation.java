package org.mobilenetv3.train.data.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is done at random to training images, in the order of torchvision's reference presets: crop
 * or resized crop, flip, TrivialAugment and color jitter on 8-bit images; after normalization
 * erasing and cutout; last mixup or cutmix on the batch. 0 or false turns a part off.
 *
 * @param cropPadding torchvision's {@code RandomCrop(size, padding)}: zeros added on each side
 *     before an image-sized part is cut out
 * @param horizontalFlip whether every other image, by chance, is mirrored
 * @param resizedCrop torchvision's {@code RandomResizedCrop}: the least share of the area that is
 *     cut out and brought back to full size; 1 is off, too
 * @param colorJitter torchvision's {@code ColorJitter}: brightness, contrast and saturation change
 *     by a factor of up to 1 plus or minus this
 * @param trivialAugment torchvision's {@code TrivialAugmentWide}: one of 14 operations at a random
 *     strength
 * @param randomErasing torchvision's {@code RandomErasing}: the probability that a rectangle is set
 *     to 0 after normalization
 * @param cutout side in pixels of the square that is set to 0, likewise, in every image (DeVries
 *     and Taylor, 2017)
 * @param mixup alpha of the Beta distribution that the shares of two blended images come from
 *     (Zhang et al., 2017)
 * @param cutmix the same for an image with a rectangle of another one (Yun et al., 2019); with
 *     mixup, each batch gets one of the two by chance
 */
public record Augmentation(
        int cropPadding,
        boolean horizontalFlip,
        double resizedCrop,
        double colorJitter,
        boolean trivialAugment,
        double randomErasing,
        int cutout,
        double mixup,
        double cutmix) {
    /** Leaves images as they are. */
    public static final Augmentation NONE = builder().build();

    /** Customary for CIFAR: crop with 4 zeros around, and flip. */
    public static final Augmentation CIFAR =
            builder().optCropPadding(4).optHorizontalFlip(true).build();

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public Augmentation {
        require(cropPadding >= 0, "crop padding", cropPadding, "0 (no crop) or more pixels");
        requireShare("resized crop's least area", resizedCrop);
        requireStrength("color jitter", colorJitter);
        requireShare("random erasing's probability", randomErasing);
        require(cutout >= 0, "cutout's side", cutout, "0 (off) or more pixels");
        requireStrength("mixup's alpha", mixup);
        requireStrength("cutmix's alpha", cutmix);
        if (cropPadding > 0 && resizedCrop > 0 && resizedCrop < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A crop with padding %d and a resized crop from %s exclude each other; give one.",
                            cropPadding,
                            resizedCrop));
        }
    }

    private static void requireShare(String what, double value) {
        require(value >= 0 && value <= 1, what, value, "0 (off) to 1");
    }

    private static void requireStrength(String what, double value) {
        require(
                value >= 0 && value < Double.POSITIVE_INFINITY,
                what,
                value,
                "0 (off) or a finite number above");
    }

    private static void require(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "The %s is %s; give %s.".formatted(what, value, expected));
        }
    }

    /** Starts with nothing. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts with this one's values. */
    public Builder toBuilder() {
        return builder()
                .optCropPadding(cropPadding)
                .optHorizontalFlip(horizontalFlip)
                .optResizedCrop(resizedCrop)
                .optColorJitter(colorJitter)
                .optTrivialAugment(trivialAugment)
                .optRandomErasing(randomErasing)
                .optCutout(cutout)
                .optMixup(mixup)
                .optCutmix(cutmix);
    }

    /** Whether images are cut out and brought back to full size. */
    boolean resizes() {
        return resizedCrop > 0 && resizedCrop < 1;
    }

    /** For people, for instance {@code crop with 4 zeros around, flip, mixup 0.2}; or none. */
    public String describe() {
        List<String> parts = new ArrayList<>();
        add(parts, cropPadding > 0, "crop with " + cropPadding + " zeros around");
        add(parts, resizes(), "resized crop of " + resizedCrop + " to 1");
        add(parts, horizontalFlip, "flip");
        add(parts, trivialAugment, "TrivialAugment");
        add(parts, colorJitter > 0, "color jitter " + colorJitter);
        add(parts, randomErasing > 0, "random erasing " + randomErasing);
        add(parts, cutout > 0, "cutout " + cutout);
        add(parts, mixup > 0, "mixup " + mixup);
        add(parts, cutmix > 0, "cutmix " + cutmix);
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }

    private static void add(List<String> parts, boolean active, String text) {
        if (active) {
            parts.add(text);
        }
    }

    /** Describes an augmentation; what is not set is off. The values are the record's. */
    public static final class Builder {
        private int cropPadding;
        private boolean horizontalFlip;
        private double resizedCrop;
        private double colorJitter;
        private boolean trivialAugment;
        private double randomErasing;
        private int cutout;
        private double mixup;
        private double cutmix;

        private Builder() {}

        /** Zeros around the image before the crop. */
        public Builder optCropPadding(int pixels) {
            cropPadding = pixels;
            return this;
        }

        /** Whether to mirror half of the images. */
        public Builder optHorizontalFlip(boolean on) {
            horizontalFlip = on;
            return this;
        }

        /** The least share of the area that a resized crop shows. */
        public Builder optResizedCrop(double leastArea) {
            resizedCrop = leastArea;
            return this;
        }

        /** How much brightness, contrast and saturation vary. */
        public Builder optColorJitter(double strength) {
            colorJitter = strength;
            return this;
        }

        /** Whether to apply TrivialAugment. */
        public Builder optTrivialAugment(boolean on) {
            trivialAugment = on;
            return this;
        }

        /** How probably a rectangle is erased. */
        public Builder optRandomErasing(double probability) {
            randomErasing = probability;
            return this;
        }

        /** Side in pixels of the square that is cut out. */
        public Builder optCutout(int side) {
            cutout = side;
            return this;
        }

        /** Alpha of mixup. */
        public Builder optMixup(double alpha) {
            mixup = alpha;
            return this;
        }

        /** Alpha of cutmix. */
        public Builder optCutmix(double alpha) {
            cutmix = alpha;
            return this;
        }

        /**
         * Makes the record.
         *
         * @throws IllegalArgumentException naming the first value that is out of range
         */
        public Augmentation build() {
            return new Augmentation(
                    cropPadding,
                    horizontalFlip,
                    resizedCrop,
                    colorJitter,
                    trivialAugment,
                    randomErasing,
                    cutout,
                    mixup,
                    cutmix);
        }
    }
}
