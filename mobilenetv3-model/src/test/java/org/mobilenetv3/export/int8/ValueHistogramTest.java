package org.mobilenetv3.export.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class ValueHistogramTest {

    @Test
    void aTwentyThousandthIsCutOffAtEachEnd() {
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 50_000f - 1; // -1 to 1, evenly
        }
        values[0] = -1000; // of 5 that may go at each end
        values[1] = -900;
        values[2] = 800;
        values[3] = 950;
        ValueHistogram histogram = new ValueHistogram();
        histogram.add(FloatBuffer.wrap(values));
        // 1000 / 2048, rounded up to a power of two, is the width of a bin
        assertThat(histogram.low()).isEqualTo(-1, within(0.5f));
        assertThat(histogram.high()).isEqualTo(1, within(0.5f));
    }

    @Test
    void laterValuesMayBeLargerThanEarlierOnes() {
        ValueHistogram histogram = new ValueHistogram();
        for (int i = 1; i <= 1000; i++) {
            histogram.add(FloatBuffer.wrap(new float[] {i, -2f * i}));
        }
        assertThat(histogram.low()).isEqualTo(-2000, within(2f));
        assertThat(histogram.high()).isEqualTo(1000, within(2f));
    }

    @Test
    void fewValuesKeepTheirSmallestAndLargest() {
        ValueHistogram histogram = new ValueHistogram();
        histogram.add(FloatBuffer.wrap(new float[] {0, 0, 0.25f, 3.1f}));
        assertThat(histogram.low()).isZero();
        assertThat(histogram.high()).isEqualTo(3.1f);
    }

    @Test
    void whatIsNoNumberIsRefused() {
        ValueHistogram histogram = new ValueHistogram();
        FloatBuffer values = FloatBuffer.wrap(new float[] {1, Float.NaN});
        assertThatThrownBy(() -> histogram.add(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a value is NaN");
    }
}
