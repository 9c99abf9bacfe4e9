package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/** 2×2 max pooling with stride 2, {@code (N, C, H, W)} to {@code (N, C, H / 2, W / 2)}. */
public final class MaxPool extends TorchBlock {

    private static final Shape KERNEL = new Shape(2, 2);

    /** Creates the block; it has no parameters. */
    public MaxPool() {}

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        return x.getNDArrayInternal().maxPool(KERNEL, KERNEL, new Shape(0, 0), false);
    }

    @Override
    protected void checkInput(Shape input) {
        if (input.dimension() != 4 || input.get(2) < 2 || input.get(3) < 2) {
            throw new IllegalArgumentException(
                    "MaxPool takes (N, C, H, W) with H and W at least 2 but was given " + input);
        }
    }

    @Override
    protected Shape outputShape(Shape input) {
        return new Shape(input.get(0), input.get(1), input.get(2) / 2, input.get(3) / 2);
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {}
}
