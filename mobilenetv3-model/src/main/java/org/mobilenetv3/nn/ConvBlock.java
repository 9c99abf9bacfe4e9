package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Locale;

/**
 * Convolution without bias, batch norm, activation: {@code (N, in, H, W)} to {@code (N, out, H',
 * W')} with {@code H' = (H + 2 padding - kernel) / stride + 1}.
 *
 * <p>State dict: {@code conv.weight, bn.*} (the article), or {@code 0.weight, 1.*} (torchvision's
 * Conv2dNormActivation).
 */
public final class ConvBlock extends TorchBlock {

    private final long in;
    private final Block conv;
    private final Block norm;
    private final Nonlinearity activation;

    private ConvBlock(Builder b) {
        in = b.in;
        activation = b.activation;
        conv =
                addChildBlock(
                        b.convName,
                        Layers.conv(
                                b.in,
                                b.out,
                                new Layers.Geometry(
                                        b.kernel,
                                        b.rowStride,
                                        b.columnStride,
                                        b.kernel / 2,
                                        b.groups),
                                false));
        norm = addChildBlock(b.normName, Layers.batchNorm(b.out, b.norm));
    }

    /**
     * Starts a block with a square kernel, stride 1, padding {@code kernel / 2}, one group, the
     * article's names, batch norm and h-swish.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel kernel size in pixels
     * @return a builder
     */
    public static Builder builder(long in, long out, int kernel) {
        return new Builder(in, out, kernel);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDArray convolved = forward(conv, store, x, training)) {
            NDArray normed = forward(norm, store, convolved, training);
            NDArray activated = activation.apply(normed);
            if (activated != normed) {
                normed.close();
            }
            return activated;
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return shapeOf(conv, input);
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        init.accept(norm, init.accept(conv, input));
    }

    /** Builds a {@link ConvBlock}. */
    public static final class Builder {
        private final long in;
        private final long out;
        private final int kernel;
        private int rowStride = 1;
        private int columnStride = 1;
        private int groups = 1;
        private String convName = "conv";
        private String normName = "bn";
        private Norm norm = Norm.PYTORCH;
        private Nonlinearity activation = Nonlinearity.HARD_SWISH;

        private Builder(long in, long out, int kernel) {
            this.in = in;
            this.out = out;
            this.kernel = kernel;
        }

        /**
         * Sets the stride.
         *
         * @param stride pixels, both ways
         * @return this builder
         */
        public Builder optStride(int stride) {
            return optStride(stride, stride);
        }

        /**
         * Sets the strides of rows and columns.
         *
         * @param rows pixels from row to row
         * @param columns pixels from column to column
         * @return this builder
         */
        public Builder optStride(int rows, int columns) {
            rowStride = rows;
            columnStride = columns;
            return this;
        }

        /**
         * Sets the number of groups; {@code in} groups make a depthwise convolution.
         *
         * @param groups a divisor of both channel counts
         * @return this builder
         */
        public Builder optGroups(int groups) {
            this.groups = groups;
            return this;
        }

        /**
         * Sets the activation.
         *
         * @param activation what follows batch norm
         * @return this builder
         */
        public Builder optActivation(Nonlinearity activation) {
            this.activation = activation;
            return this;
        }

        /**
         * Switches to torchvision's names ({@code 0}, {@code 1}) and sets batch norm.
         *
         * @param settings epsilon and momentum
         * @return this builder
         */
        public Builder optTorchvision(Norm settings) {
            convName = "0";
            normName = "1";
            return optNorm(settings);
        }

        /**
         * Sets batch norm.
         *
         * @param settings epsilon and momentum
         * @return this builder
         */
        public Builder optNorm(Norm settings) {
            norm = settings;
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block, not initialised
         * @throws IllegalArgumentException if the groups do not divide the channels
         */
        public ConvBlock build() {
            if (groups < 1 || in % groups != 0 || out % groups != 0) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "%d groups do not divide %d input and %d output channels",
                                groups,
                                in,
                                out));
            }
            return new ConvBlock(this);
        }
    }
}
