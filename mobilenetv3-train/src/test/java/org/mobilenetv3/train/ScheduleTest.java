package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final Schedule COSINE = new Schedule(0.8, 10, 110, true);

    @Test
    void warmUpRisesLinearlyToThePeak() {
        assertThat(COSINE.at(0)).isCloseTo(0.08, within(1e-12));
        assertThat(COSINE.at(4)).isCloseTo(0.4, within(1e-12));
        assertThat(COSINE.at(9)).isCloseTo(0.8, within(1e-12));
    }

    @Test
    void theCosineFallsFromThePeakThroughTheHalfToAlmostNothing() {
        assertThat(COSINE.at(10)).isCloseTo(0.8, within(1e-12));
        assertThat(COSINE.at(60)).isCloseTo(0.4, within(1e-12));
        assertThat(COSINE.at(109)).isBetween(0.0, 0.001);
    }

    @Test
    void withoutCosineTheRateStays() {
        Schedule constant = new Schedule(0.001, 0, 100, false);
        assertThat(constant.at(0)).isEqualTo(0.001);
        assertThat(constant.at(99)).isEqualTo(0.001);
    }
}
