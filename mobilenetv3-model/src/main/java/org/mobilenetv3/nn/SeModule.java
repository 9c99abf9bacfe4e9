package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * The article's SeModule: {@code x * sigmoid(expand(relu(reduce(pool(x)))))}, shape {@code (N, C,
 * H, W)} kept. Neither of the article's nets uses it.
 *
 * <p>State dict: {@code reduce.weight, reduce.bias, expand.weight, expand.bias}.
 */
public final class SeModule extends TorchBlock {

    private final long channels;
    private final Block reduce;
    private final Block expand;

    /**
     * Creates the block with the article's ratio, 0.25.
     *
     * @param channels input and output channels
     */
    public SeModule(long channels) {
        this(channels, 0.25);
    }

    /**
     * Creates the block.
     *
     * @param channels input and output channels
     * @param ratio {@code (long) (channels * ratio)} channels in between
     */
    public SeModule(long channels, double ratio) {
        this.channels = channels;
        long squeeze = (long) (channels * ratio);
        reduce =
                addChildBlock(
                        "reduce", Layers.conv(channels, squeeze, Layers.Geometry.POINTWISE, true));
        expand =
                addChildBlock(
                        "expand", Layers.conv(squeeze, channels, Layers.Geometry.POINTWISE, true));
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDArray pooled = GlobalAveragePool.keepingAxes(x);
                NDArray reduced = forward(reduce, store, pooled, training);
                NDArray rectified = Nonlinearity.RELU.apply(reduced);
                NDArray expanded = forward(expand, store, rectified, training);
                NDArray gate = Nonlinearity.SIGMOID.apply(expanded)) {
            return x.mul(gate);
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, channels);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return input;
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        init.accept(expand, init.accept(reduce, GlobalAveragePool.keepingAxes(input)));
    }
}
