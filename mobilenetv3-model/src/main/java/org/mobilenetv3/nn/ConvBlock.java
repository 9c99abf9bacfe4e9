package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Locale;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.Layers.Geometry;

/**
 * Convolution without bias, batch norm, activation: {@code (N, in, H, W)} to {@code (N, out, H',
 * W')} with {@code H' = ceil(H / stride)} (for odd kernels, the only ones here).
 *
 * <p>State dict: {@code conv.weight, bn.*} (the article), or {@code 0.weight, 1.*} (torchvision's
 * Conv2dNormActivation).
 */
public final class ConvBlock extends TorchBlock {

    private final long in;
    private final Geometry geometry;
    private final boolean pads;
    private final Block conv;
    private final Block norm;
    private final Nonlinearity activation;

    private ConvBlock(Builder b) {
        in = b.in;
        activation = b.activation;
        geometry = b.geometry();
        // With stride 1, TensorFlow's padding of an odd kernel is PyTorch's.
        pads = b.conventions.padding() == Padding.SAME && geometry.isStrided();
        boolean article = b.conventions.names() == ParameterNames.ARTICLE;
        conv =
                addChildBlock(
                        article ? "conv" : "0",
                        Layers.conv(b.in, b.out, pads ? geometry.withPadding(0) : geometry, false));
        norm = addChildBlock(article ? "bn" : "1", Layers.batchNorm(b.out, b.conventions.norm()));
    }

    /**
     * Starts a block with a square kernel, stride 1, no dilation, one group, h-swish, and the
     * article's conventions.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel kernel size in pixels, odd
     * @return a builder
     */
    public static Builder builder(long in, long out, int kernel) {
        return new Builder(in, out, kernel);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        NDArray padded = pads ? padded(x) : x;
        try (NDArray convolved = forward(conv, store, padded, training)) {
            NDArray normed = forward(norm, store, convolved, training);
            NDArray activated = activation.apply(normed);
            if (activated != normed) {
                normed.close();
            }
            return activated;
        } finally {
            if (padded != x) {
                padded.close();
            }
        }
    }

    private NDArray padded(NDArray x) {
        if (Graph.isTraced(x)) {
            return Graph.padSame(x);
        }
        int rows = geometry.same(x.getShape().get(2), geometry.rowStride());
        int columns = geometry.same(x.getShape().get(3), geometry.columnStride());
        Shape sides = new Shape(columns / 2, columns - columns / 2, rows / 2, rows - rows / 2);
        return rows + columns == 0 ? x : x.pad(sides, 0);
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return shapeOf(conv, paddedShape(input));
    }

    private Shape paddedShape(Shape input) {
        if (!pads) {
            return input;
        }
        long rows = input.get(2);
        long columns = input.get(3);
        return new Shape(
                input.get(0),
                input.get(1),
                rows + geometry.same(rows, geometry.rowStride()),
                columns + geometry.same(columns, geometry.columnStride()));
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        init.accept(norm, init.accept(conv, paddedShape(input)));
    }

    /** Builds a {@link ConvBlock}. */
    public static final class Builder {
        private final long in;
        private final long out;
        private final int kernel;
        private int rowStride = 1;
        private int columnStride = 1;
        private int dilation = 1;
        private int groups = 1;
        private Conventions conventions = Conventions.ARTICLE;
        private Nonlinearity activation = Nonlinearity.HARD_SWISH;

        private Builder(long in, long out, int kernel) {
            this.in = in;
            this.out = out;
            this.kernel = kernel;
        }

        private Geometry geometry() {
            return new Geometry(
                    kernel, rowStride, columnStride, dilation * (kernel / 2), dilation, groups);
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
         * Sets the dilation.
         *
         * @param dilation pixels between two taps of the kernel
         * @return this builder
         */
        public Builder optDilation(int dilation) {
            this.dilation = dilation;
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
         * Sets names, batch norm and padding.
         *
         * @param conventions of the net that the block is part of
         * @return this builder
         */
        public Builder optConventions(Conventions conventions) {
            this.conventions = conventions;
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block, not initialized
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
