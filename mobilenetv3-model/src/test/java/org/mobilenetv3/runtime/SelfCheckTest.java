package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.ReferenceConvolution.Sizes;

class SelfCheckTest {

    @BeforeAll
    static void startEngine() {
        TorchRuntime.start();
    }

    private static NDArray convolve(NDArray x, NDArray w, Sizes s) {
        Shape padding = new Shape(s.kernel() / 2, s.kernel() / 2);
        Shape one = new Shape(1, 1);
        return Conv2d.conv2d(x, w, null, one, padding, one, s.groups()).singletonOrThrow();
    }

    @Test
    void acceptsRightConvolutions() {
        SelfCheck.Result result = SelfCheck.run();
        assertThat(result.passed()).isTrue();
        assertThat(result.worst()).isBetween(1e-9, SelfCheck.TOLERANCE);
    }

    @Test
    void rejectsOutputThatIsALittleOff() {
        SelfCheck.Result result =
                SelfCheck.run(
                        (x, w, s) -> {
                            NDArray y = convolve(x, w, s);
                            return s.kernel() == 1 ? y.add(y.stopGradient().max().mul(3e-4f)) : y;
                        });
        assertThat(result.passed()).isFalse();
        assertThat(result.where()).contains("1×1").endsWith("output");
    }

    @Test
    void rejectsNaN() {
        SelfCheck.Result result =
                SelfCheck.run(
                        (x, w, s) -> {
                            NDArray y = convolve(x, w, s);
                            return s.in() == 12 ? y.add(Float.NaN) : y;
                        });
        assertThat(result.passed()).isFalse();
        assertThat(result.worst()).isNaN();
        assertThat(result.where()).isEqualTo("5×5, 12 to 20 channels, output");
    }

    @Test
    void rejectsAWrongInputGradient() {
        // Right values; the input is cut off from the graph for one part in a thousand.
        SelfCheck.Result result =
                SelfCheck.run(
                        (x, w, s) -> {
                            NDArray part = x.stopGradient();
                            return convolve(x.mul(x.getManager().create(0.999f)), w, s)
                                    .add(convolve(part.mul(x.getManager().create(0.001f)), w, s));
                        });
        assertThat(result.passed()).isFalse();
        assertThat(result.worst()).isCloseTo(1e-3, within());
        assertThat(result.where()).endsWith("input gradient");
    }

    @Test
    void rejectsAWrongWeightGradient() {
        SelfCheck.Result result =
                SelfCheck.run(
                        (x, w, s) ->
                                convolve(x, w.mul(x.getManager().create(0.999f)), s)
                                        .add(
                                                convolve(
                                                        x,
                                                        w.stopGradient()
                                                                .mul(x.getManager().create(0.001f)),
                                                        s)));
        assertThat(result.passed()).isFalse();
        assertThat(result.worst()).isCloseTo(1e-3, within());
        assertThat(result.where()).endsWith("weight gradient");
    }

    @Test
    void leavesTheGradientModeAsItWas() {
        for (boolean mode : new boolean[] {true, false}) {
            JniUtils.setGradMode(mode);
            SelfCheck.run();
            assertThat(JniUtils.isGradMode()).isEqualTo(mode);
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-5);
    }
}
