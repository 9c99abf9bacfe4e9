package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/**
 * Squeeze and excitation: global average pool, 1×1 convolution with bias down, activation, 1×1
 * convolution with bias up, gate (Hu et al. 2018; MobileNetV3 paper, section 5.3).
 *
 * <p>State dict: {@code fc1.weight, fc1.bias, fc2.weight, fc2.bias}.
 */
public final class SqueezeExcitation extends TorchBlock {

    private final long in;
    private final Block fc1;
    private final Block fc2;
    private final Gate gate;
    private final boolean applied;

    private SqueezeExcitation(long in, long squeeze, long out, Gate gate, boolean applied) {
        this.in = in;
        this.gate = gate;
        this.applied = applied;
        fc1 = addChildBlock("fc1", Layers.conv(in, squeeze, Layers.Geometry.POINTWISE, true));
        fc2 = addChildBlock("fc2", Layers.conv(squeeze, out, Layers.Geometry.POINTWISE, true));
    }

    /**
     * The article's block: the gate alone is returned, {@code (N, in, H, W)} to {@code (N, out, 1,
     * 1)}.
     *
     * @param in input channels
     * @param out gate channels
     * @param squeeze channels in between
     * @param gate its functions
     * @return the block
     */
    public static SqueezeExcitation article(long in, long out, long squeeze, Gate gate) {
        return new SqueezeExcitation(in, squeeze, out, gate, false);
    }

    /**
     * The paper's block: the gate applied to the input, shape {@code (N, channels, H, W)} kept.
     *
     * @param channels input and output channels
     * @param squeeze channels in between
     * @param gate its functions
     * @return the block
     */
    public static SqueezeExcitation paper(long channels, long squeeze, Gate gate) {
        return new SqueezeExcitation(channels, squeeze, channels, gate, true);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDArray pooled = GlobalAveragePool.keepingAxes(x);
                NDArray reduced = forward(fc1, store, pooled, training);
                NDArray rectified = gate.squeeze().apply(reduced);
                NDArray expanded = forward(fc2, store, rectified, training)) {
            NDArray scale = gate.function().apply(expanded);
            if (!applied) {
                return scale;
            }
            try (scale) {
                return x.mul(scale);
            }
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return applied ? input : shapeOf(fc2, shapeOf(fc1, GlobalAveragePool.keepingAxes(input)));
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        init.accept(fc2, init.accept(fc1, GlobalAveragePool.keepingAxes(input)));
    }
}
