package org.mobilenetv3.train.run;

import com.google.gson.annotations.JsonAdapter;
import java.util.List;
import java.util.Locale;

/**
 * The metrics of one epoch.
 *
 * @param epoch counted from 1
 * @param learningRate of its last step
 * @param trainLoss mean loss while training, with label smoothing if the recipe has it
 * @param trainScore the metric while training, 0 to 1, or NaN if it was not computed
 * @param validationLoss mean loss on the validation set, or NaN if it was not computed
 * @param validationScore the metric on the validation set, 0 to 1
 * @param metric what the scores are
 * @param seconds wall time of its training part
 * @param imagesPerSecond training images over {@code seconds}
 */
@JsonAdapter(EpochMetricsJson.class)
public record EpochMetrics(
        int epoch,
        double learningRate,
        double trainLoss,
        double trainScore,
        double validationLoss,
        double validationScore,
        Metric metric,
        double seconds,
        double imagesPerSecond) {

    /**
     * Finds the epoch with the highest validation score, the first of equals.
     *
     * @param history at least one epoch
     * @return its metrics
     */
    public static EpochMetrics best(List<EpochMetrics> history) {
        EpochMetrics best = history.get(0);
        for (EpochMetrics epoch : history) {
            best = epoch.validationScore() > best.validationScore() ? epoch : best;
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
                "epoch %d/%d  loss %.4f%s  validation%s%s  %,.0f images/s",
                epoch,
                epochs,
                trainLoss,
                Double.isNaN(trainScore) ? "" : percent(trainScore),
                Double.isNaN(validationLoss)
                        ? ""
                        : String.format(Locale.ROOT, " loss %.4f ", validationLoss),
                percent(validationScore).substring(1),
                imagesPerSecond);
    }

    private String percent(double share) {
        return String.format(Locale.ROOT, "  %s %.2f %%", metric.label(), 100 * share);
    }
}
