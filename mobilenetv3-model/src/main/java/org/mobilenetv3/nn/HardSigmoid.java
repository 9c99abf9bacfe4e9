package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/** {@code relu6(x + 3) / 6}, any shape in, the same shape out (the paper, section 5.2). */
public final class HardSigmoid extends TorchBlock {

    /** Creates the block; it has no parameters. */
    public HardSigmoid() {}

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        return Nonlinearity.HARD_SIGMOID.apply(x);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return input;
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {}
}
