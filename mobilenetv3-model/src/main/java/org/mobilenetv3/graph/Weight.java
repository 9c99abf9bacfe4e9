package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;

/**
 * A parameter or running statistic.
 *
 * @param name PyTorch's, for instance {@code features.0.0.weight}
 * @param shape as in PyTorch's state dict
 * @param trainable whether it is learned (a running statistic is not)
 * @param values reads the numbers, in C order
 */
public record Weight(String name, Shape shape, boolean trainable, Supplier<float[]> values) {

    /**
     * Makes a weight of known numbers.
     *
     * @param name PyTorch's
     * @param shape its shape
     * @param values in C order
     * @return a trainable weight
     */
    static Weight of(String name, Shape shape, float[] values) {
        return new Weight(name, shape, true, () -> values);
    }

    /**
     * Puts other numbers into this weight.
     *
     * @param other reads as many numbers
     * @return the weight with these
     */
    public Weight withValues(Supplier<float[]> other) {
        return new Weight(name, shape, trainable, other);
    }

    /**
     * Returns the layer's name: all but the last part, which PyTorch sets off by a point and DJL by
     * an underscore.
     *
     * @return for instance {@code features.0.0} or {@code 01Conv2d}; empty if the net is one layer
     */
    public String layer() {
        return name.replaceFirst("[._]?(running_mean|running_var|[^._]+)$", "");
    }
}
