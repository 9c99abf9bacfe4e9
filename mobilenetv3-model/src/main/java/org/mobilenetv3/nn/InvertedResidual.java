package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * The inverted residual of MobileNetV2 and V3 (the V3 paper, section 3, figure 4): 1×1 expansion
 * (if any), depthwise convolution, squeeze and excitation of channels and of pixels (if any),
 * linear 1×1 projection, and the input added where the row says so; {@code (N, in, H, W)} to {@code
 * (N, out, ceil(H / rowStride), ceil(W / columnStride))}.
 *
 * <p>State dict as torchvision's: {@code block.0.0.weight, block.0.1.*, ... block.K.fc1.*} in
 * MobileNetV3, {@code conv.0.0.weight, ... conv.2.weight, conv.3.*} in MobileNetV2; spatial squeeze
 * and excitation takes a number of its own, {@code block.K.conv.weight, block.K.conv.bias}.
 */
public final class InvertedResidual extends TorchBlock {

    private final Chain block;
    private final long in;
    private final boolean residual;

    /**
     * What one block is made of.
     *
     * @param kernel kernel size of the depthwise convolution, odd
     * @param expanded channels of the depthwise convolution
     * @param out output channels
     * @param squeeze channels inside squeeze and excitation, 0 for none
     * @param spatial whether spatial squeeze and excitation scales each pixel before the projection
     * @param activation after the expansion and the depthwise convolution
     * @param rowStride of the depthwise convolution, from row to row
     * @param columnStride of the depthwise convolution, from column to column
     * @param dilation of the depthwise convolution
     * @param expand whether a 1×1 convolution makes the {@code expanded} channels; otherwise they
     *     are the input's
     * @param residual whether the input is added to the output
     */
    public record Spec(
            int kernel,
            int expanded,
            int out,
            int squeeze,
            boolean spatial,
            Nonlinearity activation,
            int rowStride,
            int columnStride,
            int dilation,
            boolean expand,
            boolean residual)
            implements BlockSpec {

        /**
         * The usual block, with one stride: it expands where that widens, and adds its input where
         * the shape is kept.
         *
         * @param in input channels
         * @param kernel kernel size of the depthwise convolution
         * @param expanded channels of the depthwise convolution
         * @param out output channels
         * @param squeeze channels inside squeeze and excitation, 0 for none
         * @param activation after the expansion and the depthwise convolution
         * @param stride stride of the depthwise convolution
         * @return the row
         */
        public static Spec of(
                int in,
                int kernel,
                int expanded,
                int out,
                int squeeze,
                Nonlinearity activation,
                int stride) {
            return new Spec(
                    kernel,
                    expanded,
                    out,
                    squeeze,
                    false,
                    activation,
                    stride,
                    stride,
                    1,
                    expanded != in,
                    stride == 1 && in == out);
        }

        /**
         * Changes the channels of the depthwise convolution.
         *
         * @param other how many
         * @return this row but for them
         */
        public Spec withExpanded(int other) {
            return new Spec(
                    kernel,
                    other,
                    out,
                    squeeze,
                    spatial,
                    activation,
                    rowStride,
                    columnStride,
                    dilation,
                    expand,
                    residual);
        }

        /**
         * Changes whether each pixel is scaled.
         *
         * @param other whether spatial squeeze and excitation stands before the projection
         * @return this row but for it
         */
        public Spec withSpatial(boolean other) {
            return new Spec(
                    kernel,
                    expanded,
                    out,
                    squeeze,
                    other,
                    activation,
                    rowStride,
                    columnStride,
                    dilation,
                    expand,
                    residual);
        }

        @Override
        public InvertedResidual build(int in, Conventions conventions) {
            return new InvertedResidual(in, this, conventions);
        }

        @Override
        public String misfit(int in) {
            if (!expand && expanded != in) {
                return String.format(
                        Locale.ROOT,
                        "without expansion and %d channels wide where its input has %d",
                        expanded,
                        in);
            }
            if (residual && (rowStride != 1 || columnStride != 1 || in != out)) {
                return String.format(
                        Locale.ROOT,
                        "residual with stride (%d, %d) from %d to %d channels",
                        rowStride,
                        columnStride,
                        in,
                        out);
            }
            return null;
        }
    }

    /**
     * Creates the block.
     *
     * @param in input channels
     * @param spec kernel, channels, gate, activation and stride
     * @param conventions of the net
     * @throws IllegalArgumentException if the row does not fit the input channels
     */
    public InvertedResidual(int in, Spec spec, Conventions conventions) {
        if (spec.misfit(in) != null) {
            throw new IllegalArgumentException("The block is " + spec.misfit(in) + ".");
        }
        this.in = in;
        residual = spec.residual;
        List<Block> layers = new ArrayList<>();
        if (spec.expand) {
            layers.add(
                    ConvBlock.builder(in, spec.expanded, 1)
                            .optConventions(conventions)
                            .optActivation(spec.activation)
                            .build());
        }
        layers.add(
                ConvBlock.builder(spec.expanded, spec.expanded, spec.kernel)
                        .optConventions(conventions)
                        .optStride(spec.rowStride, spec.columnStride)
                        .optDilation(spec.dilation)
                        .optGroups(spec.expanded)
                        .optActivation(spec.activation)
                        .build());
        if (spec.squeeze > 0) {
            layers.add(
                    SqueezeExcitation.paper(
                            spec.expanded,
                            spec.squeeze,
                            conventions.gate().within(spec.activation)));
        }
        if (spec.spatial) {
            layers.add(new SpatialSqueezeExcitation(spec.expanded));
        }
        boolean v2 = conventions.names() == ParameterNames.MOBILENET_V2;
        if (v2) {
            layers.add(Layers.pointwise(spec.expanded, spec.out));
            layers.add(Layers.batchNorm(spec.out, conventions.norm()));
        } else {
            layers.add(
                    ConvBlock.builder(spec.expanded, spec.out, 1)
                            .optConventions(conventions)
                            .optActivation(Nonlinearity.IDENTITY)
                            .build());
        }
        block = addChildBlock(v2 ? "conv" : "block", Chain.of(layers.toArray(Block[]::new)));
    }

    /**
     * Lists what the block is made of, for nets that read the expansion, too.
     *
     * @return the layers in running order by their numbers in the state dict
     */
    public Map<String, Block> layers() {
        return block.layers();
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
