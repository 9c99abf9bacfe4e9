package org.mobilenetv3.train.run;

import org.mobilenetv3.export.Argmax;

/**
 * Loss and top-1 over a number of images; a running sum while it is counted.
 *
 * @param lossSum sum of each image's loss
 * @param correct images whose largest logit is the right class, or below 0 if they are not counted
 * @param images images counted
 */
public record Score(double lossSum, long correct, long images) {

    /** No images yet. */
    public static final Score NONE = new Score(0, 0, 0);

    /**
     * Adds one batch.
     *
     * @param meanLoss its images' mean loss
     * @param logits {@code (N, classes)} flat
     * @param labels N class indices
     * @return the score with the batch
     */
    public Score plus(double meanLoss, float[] logits, long[] labels) {
        int classes = logits.length / labels.length;
        long right = 0;
        for (int n = 0; n < labels.length; n++) {
            right += Argmax.of(logits, n * classes, classes) == labels[n] ? 1 : 0;
        }
        return new Score(
                lossSum + meanLoss * labels.length, correct + right, images + labels.length);
    }

    /**
     * Adds one batch whose images have no class that could be right.
     *
     * @param meanLoss its images' mean loss
     * @param added its images
     * @return the score with the batch
     */
    public Score plus(double meanLoss, int added) {
        return new Score(lossSum + meanLoss * added, -1, images + added);
    }

    /** Returns the mean loss, NaN if there are no images. */
    public double loss() {
        return images == 0 ? Double.NaN : lossSum / images;
    }

    /**
     * Returns the share of images classified correctly.
     *
     * @return 0 to 1, NaN if there are no images or none are counted
     */
    public double top1() {
        return images == 0 || correct < 0 ? Double.NaN : (double) correct / images;
    }
}
