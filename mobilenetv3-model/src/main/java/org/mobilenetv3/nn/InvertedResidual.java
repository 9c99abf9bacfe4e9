package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Locale;

/**
 * The paper's inverted residual (section 3, figure 4): 1×1 expansion (if any), depthwise
 * convolution, squeeze and excitation, linear 1×1 projection, and the input added where the shape
 * is kept; {@code (N, in, H, W)} to {@code (N, out, ceil(H / rowStride), ceil(W / columnStride))}.
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
     * @param rowStride of the depthwise convolution, from row to row
     * @param columnStride of the depthwise convolution, from column to column
     * @param expand whether a 1×1 convolution makes the {@code expanded} channels; otherwise they
     *     are the input's
     * @param norm batch normalisation
     */
    public record Spec(
            long in,
            int kernel,
            long expanded,
            long out,
            long squeeze,
            Nonlinearity activation,
            int rowStride,
            int columnStride,
            boolean expand,
            Norm norm) {

        /**
         * torchvision's block: one stride, and no expansion where it would not widen.
         *
         * @param in input channels
         * @param kernel kernel size of the depthwise convolution
         * @param expanded channels of the depthwise convolution
         * @param out output channels
         * @param squeeze channels inside squeeze and excitation, 0 for none
         * @param activation after the expansion and the depthwise convolution
         * @param stride stride of the depthwise convolution
         */
        public Spec(
                long in,
                int kernel,
                long expanded,
                long out,
                long squeeze,
                Nonlinearity activation,
                int stride) {
            this(
                    in,
                    kernel,
                    expanded,
                    out,
                    squeeze,
                    activation,
                    stride,
                    stride,
                    expanded != in,
                    Norm.PAPER);
        }

        /**
         * Changes batch norm.
         *
         * @param other epsilon and momentum
         * @return a block like this one but for these
         */
        public Spec withNorm(Norm other) {
            return new Spec(
                    in,
                    kernel,
                    expanded,
                    out,
                    squeeze,
                    activation,
                    rowStride,
                    columnStride,
                    expand,
                    other);
        }

        /** Refuses to widen without an expansion. */
        public Spec {
            if (!expand && expanded != in) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "A block without expansion keeps its %d channels and cannot have %d.",
                                in,
                                expanded));
            }
        }
    }

    /**
     * Creates the block.
     *
     * @param spec channels, kernel, gate, activation and stride
     */
    public InvertedResidual(Spec spec) {
        in = spec.in;
        residual = spec.rowStride == 1 && spec.columnStride == 1 && spec.in == spec.out;
        block = addChildBlock("block", new Chain());
        if (spec.expand) {
            block.add(
                    ConvBlock.builder(spec.in, spec.expanded, 1)
                            .optTorchvision(spec.norm)
                            .optActivation(spec.activation)
                            .build());
        }
        block.add(
                ConvBlock.builder(spec.expanded, spec.expanded, spec.kernel)
                        .optTorchvision(spec.norm)
                        .optStride(spec.rowStride, spec.columnStride)
                        .optGroups(Math.toIntExact(spec.expanded))
                        .optActivation(spec.activation)
                        .build());
        if (spec.squeeze > 0) {
            block.add(SqueezeExcitation.paper(spec.expanded, spec.squeeze));
        }
        block.add(
                ConvBlock.builder(spec.expanded, spec.out, 1)
                        .optTorchvision(spec.norm)
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
