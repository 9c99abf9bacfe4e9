package org.mobilenetv3.runtime;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.runtime.ReferenceConvolution.Sizes;

/**
 * Compares a few convolutions of the engine, forward and both gradients, with {@link
 * ReferenceConvolution}.
 *
 * <p>On a host that hides its caches oneDNN goes wrong where the channels do not fill its vectors:
 * with AVX2 in the third shape (8 to a vector), with AVX-512 (16) in the first four. The others are
 * what else MobileNetV3 is made of.
 */
final class SelfCheck {

    /** The operation under test: {@code (1, in, size, size)} to {@code (1, out, size, size)}. */
    @FunctionalInterface
    interface Convolution {
        NDArray apply(NDArray input, NDArray weight, Sizes sizes);
    }

    /**
     * What came out.
     *
     * @param passed whether every difference is within {@link #TOLERANCE}
     * @param worst the largest difference, relative to the largest true value; NaN if one was
     * @param where the shape and the quantity in which it is
     * @param milliseconds how long the check took
     */
    record Result(boolean passed, double worst, String where, long milliseconds) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.1e of the largest value in %s", worst, where);
        }
    }

    /** One shape to try. */
    private record Case(String name, Sizes sizes, boolean channelsLast) {}

    /** The largest difference allowed, relative to the largest true value. */
    static final double TOLERANCE = 1e-4;

    // What a wrong kernel reads beyond its arrays differs from call to call.
    private static final int REPEATS = 3;

    private static final List<Case> CASES =
            List.of(
                    new Case("3×3, 24 to 8 channels", new Sizes(24, 8, 3, 56, 1), false),
                    new Case("5×5, 40 to 24 channels", new Sizes(40, 24, 5, 14, 1), false),
                    new Case("5×5, 12 to 20 channels", new Sizes(12, 20, 5, 14, 1), false),
                    new Case("1×1, 72 to 40 channels-last", new Sizes(72, 40, 1, 14, 1), true),
                    new Case("1×1, 16 to 72 channels", new Sizes(16, 72, 1, 14, 1), false),
                    new Case("5×5 depthwise, 40 channels", new Sizes(40, 40, 5, 14, 40), false));

    private final Convolution convolution;
    private double worst;
    private String where = "any shape";

    private SelfCheck(Convolution convolution) {
        this.convolution = convolution;
    }

    /** Checks the engine's own convolution on the CPU. */
    static Result run() {
        return run(SelfCheck::engineConvolution);
    }

    /** Checks another convolution in its place. */
    static Result run(Convolution convolution) {
        long start = System.nanoTime();
        SelfCheck check = new SelfCheck(convolution);
        // Gradient mode belongs to the thread: switch it on by hand and put it back, since DJL's
        // collector refuses a second one while another thread trains.
        boolean gradMode = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            CASES.forEach(check::compare);
        } finally {
            JniUtils.setGradMode(gradMode);
        }
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        return new Result(check.worst <= TOLERANCE, check.worst, check.where, milliseconds);
    }

    private static NDArray engineConvolution(NDArray x, NDArray w, Sizes s) {
        Shape padding = new Shape(s.kernel() / 2, s.kernel() / 2);
        Shape one = new Shape(1, 1);
        return Conv2d.conv2d(x, w, null, one, padding, one, s.groups()).singletonOrThrow();
    }

    private void compare(Case c) {
        Sizes s = c.sizes();
        float[] x = values(s.inputLength(), 1);
        float[] w = values(s.weightLength(), 2);
        float[] gradient = values(s.outputLength(), 3);
        ReferenceConvolution expected = new ReferenceConvolution(s, x, w, gradient);
        for (int i = 0; i < REPEATS; i++) {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
                compare(c, expected, new float[][] {x, w, gradient}, manager);
            }
        }
    }

    private void compare(
            Case c, ReferenceConvolution expected, float[][] given, NDManager manager) {
        Sizes s = c.sizes();
        int n = s.size();
        NDArray x =
                c.channelsLast()
                        ? manager.create(channelsLast(given[0], s.in()), new Shape(1, n, n, s.in()))
                        : manager.create(given[0], new Shape(1, s.in(), n, n));
        Shape weightShape = new Shape(s.out(), s.in() / s.groups(), s.kernel(), s.kernel());
        NDArray w = manager.create(given[1], weightShape);
        NDArray gradient = manager.create(given[2], new Shape(1, s.out(), n, n));
        x.setRequiresGradient(true);
        w.setRequiresGradient(true);
        NDArray y = convolution.apply(channelsFirst(c, x), w, s);
        y.attach(manager);
        note(c, "output", y, expected.output);
        JniUtils.backward((PtNDArray) y, (PtNDArray) gradient, false, false);
        note(c, "input gradient", channelsFirst(c, x.getGradient()), expected.inputGradient);
        note(c, "weight gradient", w.getGradient(), expected.weightGradient);
    }

    // A view: libtorch sees from its strides that the channels lie next to each other.
    private static NDArray channelsFirst(Case c, NDArray x) {
        return c.channelsLast() ? x.transpose(0, 3, 1, 2) : x;
    }

    private static float[] channelsLast(float[] x, int channels) {
        int pixels = x.length / channels;
        float[] result = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i % pixels * channels + i / pixels] = x[i];
        }
        return result;
    }

    private void note(Case c, String quantity, NDArray actual, double[] expected) {
        float[] got = actual.toFloatArray();
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - got[i])); // NaN stays NaN
        }
        double relative = difference / largest;
        if (!Double.isNaN(worst) && !(relative <= worst)) {
            worst = relative;
            where = c.name() + ", " + quantity;
        }
    }

    /** Numbers between -1 and 1 that are the same on every machine. */
    private static float[] values(int length, int seed) {
        float[] values = new float[length];
        long state = seed;
        for (int i = 0; i < length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            values[i] = (state >> 40) * 0x1p-23f;
        }
        return values;
    }
}
