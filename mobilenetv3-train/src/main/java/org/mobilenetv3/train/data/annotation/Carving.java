package org.mobilenetv3.train.data.annotation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.train.data.Splits;

/**
 * Holds images back for validation or test, as {@link Splits} does: a tenth of each class. An image
 * counts for the rarest class that it holds.
 */
final class Carving {
    private Carving() {}

    /** A set in two. */
    record Parts(FileScenes kept, FileScenes carved) {}

    /**
     * Carves a test set; the same images for every seed.
     *
     * @throws IOException in one sentence, if there are too few images
     */
    static Parts test(FileScenes set) throws IOException {
        return carve(set, Splits.SHARE, Splits.TEST_SEED);
    }

    /**
     * Carves a validation set, of 5000 images at most.
     *
     * @throws IOException in one sentence, if there are too few images
     */
    static Parts validation(FileScenes set, long seed) throws IOException {
        return carve(set, Splits.validationShare(set.size()), seed);
    }

    private static Parts carve(FileScenes set, double share, long seed) throws IOException {
        int[] labels = rarest(set);
        int groups = set.classes().size() + 1;
        boolean[] carved = Splits.carved(labels, groups, share, seed);
        if (none(carved)) { // no class has two images
            carved = Splits.carved(new int[set.size()], 1, share, seed);
        }
        if (none(carved)) {
            throw new IOException(
                    "'%s' has too few images to hold any back for validation or test; give at least 4."
                            .formatted(set.name()));
        }
        List<CheckedImage> kept = new ArrayList<>();
        List<CheckedImage> taken = new ArrayList<>();
        for (int i = 0; i < carved.length; i++) {
            (carved[i] ? taken : kept).add(set.images().get(i));
        }
        return new Parts(set.with(kept), set.with(taken));
    }

    private static boolean none(boolean[] carved) {
        for (boolean one : carved) {
            if (one) {
                return false;
            }
        }
        return true;
    }

    /** Each image's rarest class; one more for those without any. */
    private static int[] rarest(FileScenes set) {
        int classes = set.classes().size();
        int[] counts = new int[classes];
        for (CheckedImage image : set.images()) {
            Arrays.stream(image.labels()).filter(l -> l < classes).forEach(l -> counts[l]++);
        }
        int[] rarest = new int[set.size()];
        for (int i = 0; i < rarest.length; i++) {
            rarest[i] = classes;
            for (int label : set.images().get(i).labels()) {
                if (label < classes
                        && (rarest[i] == classes || counts[label] < counts[rarest[i]])) {
                    rarest[i] = label;
                }
            }
        }
        return rarest;
    }
}
