package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Mean cross entropy with label smoothing, as PyTorch's {@code cross_entropy(...,
 * label_smoothing)}.
 *
 * @param smoothing share of each target spread evenly over all classes
 */
record CrossEntropy(double smoothing) {

    /**
     * Computes the loss of a batch.
     *
     * @param logits {@code (N, classes)}
     * @param labels N class indices
     * @return a scalar
     */
    NDArray loss(NDArray logits, long[] labels) {
        int classes = Math.toIntExact(logits.getShape().get(1));
        // The targets carry the sign and the mean: one product, nothing of Java's in the graph but
        // this array, which lives as long as the logits.
        NDArray targets = targets(logits.getManager(), labels, classes);
        try (NDArray logProbabilities = logits.logSoftmax(1);
                NDArray product = logProbabilities.mul(targets)) {
            return product.sum();
        }
    }

    /**
     * Makes what log-probabilities are multiplied with: minus each target over the batch.
     *
     * @param manager owns the result
     * @param labels N class indices
     * @param classes their number
     * @return {@code (N, classes)}
     */
    NDArray targets(NDManager manager, long[] labels, int classes) {
        float[] targets = new float[labels.length * classes];
        Arrays.fill(targets, (float) (-smoothing / classes / labels.length));
        for (int n = 0; n < labels.length; n++) {
            targets[n * classes + Math.toIntExact(labels[n])] =
                    (float) (-(1 - smoothing + smoothing / classes) / labels.length);
        }
        return manager.create(targets, new Shape(labels.length, classes));
    }
}
