package org.mobilenetv3.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {

    /** Computed apart, in Python from the formula in Wilson (1927). */
    @ParameterizedTest
    @CsvSource({
        "90, 100, 0.8256343, 0.9447709",
        "0, 10, 0, 0.2775328",
        "10, 10, 0.7224672, 1",
        "9087, 10000, 0.9028966, 0.9141895"
    })
    void itIsWilsonsIntervalAt95PerCent(long hits, long images, double low, double high) {
        Interval interval = Interval.wilson(hits, images);
        assertThat(interval.low()).isCloseTo(low, within(1e-7));
        assertThat(interval.high()).isCloseTo(high, within(1e-7));
        assertThat(interval.low()).isNotNegative();
        assertThat(interval.high()).isLessThanOrEqualTo(1);
    }

    @Test
    void noImagesGiveNoIntervalAndImpossibleCountsAreRefused() {
        assertThat(Interval.wilson(0, 0).low()).isNaN();
        assertThatThrownBy(() -> Interval.wilson(11, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("11 of 10 images is not a share; give 0 to 10.");
    }
}
