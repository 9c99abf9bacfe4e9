package org.mobilenetv3.train.metric;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * Efron's bootstrap over images: how far a figure depends on which images were drawn for the test.
 * As many images as there are are drawn from them again and again, with replacement, and the figure
 * is computed of each draw. The interval is that of a normal distribution around the figure with
 * the deviation of the draws; their quantiles are no use, for images drawn twice make the average
 * precision higher.
 */
final class Bootstrap {

    /** The normal distribution holds 95 % within so many deviations of its middle. */
    private static final double DEVIATIONS = 1.959963984540054;

    /** Efron and Tibshirani ("An Introduction to the Bootstrap", 1993) find 50 to 200 enough. */
    private static final int DRAWS = 100;

    private Bootstrap() {}

    /** A figure of some images. */
    @FunctionalInterface
    interface Figure {

        /**
         * Computes the figure; several threads may ask at once.
         *
         * @param times how often each image counts
         * @return 0 to 1; NaN if there is nothing to score
         */
        double of(int[] times);
    }

    /**
     * Estimates an interval, always the same for the same figures.
     *
     * @param images how many there are
     * @param figure of the images
     * @return 95 % confidence interval within 0 and 1; null if there are fewer than two images, or
     *     if there is nothing to score
     */
    static Interval interval(int images, Figure figure) {
        double[] figures =
                IntStream.range(0, images < 2 ? 0 : DRAWS)
                        .parallel()
                        .mapToDouble(draw -> figure.of(times(images, draw)))
                        .filter(Double::isFinite)
                        .toArray();
        if (figures.length < 2) {
            return null;
        }
        int[] once = new int[images];
        Arrays.fill(once, 1);
        double middle = figure.of(once);
        double half = DEVIATIONS * deviation(figures);
        return new Interval(Math.max(0, middle - half), Math.min(1, middle + half));
    }

    private static int[] times(int images, int draw) {
        SplitMix random = SplitMix.of(images, draw);
        int[] times = new int[images];
        for (int i = 0; i < images; i++) {
            times[random.nextInt(images)]++;
        }
        return times;
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (values.length - 1));
    }
}
