package org.mobilenetv3.graph;

import java.util.ArrayList;
import java.util.List;

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
     * Convolution, {@code (N, in, H, W)} to {@code (N, out, H', W')}, then perhaps a function.
     *
     * @param weight {@code (out, in / groups, kernel height, kernel width)}
     * @param bias {@code (out)} or null
     * @param stride rows and columns
     * @param padding zeros on each side, rows and columns
     * @param dilation rows and columns
     * @param groups channel groups
     * @param function applied to the result
     */
    record Convolution(
            Weight weight,
            Weight bias,
            Pair stride,
            Pair padding,
            Pair dilation,
            int groups,
            Function function)
            implements Op {

        @Override
        public List<Weight> weights() {
            return bias == null ? List.of(weight) : List.of(weight, bias);
        }

        @Override
        public String type() {
            return "Conv2d";
        }

        /**
         * Gives the kernel.
         *
         * @return rows and columns
         */
        public Pair kernel() {
            return new Pair((int) weight.shape().get(2), (int) weight.shape().get(3));
        }

        /**
         * Says whether it is a 1×1 convolution of all channels without padding.
         *
         * @return whether a linear layer on each pixel (or on each that the stride meets) equals it
         */
        public boolean isPointwise() {
            return groups == 1 && kernel().equals(Pair.of(1)) && padding.equals(Pair.of(0));
        }

        /**
         * Says whether each channel is filtered alone.
         *
         * @return whether groups, input and output channels are the same number, above 1
         */
        public boolean isDepthwise() {
            return groups > 1 && weight.shape().get(0) == groups && weight.shape().get(1) == 1;
        }
    }

    /**
     * Batch normalisation of axis 1 by the running statistics, shape kept.
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
    record Linear(Weight weight, Weight bias, Function function) implements Op {

        @Override
        public List<Weight> weights() {
            return bias == null ? List.of(weight) : List.of(weight, bias);
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
    record Activation(Function function) implements Op {
        @Override
        public String type() {
            return switch (function) {
                case IDENTITY -> "Identity";
                case RELU -> "ReLU";
                case RELU6 -> "ReLU6";
                case SIGMOID -> "Sigmoid";
                case TANH -> "Tanh";
                case SILU -> "SiLU";
                case HARDSIGMOID -> "Hardsigmoid";
                case HARDSWISH -> "Hardswish";
            };
        }
    }

    /** Sum of two values of one shape. */
    record Add() implements Op {
        @Override
        public String type() {
            return "Add";
        }
    }

    /** Product of a value and a second one of the same shape or {@code (N, C, 1, 1)}. */
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
     * Adds, multiplies ... one constant number per channel, shape kept: how a net normalises its
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
     * Rows and columns.
     *
     * @param rows vertical
     * @param columns horizontal
     */
    record Pair(int rows, int columns) {
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
         * Says whether both are the same.
         *
         * @return whether rows equal columns
         */
        public boolean isSquare() {
            return rows == columns;
        }
    }
}
