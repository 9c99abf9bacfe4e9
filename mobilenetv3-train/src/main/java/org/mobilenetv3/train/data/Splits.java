package org.mobilenetv3.train.data;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * A data set in its three parts: fit on {@code train}, choose by {@code validation}, report {@code
 * test}. No image is in two of them.
 */
public record Splits(ImageSet train, ImageSet validation, ImageSet test) {
    private static final int MOST_FOR_VALIDATION = 5000;

    /** What is held back for test, and of the rest for validation. */
    public static final double SHARE = 0.1;

    /**
     * Test sets are carved with this seed whatever the run's, so that no run trains on images on
     * which another, or a later evaluation, reports.
     */
    public static final long TEST_SEED = 0;

    /**
     * Checks that the parts hold the same kind of images.
     *
     * @throws IllegalArgumentException if shapes or class names differ
     */
    public Splits {
        requireAlike(train, validation);
        requireAlike(train, test);
    }

    /**
     * Carves a validation set of 10 %, 5000 images at most, out of a training set, each class in
     * proportion; the test set is not touched.
     *
     * @throws IllegalArgumentException if no class has two images
     */
    public static Splits carveValidation(ImageSet train, ImageSet test, long seed) {
        Parts parts = carve(train, validationShare(train.size()), seed);
        return new Splits(parts.kept, parts.carved, test);
    }

    /**
     * Carves 10 % out of a set that has no test images, each class in proportion and the same
     * images every time, and then a validation set as {@link #carveValidation} does.
     *
     * @throws IllegalArgumentException if no class has images enough
     */
    public static Splits carveTestAndValidation(ImageSet all, long seed) {
        Parts parts = carve(all, SHARE, TEST_SEED);
        return carveValidation(parts.kept, parts.carved, seed);
    }

    /**
     * Carves 10 % of test images out of a training set, leaving a validation set that is given.
     *
     * @throws IllegalArgumentException if no class has two images
     */
    public static Splits carveTest(ImageSet train, ImageSet validation) {
        Parts parts = carve(train, SHARE, TEST_SEED);
        return new Splits(parts.kept, validation, parts.carved);
    }

    /**
     * Makes three parts of those that there are, carving the others out of the training images.
     *
     * @param train all images to learn from
     * @param validation the images to choose by, or null
     * @param test the images to report on, or null
     * @throws IllegalArgumentException if no class has images enough
     */
    public static Splits completed(ImageSet train, ImageSet validation, ImageSet test, long seed) {
        if (validation == null) {
            return test == null
                    ? carveTestAndValidation(train, seed)
                    : carveValidation(train, test, seed);
        }
        return test == null ? carveTest(train, validation) : new Splits(train, validation, test);
    }

    private record Parts(ImageSet kept, ImageSet carved) {}

    /**
     * Returns which share of training images is held back for validation.
     *
     * @param size of the training set
     * @return 0.1, less where that would be more than 5000 images
     */
    public static double validationShare(int size) {
        return Math.min(SHARE, (double) MOST_FOR_VALIDATION / Math.max(1, size));
    }

    /**
     * Chooses what is held back, each class in proportion: at least one of each class, but never
     * its last one.
     *
     * @param labels a class for each image
     * @param classes how many there are
     * @param share of each class, between 0 and 1
     * @param seed chooses the images
     * @return whether each image is held back
     */
    public static boolean[] carved(int[] labels, int classes, double share, long seed) {
        boolean[] taken = new boolean[labels.length];
        for (int label = 0; label < classes; label++) {
            int wanted = label;
            int[] members =
                    IntStream.range(0, labels.length).filter(i -> labels[i] == wanted).toArray();
            SplitMix.of(seed, label).shuffle(members);
            // At least one for the carved part, and never the last one of a class.
            int quota =
                    Math.min(
                            members.length - 1,
                            (int) Math.max(1, Math.round(members.length * share)));
            for (int i = 0; i < quota; i++) {
                taken[members[i]] = true;
            }
        }
        return taken;
    }

    private static Parts carve(ImageSet set, double share, long seed) {
        boolean[] taken = carved(set.labels(), set.classes().size(), share, seed);
        int[] carved = IntStream.range(0, set.size()).filter(i -> taken[i]).toArray();
        int[] kept = IntStream.range(0, set.size()).filter(i -> !taken[i]).toArray();
        if (carved.length == 0) {
            throw new IllegalArgumentException(
                    ("Cannot hold images of '%s' back for validation or test, for no class has more"
                                    + " than one to spare; give at least 3 images per class.")
                            .formatted(set.name()));
        }
        return new Parts(set.subset(kept), set.subset(carved));
    }

    private static void requireAlike(ImageSet a, ImageSet b) {
        int[] shapeA = {a.channels(), a.height(), a.width()};
        int[] shapeB = {b.channels(), b.height(), b.width()};
        if (!Arrays.equals(shapeA, shapeB) || !a.classes().equals(b.classes())) {
            throw new IllegalArgumentException(
                    ("The parts of a data set differ (%s; %s); give them one shape and the"
                                    + " same classes.")
                            .formatted(a, b));
        }
    }
}
