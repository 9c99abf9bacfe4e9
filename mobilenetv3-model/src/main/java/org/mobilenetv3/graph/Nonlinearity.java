package org.mobilenetv3.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.Locale;

/**
 * The element-wise functions of a net, any shape in, the same shape out.
 *
 * <p>Constants are made natively (never wrapped Java numbers), so that gradients stay right after a
 * garbage collection.
 */
public enum Nonlinearity {
    /** {@code x}. */
    IDENTITY("Identity"),
    /** {@code max(x, 0)}. */
    RELU("ReLU"),
    /** {@code min(max(x, 0), 6)}, MobileNetV2's activation. */
    RELU6("ReLU6"),
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID("Sigmoid"),
    /** The hyperbolic tangent. */
    TANH("Tanh"),
    /** {@code x * sigmoid(x)}. */
    SILU("SiLU"),
    /** {@code relu6(x + 3) / 6}, the paper's h-sigmoid (section 5.2). */
    HARD_SIGMOID("Hardsigmoid"),
    /** {@code clip(0.2 x + 0.5, 0, 1)}, PaddlePaddle's h-sigmoid in its MobileNetV3. */
    PADDLE_HARD_SIGMOID("Hardsigmoid"),
    /** {@code x * relu6(x + 3) / 6}, the paper's h-swish (section 5.2). */
    HARD_SWISH("Hardswish");

    private static final float PADDLE_SLOPE = 0.2f;

    private final String torchClass;

    Nonlinearity(String torchClass) {
        this.torchClass = torchClass;
    }

    /**
     * Returns the name of the function's module in PyTorch.
     *
     * @return for instance {@code Hardswish}
     */
    public String torchClass() {
        return torchClass;
    }

    /** The name in an architecture's JSON, for instance {@code hard_swish}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Applies the function.
     *
     * @param x an array of any shape
     * @return an array of the same shape; {@code x} itself for {@link #IDENTITY}
     */
    public NDArray apply(NDArray x) {
        if (Graph.isTraced(x)) {
            return this == IDENTITY ? x : Graph.apply(this, x);
        }
        return switch (this) {
            case IDENTITY -> x;
            case RELU -> Activation.relu(x);
            case RELU6 -> relu6(x);
            case SIGMOID -> Activation.sigmoid(x);
            case TANH -> Activation.tanh(x);
            case SILU -> silu(x);
            case HARD_SIGMOID -> hardSigmoid(x);
            case PADDLE_HARD_SIGMOID -> paddleHardSigmoid(x);
            case HARD_SWISH -> hardSwish(x);
        };
    }

    private static NDArray hardSwish(NDArray x) {
        try (NDArray gate = hardSigmoid(x)) {
            return x.mul(gate);
        }
    }

    private static NDArray hardSigmoid(NDArray x) {
        try (NDArray three = constant(x, 3f);
                NDArray shifted = x.add(three);
                NDArray capped = relu6(shifted);
                NDArray sixth = constant(x, 1f / 6f)) {
            return capped.mul(sixth);
        }
    }

    /** DJL's own loses half of the gradient. */
    private static NDArray silu(NDArray x) {
        try (NDArray gate = Activation.sigmoid(x)) {
            return x.mul(gate);
        }
    }

    private static NDArray relu6(NDArray x) {
        try (NDArray rectified = Activation.relu(x);
                NDArray six = constant(x, 6f)) {
            return rectified.minimum(six);
        }
    }

    private static NDArray paddleHardSigmoid(NDArray x) {
        try (NDArray slope = constant(x, PADDLE_SLOPE);
                NDArray scaled = x.mul(slope);
                NDArray half = constant(x, 0.5f);
                NDArray shifted = scaled.add(half);
                NDArray rectified = Activation.relu(shifted);
                NDArray one = constant(x, 1f)) {
            return rectified.minimum(one);
        }
    }

    /** A scalar in libtorch's own memory: autograd may keep it after the Java handle is closed. */
    private static NDArray constant(NDArray like, float value) {
        return like.getManager().full(new Shape(), value, like.getDataType());
    }
}
