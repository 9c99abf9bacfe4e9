package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * The article's residual block of two dense convolutions: {@code relu(y * SE(y) + shortcut(x))}
 * with {@code y = conv2(conv1(x))}; {@code (N, in, H, W)} to {@code (N, out, ceil(H / stride),
 * ceil(W / stride))}.
 *
 * <p>State dict: {@code conv1.*, conv2.*}, then {@code se.fc1.*, se.fc2.*} if there is a gate, then
 * {@code shortcut.0.weight, shortcut.1.*} if the shape changes.
 */
public final class ResidualBlock extends TorchBlock {

    private final long in;
    private final ConvBlock conv1;
    private final ConvBlock conv2;
    private final SqueezeExcitation se;
    private final Chain shortcut;

    /**
     * What one block is made of.
     *
     * @param kernel kernel size of both convolutions, odd
     * @param inner channels between the two convolutions; {@code out} in the article's nets, fewer
     *     in pruned ones
     * @param out output channels
     * @param squeeze channels inside squeeze and excitation, 0 for none
     * @param stride of the first convolution
     */
    public record Spec(int kernel, int inner, int out, int squeeze, int stride)
            implements BlockSpec {
        /**
         * Changes the channels between the two convolutions.
         *
         * @param other how many
         * @return this row but for them
         */
        public Spec withInner(int other) {
            return new Spec(kernel, other, out, squeeze, stride);
        }

        @Override
        public int rowStride() {
            return stride;
        }

        @Override
        public int columnStride() {
            return stride;
        }

        @Override
        public ResidualBlock build(int in, Conventions conventions) {
            return new ResidualBlock(in, this, conventions);
        }
    }

    /**
     * Creates the block.
     *
     * @param in input channels
     * @param spec kernel, channels, gate and stride
     * @param conventions of the net; whatever their names, the block's own are the article's
     */
    public ResidualBlock(int in, Spec spec, Conventions conventions) {
        this.in = in;
        int out = spec.out;
        Conventions own =
                new Conventions(
                        conventions.norm(),
                        conventions.padding(),
                        conventions.gate(),
                        ParameterNames.ARTICLE);
        conv1 =
                addChildBlock(
                        "conv1",
                        ConvBlock.builder(in, spec.inner, spec.kernel)
                                .optStride(spec.stride)
                                .optConventions(own)
                                .build());
        conv2 =
                addChildBlock(
                        "conv2",
                        ConvBlock.builder(spec.inner, out, spec.kernel)
                                .optConventions(own)
                                .build());
        se =
                spec.squeeze == 0
                        ? null
                        : addChildBlock(
                                "se",
                                SqueezeExcitation.article(
                                        out,
                                        out,
                                        spec.squeeze,
                                        own.gate().within(Nonlinearity.HARD_SWISH)));
        boolean reshapes = spec.stride != 1 || in != out;
        shortcut =
                addChildBlock(
                        "shortcut",
                        reshapes
                                ? Chain.of(
                                        Layers.conv(
                                                in,
                                                out,
                                                new Layers.Geometry(
                                                        1, spec.stride, spec.stride, 0, 1, 1),
                                                false),
                                        Layers.batchNorm(out, own.norm()))
                                : Chain.of());
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        NDArray y;
        try (NDArray first = forward(conv1, store, x, training)) {
            y = forward(conv2, store, first, training);
        }
        if (se != null) {
            try (NDArray ungated = y;
                    NDArray gate = forward(se, store, y, training)) {
                y = ungated.mul(gate);
            }
        }
        NDArray skip = forward(shortcut, store, x, training);
        try (NDArray branch = y;
                NDArray sum = branch.add(skip)) {
            return Nonlinearity.RELU.apply(sum);
        } finally {
            if (skip != x) {
                skip.close();
            }
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return conv2.outputShape(conv1.outputShape(input));
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        Shape output = init.accept(conv2, init.accept(conv1, input));
        if (se != null) {
            init.accept(se, output);
        }
        init.accept(shortcut, input);
    }
}
