package org.mobilenetv3.train.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moments of 100,000 draws against the distributions' own; the bounds are 5 standard errors. */
class SplitMixTest {
    private static final int COUNT = 100_000;

    /** Mean of {@code x} to the powers of 1 to 4. */
    private static double[] moments(ToDoubleFunction<SplitMix> draw) {
        SplitMix random = SplitMix.of(11);
        double[] sums = new double[4];
        for (int i = 0; i < COUNT; i++) {
            double x = draw.applyAsDouble(random);
            double power = 1;
            for (int p = 0; p < 4; p++) {
                power *= x;
                sums[p] += power / COUNT;
            }
        }
        return sums;
    }

    @Test
    void normalDrawsHaveTheMomentsOfTheNormalDistribution() {
        double[] moments = moments(SplitMix::nextNormal);
        assertThat(moments[0]).isCloseTo(0, within(0.016));
        assertThat(moments[1]).isCloseTo(1, within(0.023));
        assertThat(moments[2]).isCloseTo(0, within(0.062));
        assertThat(moments[3]).isCloseTo(3, within(0.16));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.7, 1, 2.5, 30})
    void gammaDrawsHaveTheMomentsOfTheGammaDistribution(double shape) {
        double[] moments = moments(random -> Math.exp(random.nextLogGamma(shape)));
        double second = shape * (shape + 1);
        double fourth = second * (shape + 2) * (shape + 3);
        assertThat(moments[0]).isCloseTo(shape, within(error(shape)));
        assertThat(moments[1]).isCloseTo(second, within(error(fourth - second * second)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.2, 0.8, 1, 4})
    void betaDrawsHaveTheMomentsOfTheBetaDistribution(double alpha) {
        double[] moments = moments(random -> random.nextBeta(alpha));
        double[] expected = new double[4];
        double product = 1;
        for (int p = 0; p < 4; p++) {
            product *= (alpha + p) / (2 * alpha + p);
            expected[p] = product;
        }
        assertThat(moments[0]).isCloseTo(expected[0], within(error(expected[1] - 0.25)));
        assertThat(moments[1])
                .isCloseTo(expected[1], within(error(expected[3] - expected[1] * expected[1])));
        assertThat(moments[3]).isCloseTo(expected[3], within(0.008));
    }

    private static double error(double variance) {
        return 5 * Math.sqrt(variance / COUNT);
    }

    @Test
    void betaOfATinyAlphaIsStillANumber() {
        SplitMix random = SplitMix.of(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(random.nextBeta(1e-6)).isBetween(0.0, 1.0);
        }
    }
}
