package org.mobilenetv3.train.metric;

import java.util.Locale;

/**
 * A confidence interval of a share.
 *
 * @param low lower end, 0 to 1
 * @param high upper end, 0 to 1
 */
public record Interval(double low, double high) {

    /** The normal distribution holds 95 % within so many deviations of its middle. */
    private static final double DEVIATIONS = 1.959963984540054;

    /**
     * Computes Wilson's score interval at 95 % (Wilson 1927, without continuity correction), which
     * stays within 0 and 1 and holds for few images too. It says how far the figure depends on
     * which images were drawn for the test, not how far it depends on the seed of the training.
     *
     * @param hits images classified correctly
     * @param images images in all
     * @return the interval, both ends NaN if there are no images
     * @throws IllegalArgumentException if there are more hits than images, or fewer than none
     */
    public static Interval wilson(long hits, long images) {
        if (hits < 0 || hits > images) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%d of %d images is not a share; give 0 to %d.",
                            hits,
                            images,
                            images));
        }
        if (images == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        double n = images;
        double share = hits / n;
        double z2 = DEVIATIONS * DEVIATIONS;
        double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
        double half =
                DEVIATIONS / (1 + z2 / n) * Math.sqrt(share * (1 - share) / n + z2 / (4 * n * n));
        // Where the ends are 0 and 1, rounding would leave a trace.
        return new Interval(hits == 0 ? 0 : middle - half, hits == images ? 1 : middle + half);
    }
}
