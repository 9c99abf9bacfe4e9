package org.mobilenetv3.train.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Predictions.Prediction;

/**
 * How often images or pixels of each class were predicted as each.
 *
 * @param classes class names by label
 * @param counts {@code counts[label][predicted]}
 * @param unit what is counted
 */
public record ConfusionMatrix(List<String> classes, long[][] counts, Unit unit) {

    /** What is counted. */
    public enum Unit {
        /** Whole images. */
        IMAGES("image"),
        /** Pixels, too many for their numbers to be read: they are shown as shares. */
        PIXELS("pixel");

        private final String one;

        Unit(String one) {
            this.one = one;
        }

        /** For instance {@code image}. */
        String one() {
            return one;
        }

        /** For instance {@code images}. */
        String many() {
            return one + "s";
        }
    }

    /**
     * How well one class was recognized; a share of nothing is NaN.
     *
     * @param name of the class
     * @param images of the class
     * @param precision share of the images predicted as the class that belong to it, 0 to 1
     * @param recall share of the class's images that were predicted as it, 0 to 1
     * @param f1 harmonic mean of both
     */
    record ClassScore(String name, long images, double precision, double recall, double f1) {}

    /**
     * One kind of mistake.
     *
     * @param label the class of the images
     * @param predicted the class that was predicted
     * @param count how many
     * @param share of all of the class, 0 to 1
     */
    record Confusion(int label, int predicted, long count, double share) {}

    static ConfusionMatrix of(Predictions predictions, List<String> classes) {
        long[][] counts = new long[classes.size()][classes.size()];
        for (Prediction p : predictions.images()) {
            counts[p.label()][p.predicted()]++;
        }
        return new ConfusionMatrix(classes, counts, Unit.IMAGES);
    }

    /** All of a class. */
    private long all(int label) {
        return Arrays.stream(counts[label]).sum();
    }

    /** What a cell says, empty where there is nothing. */
    String text(int label, int predicted) {
        if (unit == Unit.IMAGES) {
            return counts[label][predicted] == 0 ? "" : String.valueOf(counts[label][predicted]);
        }
        double percent = 100 * share(label, predicted);
        return percent < 0.05
                ? ""
                : String.format(Locale.ROOT, percent < 9.95 ? "%.1f" : "%.0f", percent);
    }

    /** Share of a class that was predicted as another, 0 if there is none of it. */
    double share(int label, int predicted) {
        return (double) counts[label][predicted] / Math.max(1, all(label));
    }

    List<ClassScore> scores() {
        List<ClassScore> scores = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            long taken = 0;
            for (long[] row : counts) {
                taken += row[c];
            }
            long right = counts[c][c];
            double precision = (double) right / taken;
            double recall = (double) right / all(c);
            double f1 = 2.0 * right / (taken + all(c));
            scores.add(new ClassScore(classes.get(c), all(c), precision, recall, f1));
        }
        return scores;
    }

    /** The most frequent mistakes, most first. */
    List<Confusion> mostConfused(int limit) {
        List<Confusion> all = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                long count = counts[label][predicted];
                if (label != predicted && count > 0) {
                    all.add(new Confusion(label, predicted, count, share(label, predicted)));
                }
            }
        }
        all.sort(Comparator.comparingLong(Confusion::count).reversed());
        return all.subList(0, Math.min(limit, all.size()));
    }
}
