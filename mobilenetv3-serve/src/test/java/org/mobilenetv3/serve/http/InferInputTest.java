package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferInputTest {

    @ParameterizedTest
    @ValueSource(
            floats = {
                0f,
                -0f,
                Float.MIN_VALUE,
                Float.MAX_VALUE,
                -Float.MAX_VALUE,
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY
            })
    void oneValueThatIsNotFiniteIsFoundWhereverItStands(float value) {
        int count = 2048 * 2 + 3;
        for (int at : new int[] {0, 2047, 2048, count - 1}) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putFloat(4 * at, value);
            assertThat(InferInput.finite(bytes)).isEqualTo(Float.isFinite(value));
        }
        int bits = Float.floatToRawIntBits(Float.NaN) | Integer.MIN_VALUE; // NaN of either sign
        ByteBuffer negative = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, bits);
        assertThat(InferInput.finite(negative)).isFalse();
    }
}
