package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import org.mobilenetv3.graph.Function;
import org.mobilenetv3.graph.Graph;

/**
 * The element-wise functions of MobileNetV3, any shape in, the same shape out.
 *
 * <p>Constants are made natively (never wrapped Java numbers), so that gradients stay right after a
 * garbage collection.
 */
public enum Nonlinearity {
    /** {@code x}. */
    IDENTITY,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID,
    /** {@code relu6(x + 3) / 6}, the paper's h-sigmoid (section 5.2). */
    HARD_SIGMOID,
    /** {@code x * relu6(x + 3) / 6}, the paper's h-swish (section 5.2). */
    HARD_SWISH;

    /**
     * Applies the function.
     *
     * @param x an array of any shape
     * @return an array of the same shape; {@code x} itself for {@link #IDENTITY}
     */
    public NDArray apply(NDArray x) {
        if (Graph.isTraced(x)) {
            return this == IDENTITY ? x : Graph.apply(function(), x);
        }
        return switch (this) {
            case IDENTITY -> x;
            case RELU -> Activation.relu(x);
            case SIGMOID -> Activation.sigmoid(x);
            case HARD_SIGMOID -> hardSigmoid(x);
            case HARD_SWISH -> hardSwish(x);
        };
    }

    private Function function() {
        return switch (this) {
            case IDENTITY -> Function.IDENTITY;
            case RELU -> Function.RELU;
            case SIGMOID -> Function.SIGMOID;
            case HARD_SIGMOID -> Function.HARDSIGMOID;
            case HARD_SWISH -> Function.HARDSWISH;
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
                NDArray rectified = Activation.relu(shifted);
                NDArray six = constant(x, 6f);
                NDArray capped = rectified.minimum(six);
                NDArray sixth = constant(x, 1f / 6f)) {
            return capped.mul(sixth);
        }
    }

    /** A scalar in libtorch's own memory: autograd may keep it after the Java handle is closed. */
    private static NDArray constant(NDArray like, float value) {
        return like.getManager().full(new Shape(), value, like.getDataType());
    }
}
