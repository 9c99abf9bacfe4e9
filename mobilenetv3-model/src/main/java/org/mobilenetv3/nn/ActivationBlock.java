package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import org.mobilenetv3.graph.Nonlinearity;

/** An element-wise function as a block: any shape in, the same shape out, no parameters. */
public class ActivationBlock extends TorchBlock {

    private final Nonlinearity function;

    /**
     * Creates the block.
     *
     * @param function what it applies
     */
    public ActivationBlock(Nonlinearity function) {
        this.function = function;
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        return function.apply(x);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return input;
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {}
}
