package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/** {@code x * relu6(x + 3) / 6}, any shape in, the same shape out (the paper, section 5.2). */
public final class HardSwish extends TorchBlock {

    /** Creates the block; it has no parameters. */
    public HardSwish() {}

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        return Nonlinearity.HARD_SWISH.apply(x);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return input;
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {}
}
