package org.mobilenetv3.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What a node computes. Images are {@code (N, C, H, W)}. */
public sealed interface Op {

    /**
     * Lists the weights that the operation reads.
     *
     * @return in PyTorch's order, none missing
     */
    default List<Weight> weights() {
        return List.of();
    }

    /**
     * Names the operation as PyTorch names its layer.
     *
     * @return for instance {@code Conv2d}
     */
    String type();

    /**
     * Changes the numbers.
     *
     * @param other gives a weight of the same shape
     * @return the operation with these
     */
    default Op with(UnaryOperator<Weight> other) {
        return this;
    }

    /** An operation with a weight, perhaps a bias, and perhaps a function of the result. */
    sealed interface Layer extends Op permits Convolution, Linear {

        /**
         * Returns what the input is multiplied by.
         *
         * @return the output channels on axis 0
         */
        Weight weight();

        /**
         * Returns what is added to the product.
         *
         * @return one number per output channel, or null
         */
        Weight bias();

        /**
         * Returns what is applied to the result.
         *
         * @return the function, or {@link Nonlinearity#IDENTITY}
         */
        Nonlinearity function();

        /**
         * Changes the numbers.
         *
         * @param weight of the same shape
         * @param bias or null
         * @return the layer with these
         */
        Layer with(Weight weight, Weight bias);

        /**
         * Changes the function.
         *
         * @param function applied to the result
         * @return the layer with it
         */
        Layer with(Nonlinearity function);

        @Override
        default List<Weight> weights() {
            return bias() == null ? List.of(weight()) : List.of(weight(), bias());
        }

        @Override
        default Op with(UnaryOperator<Weight> other) {
            return with(other.apply(weight()), bias() == null ? null : other.apply(bias()));
        }
    }

    /**
     * Convolution, {@code (N, in, H, W)} to {@code (N, out, H', W')}, then perhaps a function.
     *
     * @param weight {@code (out, in / groups, kernel height, kernel width)}
     * @param bias {@code (out)} or null
     * @param stride rows and columns
     * @param padding zeros around the image
     * @param dilation rows and columns
     * @param groups channel groups
     * @param function applied to the result
     */
    record Convolution(
            Weight weight,
            Weight bias,
            Pair stride,
            Padding padding,
            Pair dilation,
            int groups,
            Nonlinearity function)
            implements Layer {

        @Override
        public Convolution with(Weight newWeight, Weight newBias) {
            return new Convolution(newWeight, newBias, stride, padding, dilation, groups, function);
        }

        @Override
        public Convolution with(Nonlinearity newFunction) {
            return new Convolution(weight, bias, stride, padding, dilation, groups, newFunction);
        }

        @Override
        public String type() {
            return "Conv2d";
        }

        /**
         * Returns the kernel.
         *
         * @return rows and columns
         */
        public Pair kernel() {
            return new Pair((int) weight.shape().get(2), (int) weight.shape().get(3));
        }

        /**
         * Returns whether it is a 1×1 convolution of all channels without padding.
         *
         * @return whether a linear layer on each pixel (or on each that the stride meets) equals it
         */
        public boolean isPointwise() {
            return groups == 1 && kernel().equals(Pair.of(1)) && padding.equals(Padding.NONE);
        }

        /**
         * Returns how far the kernel reaches over the image.
         *
         * @return rows and columns, from its first tap to its last
         */
        public Pair reach() {
            return new Pair(
                    dilation.rows() * (kernel().rows() - 1) + 1,
                    dilation.columns() * (kernel().columns() - 1) + 1);
        }

        /**
         * Returns whether each channel is filtered alone.
         *
         * @return whether groups, input and output channels are the same number, above 1
         */
        public boolean isDepthwise() {
            return groups > 1 && weight.shape().get(0) == groups && weight.shape().get(1) == 1;
        }
    }

    /**
     * Batch normalization of axis 1 by the running statistics, shape kept.
     *
     * @param weight gamma, {@code (C)}
     * @param bias beta, {@code (C)}
     * @param mean running mean, {@code (C)}
     * @param variance running variance, {@code (C)}
     * @param epsilon added to the variance
     * @param momentum share of the new statistic (PyTorch's meaning)
     */
    record BatchNorm(
            Weight weight, Weight bias, Weight mean, Weight variance, float epsilon, float momentum)
            implements Op {

        @Override
        public List<Weight> weights() {
            return List.of(weight, bias, mean, variance);
        }

        @Override
        public BatchNorm with(UnaryOperator<Weight> other) {
            return new BatchNorm(
                    other.apply(weight),
                    other.apply(bias),
                    other.apply(mean),
                    other.apply(variance),
                    epsilon,
                    momentum);
        }

        @Override
        public String type() {
            return "BatchNorm2d";
        }
    }

    /**
     * Fully connected layer, {@code (N, in)} to {@code (N, out)}, then perhaps a function.
     *
     * @param weight {@code (out, in)}
     * @param bias {@code (out)} or null
     * @param function applied to the result
     */
    record Linear(Weight weight, Weight bias, Nonlinearity function) implements Layer {

        @Override
        public Linear with(Weight newWeight, Weight newBias) {
            return new Linear(newWeight, newBias, function);
        }

        @Override
        public Linear with(Nonlinearity newFunction) {
            return new Linear(weight, bias, newFunction);
        }

        @Override
        public String type() {
            return "Linear";
        }
    }

    /**
     * An element-wise function, shape kept.
     *
     * @param function which
     */
    record Activation(Nonlinearity function) implements Op {
        @Override
        public String type() {
            return function.torchClass();
        }
    }

    /** Sum of two values of one shape. */
    record Add() implements Op {
        @Override
        public String type() {
            return "Add";
        }
    }

    /**
     * Product of a value and a second one of the same shape, {@code (N, C, 1, 1)} or {@code (N, 1,
     * H, W)}.
     */
    record Multiply() implements Op {
        @Override
        public String type() {
            return "Multiply";
        }
    }

    /** Mean over height and width, {@code (N, C, H, W)} to {@code (N, C)}. */
    record GlobalAveragePool() implements Op {
        @Override
        public String type() {
            return "AdaptiveAvgPool2d";
        }
    }

    /**
     * Pooling, {@code (N, C, H, W)} to {@code (N, C, H', W')}.
     *
     * @param max the largest value, otherwise the mean
     * @param kernel rows and columns
     * @param stride rows and columns
     * @param padding on each side, rows and columns
     * @param ceil whether the last window may reach over the edge
     * @param countPadding whether padding counts in the mean
     */
    record Pool(
            boolean max, Pair kernel, Pair stride, Pair padding, boolean ceil, boolean countPadding)
            implements Op {
        @Override
        public String type() {
            return max ? "MaxPool2d" : "AvgPool2d";
        }
    }

    /**
     * Bilinear interpolation, corners not aligned, no antialias: {@code (N, C, H, W)} and a second
     * value {@code (N, D, H', W')}, of which only the size counts, to {@code (N, C, H', W')}.
     */
    record Resize() implements Op {
        @Override
        public String type() {
            return "Upsample";
        }
    }

    /** {@code (N, C)} to {@code (N, C, 1, 1)}: the same numbers. */
    record Unflatten() implements Op {
        @Override
        public String type() {
            return "Unflatten";
        }
    }

    /** {@code (N, C, H, W)} to {@code (N, C * H * W)}. */
    record Flatten() implements Op {
        @Override
        public String type() {
            return "Flatten";
        }
    }

    /**
     * {@code (N, A * columns, H, W)} to {@code (N, H * W * A, columns)}: a row for each of the A
     * anchors of each pixel.
     *
     * @param columns length of a row
     */
    record Rows(int columns) implements Op {
        @Override
        public String type() {
            return "Rows";
        }
    }

    /**
     * Values of three axes one after the other.
     *
     * @param axis along which, 1 or 2; the others are of one size
     */
    record Concatenate(int axis) implements Op {
        @Override
        public String type() {
            return "Concat";
        }
    }

    /**
     * Probabilities of logits along the last axis, {@code (N, rows, columns)} to the same shape.
     */
    record Softmax() implements Op {
        @Override
        public String type() {
            return "Softmax";
        }
    }

    /**
     * Boxes of codes, {@code (N, anchors, 4)} to the same shape: left, top, right and bottom as
     * shares of the image, inside it. The codes are those of {@code detection.BoxCoder}.
     *
     * @param anchors {@code (1, anchors, 4)}: center (x, y), width and height as shares of the
     *     image
     */
    record DecodeBoxes(Weight anchors) implements Op {
        @Override
        public List<Weight> weights() {
            return List.of(anchors);
        }

        @Override
        public String type() {
            return "DecodeBoxes";
        }
    }

    /**
     * In training sets values to zero at random and scales the others up; otherwise does nothing.
     *
     * @param rate share set to zero
     */
    record Dropout(float rate) implements Op {
        @Override
        public String type() {
            return "Dropout";
        }
    }

    /**
     * Adds, multiplies ... one constant number per channel, shape kept: how a net normalizes its
     * input.
     *
     * @param kind what is done
     * @param constant one number per channel
     */
    record PerChannel(Kind kind, List<Float> constant) implements Op {

        /** The four operations, the constant on the right. */
        public enum Kind {
            /** {@code x + c}. */
            ADD,
            /** {@code x - c}. */
            SUBTRACT,
            /** {@code x * c}. */
            MULTIPLY,
            /** {@code x / c}. */
            DIVIDE
        }

        /**
         * Copies the constant.
         *
         * @return one number per channel
         */
        public float[] values() {
            float[] values = new float[constant.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = constant.get(i);
            }
            return values;
        }

        static PerChannel of(Kind kind, float[] constant) {
            List<Float> values = new ArrayList<>(constant.length);
            for (float c : constant) {
                values.add(c);
            }
            return new PerChannel(kind, List.copyOf(values));
        }

        @Override
        public String type() {
            return "Normalize";
        }
    }

    /**
     * Zeros around an image.
     *
     * @param rows above and below it
     * @param columns to its left and right
     * @param same whether instead as many are added as TensorFlow's {@code SAME} says, which
     *     depends on the image's size
     */
    record Padding(int rows, int columns, boolean same) {

        // By hand, as Value's.

        @Override
        public boolean equals(Object other) {
            return other instanceof Padding padding
                    && padding.rows == rows
                    && padding.columns == columns
                    && padding.same == same;
        }

        @Override
        public int hashCode() {
            return (31 * rows + columns) * 2 + (same ? 1 : 0);
        }

        /** No zeros. */
        public static final Padding NONE = new Padding(0, 0, false);

        /** TensorFlow's; with stride 1 and an odd kernel it is written as numbers instead. */
        public static final Padding SAME = new Padding(0, 0, true);

        /**
         * Returns the zeros that {@code SAME} adds to one axis; the smaller half goes before it.
         *
         * @param size pixels of the image
         * @param reach pixels that the kernel spans
         * @param stride pixels from window to window
         * @return zeros on both sides together
         */
        public static int same(long size, int reach, int stride) {
            long last = (size + stride - 1) / stride - 1;
            return Math.toIntExact(Math.max(last * stride + reach - size, 0));
        }

        @Override
        public String toString() {
            return same ? "SAME" : new Pair(rows, columns).toString();
        }
    }

    /**
     * Rows and columns.
     *
     * @param rows vertical
     * @param columns horizontal
     */
    record Pair(int rows, int columns) {

        // By hand, as Value's.

        @Override
        public boolean equals(Object other) {
            return other instanceof Pair pair && pair.rows == rows && pair.columns == columns;
        }

        @Override
        public int hashCode() {
            return 31 * rows + columns;
        }

        /**
         * The same number both ways.
         *
         * @param n rows and columns
         * @return the pair
         */
        public static Pair of(int n) {
            return new Pair(n, n);
        }

        /**
         * Returns whether both are the same.
         *
         * @return whether rows equal columns
         */
        public boolean isSquare() {
            return rows == columns;
        }
    }
}
