package org.mobilenetv3.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.metric.Bootstrap.Figure;

class BootstrapTest {

    /** The share of images with an even index. */
    private static final Figure SHARE =
            times -> {
                double sum = 0;
                double all = 0;
                for (int i = 0; i < times.length; i++) {
                    sum += i % 2 == 0 ? times[i] : 0;
                    all += times[i];
                }
                return sum / all;
            };

    @Test
    void theIntervalOfAShareIsThatOfTheBinomialDistribution() {
        Interval interval = Bootstrap.interval(1000, SHARE);
        double half = 1.96 * Math.sqrt(0.25 / 1000);
        assertThat((interval.low() + interval.high()) / 2).isCloseTo(0.5, within(1e-12));
        assertThat((interval.high() - interval.low()) / 2).isCloseTo(half, within(0.2 * half));
        assertThat(Bootstrap.interval(1000, SHARE)).isEqualTo(interval);
    }

    @Test
    void itStaysWithinZeroAndOne() {
        Interval interval = Bootstrap.interval(2, SHARE);
        assertThat(interval).isEqualTo(new Interval(0, 1));
    }

    @Test
    void drawsWithNothingToScoreAreLeftOut() {
        Figure ofTheFirst = times -> times[0] > 0 ? 0.5 : Double.NaN;
        assertThat(Bootstrap.interval(5, ofTheFirst)).isEqualTo(new Interval(0.5, 0.5));
        assertThat(Bootstrap.interval(5, times -> Double.NaN)).isNull();
        assertThat(Bootstrap.interval(1, SHARE)).isNull();
    }
}
