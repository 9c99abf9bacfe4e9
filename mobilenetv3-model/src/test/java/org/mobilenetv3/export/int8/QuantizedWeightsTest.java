package org.mobilenetv3.export.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class QuantizedWeightsTest {

    @Test
    void eachChannelsScaleIsItsLargestWeightOver127() {
        float[] weights = {-2.54f, 1.27f, 0.02f, 0.5f, 0.0635f, 0};
        QuantizedWeights integers = QuantizedWeights.of(weights, new float[] {1, -3}, 0.5f);
        assertThat(integers.scales())
                .containsExactly(new float[] {2.54f / 127, 0.5f / 127}, within(1e-8f));
        assertThat(integers.weights()).containsExactly(-127, 64, 1, 127, 16, 0); // 63.5 to even
        assertThat(integers.biasScales())
                .containsExactly(new float[] {0.01f, 0.25f / 127}, within(1e-8f));
        assertThat(integers.bias()).containsExactly(100, -1524);
    }

    @Test
    void aChannelOfZerosKeepsItsBias() {
        QuantizedWeights integers =
                QuantizedWeights.of(new float[] {0, 0, 1e-20f}, new float[] {5, 0, 7}, 0.1f);
        assertThat(integers.weights()).containsExactly(0, 0, 0);
        assertThat(integers.bias()[0] * (double) integers.biasScales()[0])
                .isCloseTo(5, within(1e-6));
        assertThat(integers.bias()[1]).isZero();
        assertThat(integers.bias()[2] * (double) integers.biasScales()[2])
                .isCloseTo(7, within(1e-6));
        for (float scale : integers.biasScales()) {
            assertThat(scale).isPositive().isFinite();
        }
    }

    @Test
    void aRangeIsWidenedToHoldZeroExactly() {
        assertThat(QuantizedRange.of(2, 5.1f)).isEqualTo(new QuantizedRange(5.1f / 255, 0));
        assertThat(QuantizedRange.of(-5.1f, -2)).isEqualTo(new QuantizedRange(5.1f / 255, 255));
        QuantizedRange both = QuantizedRange.of(-1, 2);
        assertThat(both.scale()).isEqualTo(3f / 255);
        assertThat(both.zero()).isEqualTo(85);
        assertThat(QuantizedRange.of(0, 0)).isEqualTo(new QuantizedRange(1, 0));
    }
}
