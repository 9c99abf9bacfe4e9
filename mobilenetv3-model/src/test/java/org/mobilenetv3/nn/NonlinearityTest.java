package org.mobilenetv3.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.runtime.TorchRuntime;

class NonlinearityTest {

    /** Both sides of each bend and far out, but not the bends themselves. */
    private static final float[] X = {
        -1000f, -5f, -3.01f, -2.99f, -2.49f, -1f, 0.5f, 2.49f, 2.99f, 3.01f, 5.99f, 6.01f, 1e6f
    };

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @ParameterizedTest
    @EnumSource
    void equalsItsFormula(Nonlinearity function) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            float[] actual = function.apply(manager.create(X)).toFloatArray();
            for (int i = 0; i < X.length; i++) {
                double expected = formula(function).applyAsDouble(X[i]);
                assertThat((double) actual[i])
                        .as("%s(%s)", function, X[i])
                        .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    /** DJL's mul(Number) would fail here: its constant is Java's memory, free to be collected. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IDENTITY")
    void gradientsAreRightAfterAGarbageCollection(Nonlinearity function) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = manager.create(X);
            x.setRequiresGradient(true);
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray sum = function.apply(x).sum();
                overwriteFreedMemory();
                collector.backward(sum);
            }
            float[] gradient = x.getGradient().toFloatArray();
            for (int i = 0; i < X.length; i++) {
                assertThat((double) gradient[i])
                        .as("slope of %s at %s", function, X[i])
                        .isCloseTo(slope(formula(function), X[i]), within(1e-4));
            }
        }
    }

    private static void overwriteFreedMemory() {
        for (int round = 0; round < 3; round++) {
            System.gc();
            ByteBuffer[] filled = new ByteBuffer[2000];
            for (int i = 0; i < filled.length; i++) {
                filled[i] = ByteBuffer.allocateDirect(8);
                filled[i].putLong(0, 0x7FC000007FC00000L);
            }
        }
    }

    private static DoubleUnaryOperator formula(Nonlinearity function) {
        DoubleUnaryOperator hardSigmoid = x -> Math.min(Math.max(x + 3, 0), 6) / 6;
        return switch (function) {
            case IDENTITY -> x -> x;
            case RELU -> x -> Math.max(x, 0);
            case RELU6 -> x -> Math.min(Math.max(x, 0), 6);
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case TANH -> Math::tanh;
            case SILU -> x -> x / (1 + Math.exp(-x));
            case HARD_SIGMOID -> hardSigmoid;
            case PADDLE_HARD_SIGMOID -> x -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case HARD_SWISH -> x -> x * hardSigmoid.applyAsDouble(x);
        };
    }

    private static double slope(DoubleUnaryOperator f, double x) {
        double h = 1e-4;
        return (f.applyAsDouble(x + h) - f.applyAsDouble(x - h)) / (2 * h);
    }
}
