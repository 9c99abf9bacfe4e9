package org.mobilenetv3.train;

/**
 * A share of the mean cross entropy with label smoothing, class weights and two labels an image, as
 * PyTorch's {@code cross_entropy(..., weight, label_smoothing)}.
 *
 * @param smoothing share of each target spread evenly over all classes
 * @param weights of the classes, or null for 1
 * @param share of the loss; the rest is a teacher's, if it is not 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CrossEntropy(double smoothing, float[] weights, double share) {

    /**
     * Makes what log-probabilities are multiplied with; the sum of the products is the loss. Minus
     * each target, weighted, over the weight of the batch's labels, or over N if images are mixed:
     * parts of a batch add up.
     *
     * @param labels N class indices
     * @param partners N other class indices, with which images are mixed
     * @param mixing weight of {@code labels}, 0 to 1; the rest is of {@code partners}
     * @param classes their number
     * @return {@code (N, classes)} flat
     */
    float[] targets(long[] labels, long[] partners, double mixing, int classes) {
        double total = total(labels, mixing);
        float[] targets = new float[labels.length * classes];
        for (int n = 0; n < labels.length; n++) {
            for (int c = 0; c < classes; c++) {
                double one = (labels[n] == c ? mixing : 0) + (partners[n] == c ? 1 - mixing : 0);
                double target = (1 - smoothing) * one + smoothing / classes;
                targets[n * classes + c] = (float) (-share * weight(c) * target / total);
            }
        }
        return targets;
    }

    /** What PyTorch divides by: of mixed targets, which are probabilities, the number of images. */
    private double total(long[] labels, double mixing) {
        if (mixing != 1) {
            return labels.length;
        }
        double total = 0;
        for (long label : labels) {
            total += weight((int) label);
        }
        return total;
    }

    private double weight(int label) {
        return weights == null ? 1 : weights[label];
    }
}
