package org.mobilenetv3.train;

import org.mobilenetv3.export.Argmax;

/**
 * Loss and top-1 over a number of images; a running sum while it is counted.
 *
 * @param lossSum sum of each image's loss
 * @param correct images whose largest logit is the right class
 * @param images images counted
 */
public record Score(double lossSum, long correct, long images) {

    /** No images yet. */
    public static final Score NONE = new Score(0, 0, 0);

    /** Adds one batch: its mean loss, its logits {@code (N, classes)} flat, its labels. */
    Score plus(double meanLoss, float[] logits, long[] labels) {
        int classes = logits.length / labels.length;
        long right = 0;
        for (int n = 0; n < labels.length; n++) {
            right += Argmax.of(logits, n * classes, classes) == labels[n] ? 1 : 0;
        }
        return new Score(
                lossSum + meanLoss * labels.length, correct + right, images + labels.length);
    }

    /**
     * Gives the mean loss.
     *
     * @return NaN if there are no images
     */
    public double loss() {
        return images == 0 ? Double.NaN : lossSum / images;
    }

    /**
     * Gives the share of images classified right.
     *
     * @return 0 to 1, NaN if there are no images
     */
    public double top1() {
        return images == 0 ? Double.NaN : (double) correct / images;
    }
}
