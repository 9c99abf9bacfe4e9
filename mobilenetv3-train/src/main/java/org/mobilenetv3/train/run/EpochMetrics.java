package org.mobilenetv3.train.run;

import java.util.List;
import java.util.Locale;

/**
 * The metrics of one epoch.
 *
 * @param epoch counted from 1
 * @param learningRate of its last step
 * @param trainLoss mean loss while training, with label smoothing if the recipe has it
 * @param trainTop1 share classified correctly while training, 0 to 1
 * @param validationLoss mean cross entropy on the validation set
 * @param validationTop1 share of the validation set classified correctly, 0 to 1
 * @param seconds wall time of its training part
 * @param imagesPerSecond training images over {@code seconds}
 */
public record EpochMetrics(
        int epoch,
        double learningRate,
        double trainLoss,
        double trainTop1,
        double validationLoss,
        double validationTop1,
        double seconds,
        double imagesPerSecond) {

    /**
     * Finds the epoch with the highest validation top-1, the first of equals.
     *
     * @param history at least one epoch
     * @return its metrics
     */
    public static EpochMetrics best(List<EpochMetrics> history) {
        EpochMetrics best = history.get(0);
        for (EpochMetrics epoch : history) {
            best = epoch.validationTop1() > best.validationTop1() ? epoch : best;
        }
        return best;
    }

    /**
     * Describes the epoch in a line.
     *
     * @param epochs of the whole run
     * @return the figures for people
     */
    public String describe(int epochs) {
        return String.format(
                Locale.ROOT,
                "epoch %d/%d  loss %.4f  top-1 %.2f %%  validation loss %.4f  top-1 %.2f %%  %,.0f images/s",
                epoch,
                epochs,
                trainLoss,
                100 * trainTop1,
                validationLoss,
                100 * validationTop1,
                imagesPerSecond);
    }
}
