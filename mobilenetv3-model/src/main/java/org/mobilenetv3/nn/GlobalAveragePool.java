package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/** Global average pooling, {@code (N, C, H, W)} to {@code (N, C)}. */
public final class GlobalAveragePool extends TorchBlock {

    /** Creates the block; it has no parameters. */
    public GlobalAveragePool() {}

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        return x.getNDArrayInternal().globalAvgPool();
    }

    @Override
    protected void checkInput(Shape input) {
        if (input.dimension() != 4) {
            throw new IllegalArgumentException(
                    "GlobalAveragePool takes (N, C, H, W) but was given " + input);
        }
    }

    @Override
    protected Shape outputShape(Shape input) {
        return input.slice(0, 2);
    }

    /**
     * Pools and keeps two axes of size one.
     *
     * @param x {@code (N, C, H, W)}
     * @return {@code (N, C, 1, 1)}
     */
    public static NDArray keepingAxes(NDArray x) {
        try (NDArray flat = x.getNDArrayInternal().globalAvgPool()) {
            return flat.reshape(keepingAxes(x.getShape()));
        }
    }

    /**
     * Returns the shape of the mean that keeps two axes of size one.
     *
     * @param input {@code (N, C, H, W)}
     * @return {@code (N, C, 1, 1)}
     */
    public static Shape keepingAxes(Shape input) {
        return new Shape(input.get(0), input.get(1), 1, 1);
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {}
}
