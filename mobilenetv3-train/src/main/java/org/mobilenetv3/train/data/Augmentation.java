package org.mobilenetv3.train.data;

/**
 * What is done at random to each training image, in torchvision's order: {@code
 * RandomCrop(padding)} with zeros around the 8-bit image, then {@code RandomHorizontalFlip}.
 *
 * @param cropPadding zeros added on each side before an image-sized part is cut out; 0: no crop
 * @param horizontalFlip whether every other image, by chance, is mirrored
 */
public record Augmentation(int cropPadding, boolean horizontalFlip) {
    /** Leaves images as they are. */
    public static final Augmentation NONE = new Augmentation(0, false);

    /** Customary for CIFAR: crop with 4 zeros around, and flip. */
    public static final Augmentation CIFAR = new Augmentation(4, true);

    /**
     * Checks the padding.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Augmentation {
        if (cropPadding < 0) {
            throw new IllegalArgumentException(
                    "The crop padding is " + cropPadding + "; give 0 (no crop) or more.");
        }
    }
}
