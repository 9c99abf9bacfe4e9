package org.mobilenetv3.train.metric;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Pixels by class, of those that count.
 *
 * @param truth of the class
 * @param found predicted as the class
 * @param right both
 */
record ClassPixels(long[] truth, long[] found, long[] right) {

    ClassPixels(int classes) {
        this(new long[classes], new long[classes], new long[classes]);
    }

    /** Reads {@code counts[label][predicted]}. */
    static ClassPixels of(long[][] counts) {
        ClassPixels pixels = new ClassPixels(counts.length);
        for (int label = 0; label < counts.length; label++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                pixels.truth[label] += counts[label][predicted];
                pixels.found[predicted] += counts[label][predicted];
            }
            pixels.right[label] = counts[label][label];
        }
        return pixels;
    }

    void add(ClassPixels others, int times) {
        for (int c = 0; c < truth.length; c++) {
            truth[c] += times * others.truth[c];
            found[c] += times * others.found[c];
            right[c] += times * others.right[c];
        }
    }

    long all() {
        return Arrays.stream(truth).sum();
    }

    /** NaN if there are no pixels. */
    double pixelAccuracy() {
        return (double) Arrays.stream(right).sum() / all();
    }

    /** NaN if the class occurs nowhere. */
    double iou(int c) {
        return (double) right[c] / (truth[c] + found[c] - right[c]);
    }

    /** NaN if the class does not occur in the truth. */
    double accuracy(int c) {
        return (double) right[c] / truth[c];
    }

    double meanIou() {
        return mean(this::iou);
    }

    double meanAccuracy() {
        return mean(this::accuracy);
    }

    /** Of the classes that have the figure; NaN if none has. */
    private double mean(IntToDoubleFunction figure) {
        return IntStream.range(0, truth.length)
                .mapToDouble(figure)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }
}
