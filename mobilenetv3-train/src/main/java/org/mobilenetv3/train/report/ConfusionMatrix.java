package org.mobilenetv3.train.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Predictions.Prediction;

/**
 * How often images of each class were predicted as each.
 *
 * @param classes class names by label
 * @param counts {@code counts[label][predicted]}, images
 */
record ConfusionMatrix(List<String> classes, int[][] counts) {

    /**
     * How well one class was recognized; a share of nothing is NaN.
     *
     * @param name of the class
     * @param images of the class
     * @param precision share of the images predicted as the class that belong to it, 0 to 1
     * @param recall share of the class's images that were predicted as it, 0 to 1
     * @param f1 harmonic mean of both
     */
    record ClassScore(String name, int images, double precision, double recall, double f1) {}

    /**
     * One kind of mistake.
     *
     * @param label the class of the images
     * @param predicted the class that was predicted
     * @param images how many
     * @param share of all images of the class, 0 to 1
     */
    record Confusion(int label, int predicted, int images, double share) {}

    static ConfusionMatrix of(Predictions predictions, List<String> classes) {
        int[][] counts = new int[classes.size()][classes.size()];
        for (Prediction p : predictions.images()) {
            counts[p.label()][p.predicted()]++;
        }
        return new ConfusionMatrix(classes, counts);
    }

    /** Images of a class. */
    int images(int label) {
        int sum = 0;
        for (int count : counts[label]) {
            sum += count;
        }
        return sum;
    }

    /** Share of the images of a class that were predicted as another, 0 if there are none. */
    double share(int label, int predicted) {
        return (double) counts[label][predicted] / Math.max(1, images(label));
    }

    List<ClassScore> scores() {
        List<ClassScore> scores = new ArrayList<>();
        for (int c = 0; c < counts.length; c++) {
            int taken = 0;
            for (int[] row : counts) {
                taken += row[c];
            }
            int right = counts[c][c];
            double precision = (double) right / taken;
            double recall = (double) right / images(c);
            double f1 = 2.0 * right / (taken + images(c));
            scores.add(new ClassScore(classes.get(c), images(c), precision, recall, f1));
        }
        return scores;
    }

    /** The most frequent mistakes, most first. */
    List<Confusion> mostConfused(int limit) {
        List<Confusion> all = new ArrayList<>();
        for (int label = 0; label < counts.length; label++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                int count = counts[label][predicted];
                if (label != predicted && count > 0) {
                    all.add(new Confusion(label, predicted, count, share(label, predicted)));
                }
            }
        }
        all.sort(Comparator.comparingInt(Confusion::images).reversed());
        return all.subList(0, Math.min(limit, all.size()));
    }
}
