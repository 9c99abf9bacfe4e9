package org.mobilenetv3.graph;

import java.util.Locale;

/** An element-wise function. */
public enum Function {
    /** {@code x}. */
    IDENTITY,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code min(max(x, 0), 6)}. */
    RELU6,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID,
    /** The hyperbolic tangent. */
    TANH,
    /** {@code x * sigmoid(x)}. */
    SILU,
    /** {@code relu6(x + 3) / 6}. */
    HARDSIGMOID,
    /** {@code x * relu6(x + 3) / 6}. */
    HARDSWISH;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
