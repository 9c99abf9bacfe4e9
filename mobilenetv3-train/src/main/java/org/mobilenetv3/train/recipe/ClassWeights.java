package org.mobilenetv3.train.recipe;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.ImageSet;

/** How much each class counts in the loss. */
public enum ClassWeights {
    /** Every image counts alike. */
    NONE,
    /**
     * {@code images / (classes * images of the class)}, as scikit-learn's {@code balanced}: every
     * class counts alike.
     */
    BALANCED;

    /**
     * Computes the weights for a training set.
     *
     * @param set the images
     * @return one weight for each class, 1 on average over the images
     */
    public float[] of(ImageSet set) {
        float[] weights = new float[set.classes().size()];
        if (this == NONE) {
            Arrays.fill(weights, 1);
            return weights;
        }
        int[] counts = new int[weights.length];
        IntStream.of(set.labels()).forEach(label -> counts[label]++);
        for (int c = 0; c < weights.length; c++) {
            // A class without images has no say.
            weights[c] = counts[c] == 0 ? 0 : (float) set.size() / (weights.length * counts[c]);
        }
        return weights;
    }
}
