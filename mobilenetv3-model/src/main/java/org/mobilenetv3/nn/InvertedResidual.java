package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/**
 * The paper's inverted residual (section 3, figure 4): 1×1 expansion (left out where it would not
 * widen), depthwise convolution, squeeze and excitation, linear 1×1 projection, and the input added
 * where the shape is kept; {@code (N, in, H, W)} to {@code (N, out, ceil(H / stride), ceil(W /
 * stride))}.
 *
 * <p>State dict as torchvision's: {@code block.0.0.weight, block.0.1.*, ... block.K.fc1.*}.
 */
public final class InvertedResidual extends TorchBlock {

    private final Chain block;
    private final long in;
    private final boolean residual;

    /**
     * What one block is made of.
     *
     * @param in input channels
     * @param kernel kernel size of the depthwise convolution
     * @param expanded channels of the depthwise convolution
     * @param out output channels
     * @param squeeze channels inside squeeze and excitation, 0 for none
     * @param activation after the expansion and the depthwise convolution
     * @param stride stride of the depthwise convolution
     */
    public record Spec(
            long in,
            int kernel,
            long expanded,
            long out,
            long squeeze,
            Nonlinearity activation,
            int stride) {}

    /**
     * Creates the block.
     *
     * @param spec channels, kernel, gate, activation and stride
     */
    public InvertedResidual(Spec spec) {
        in = spec.in;
        residual = spec.stride == 1 && spec.in == spec.out;
        block = addChildBlock("block", new Chain());
        if (spec.expanded != spec.in) {
            block.add(
                    ConvBlock.builder(spec.in, spec.expanded, 1)
                            .optTorchvision()
                            .optActivation(spec.activation)
                            .build());
        }
        block.add(
                ConvBlock.builder(spec.expanded, spec.expanded, spec.kernel)
                        .optTorchvision()
                        .optStride(spec.stride)
                        .optGroups(Math.toIntExact(spec.expanded))
                        .optActivation(spec.activation)
                        .build());
        if (spec.squeeze > 0) {
            block.add(SqueezeExcitation.paper(spec.expanded, spec.squeeze));
        }
        block.add(
                ConvBlock.builder(spec.expanded, spec.out, 1)
                        .optTorchvision()
                        .optActivation(Nonlinearity.IDENTITY)
                        .build());
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        NDArray y = forward(block, store, x, training);
        if (!residual) {
            return y;
        }
        try (y) {
            return x.add(y);
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return block.outputShape(input);
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        init.accept(block, input);
    }
}
