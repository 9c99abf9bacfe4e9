package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.ParameterStore;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * Spatial squeeze and excitation (Roy, Navab and Wachinger 2018, "Concurrent spatial and channel
 * squeeze &amp; excitation"; the article's "inner-product activation"): each pixel is scaled by the
 * sigmoid of its inner product with a learned vector, {@code x * sigmoid(conv(x))}, shape {@code
 * (N, C, H, W)} kept.
 *
 * <p>State dict: {@code conv.weight (1, C, 1, 1), conv.bias (1)}.
 */
public final class SpatialSqueezeExcitation extends TorchBlock {

    private final long channels;
    private final Conv2d conv;

    /**
     * Creates the block. Its weights are drawn as PyTorch draws a convolution's, uniformly within
     * {@code 1 / sqrt(channels)}: torchvision's draw for MobileNetV3 has a deviation of {@code
     * sqrt(2 / outputs)}, with which one output would be saturated from the start.
     *
     * @param channels input and output channels
     */
    public SpatialSqueezeExcitation(long channels) {
        this.channels = channels;
        conv = addChildBlock("conv", Layers.pointwise(channels, 1, true));
        float bound = (float) (1 / Math.sqrt((double) channels));
        conv.setInitializer(
                (manager, shape, type) -> manager.randomUniform(-bound, bound, shape, type),
                Parameter.Type.WEIGHT);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDArray product = forward(conv, store, x, training);
                NDArray scale = Nonlinearity.SIGMOID.apply(product)) {
            return x.mul(scale);
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
        init.accept(conv, input);
    }
}
