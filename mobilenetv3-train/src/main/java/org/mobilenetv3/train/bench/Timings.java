package org.mobilenetv3.train.bench;

import java.util.List;

/**
 * Milliseconds per step, one figure for each repetition.
 *
 * @param milliseconds in the order measured
 */
public record Timings(List<Double> milliseconds) {

    /**
     * Takes the figures.
     *
     * @throws IllegalArgumentException if there are none, or one is not above 0
     */
    public Timings {
        milliseconds = List.copyOf(milliseconds);
        if (milliseconds.isEmpty()) {
            throw new IllegalArgumentException("There are no timings; measure at least once.");
        }
        for (double x : milliseconds) {
            if (!(x > 0) || Double.isInfinite(x)) {
                throw new IllegalArgumentException(
                        "A step took " + x + " ms; expected a time above 0.");
            }
        }
    }

    /**
     * Returns the median.
     *
     * @return the middle figure, or the mean of the two in the middle
     */
    public double median() {
        List<Double> sorted = milliseconds.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /**
     * Returns the shortest.
     *
     * @return milliseconds per step
     */
    public double min() {
        return milliseconds.stream().mapToDouble(x -> x).min().orElseThrow();
    }

    /**
     * Returns the longest.
     *
     * @return milliseconds per step
     */
    public double max() {
        return milliseconds.stream().mapToDouble(x -> x).max().orElseThrow();
    }

    /**
     * Compares medians.
     *
     * @param reference whom to compare with
     * @return how many times as long as {@code reference} this takes: 2 is half as fast
     */
    public double ratioTo(Timings reference) {
        return median() / reference.median();
    }
}
