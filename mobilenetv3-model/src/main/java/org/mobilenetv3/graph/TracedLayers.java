package org.mobilenetv3.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.djl.AbstractLayers;
import org.mobilenetv3.graph.Op.Pair;

/** DJL's internal array operations (NDArrayEx), on which its layers are built, as graph nodes. */
final class TracedLayers extends AbstractLayers {

    private final Traced x;

    TracedLayers(Traced x) {
        this.x = x;
    }

    @Override
    protected RuntimeException refuse(String method) {
        return Tracer.refuse("NDArrayEx." + method);
    }

    /** What padding as TensorFlow's is before, only {@link #convolution} does. */
    private void require(String method) {
        requireValue(method);
        if (x.padsSame) {
            throw Tracer.refuse("padding before anything but a convolution");
        }
    }

    private void requireValue(String method) {
        if (x.value == null) {
            throw Tracer.refuse("NDArrayEx." + method + " of a weight or constant");
        }
    }

    @Override
    public NDArray getArray() {
        return x;
    }

    @Override
    public NDArray relu() {
        return function("relu", Nonlinearity.RELU);
    }

    @Override
    public NDArray sigmoid() {
        return function("sigmoid", Nonlinearity.SIGMOID);
    }

    @Override
    public NDArray tanh() {
        return function("tanh", Nonlinearity.TANH);
    }

    @Override
    public NDArray swish(float beta) {
        if (beta != 1f) {
            throw Tracer.refuse("swish with beta " + beta);
        }
        return function("swish", Nonlinearity.SILU);
    }

    @Override
    public NDArray mish() {
        throw refuse("mish");
    }

    @Override
    public NDList dropout(NDArray input, float rate, boolean training) {
        require("dropout");
        if (training) {
            throw Tracer.refuse("dropout in inference");
        }
        return new NDList(x.tracer.record(new Op.Dropout(rate), x.shape(), x.value));
    }

    @Override
    public NDArray globalAvgPool() {
        require("globalAvgPool");
        requireImages("global pooling");
        return x.tracer.record(new Op.GlobalAveragePool(), x.shape().slice(0, 2), x.value);
    }

    @Override
    public NDArray maxPool(Shape kernel, Shape stride, Shape padding, boolean ceil) {
        require("maxPool");
        return pool(true, pair(kernel), pair(stride), pair(padding), ceil);
    }

    /** DJL 0.36 does not hand {@code countPadding} on to libtorch. */
    @Override
    public NDArray avgPool(
            Shape kernel, Shape stride, Shape padding, boolean ceil, boolean countPadding) {
        require("avgPool");
        return pool(false, pair(kernel), pair(stride), pair(padding), ceil);
    }

    private void requireImages(String what) {
        if (x.shape().dimension() != 4) {
            throw Tracer.refuse("%s of %s".formatted(what, x.shape()));
        }
    }

    private NDArray function(String method, Nonlinearity function) {
        require(method);
        return x.tracer.record(new Op.Activation(function), x.shape(), x.value);
    }

    @Override
    public NDList convolution(
            NDArray input,
            NDArray kernel,
            NDArray bias,
            Shape stride,
            Shape padding,
            Shape dilation,
            int groups) {
        requireValue("convolution");
        Weight weight = weight(kernel);
        requireImages("a convolution");
        if (weight.shape().get(1) * groups != x.shape().get(1)) {
            throw Tracer.refuse("weights %s on %s".formatted(weight.shape(), x.shape()));
        }
        Pair pad = pair(padding);
        if (x.padsSame && !pad.equals(Pair.of(0))) {
            throw Tracer.refuse("padding twice");
        }
        Op.Convolution op =
                new Op.Convolution(
                        weight,
                        weight(bias),
                        pair(stride),
                        x.padsSame
                                ? Op.Padding.SAME
                                : new Op.Padding(pad.rows(), pad.columns(), false),
                        pair(dilation),
                        groups,
                        Nonlinearity.IDENTITY);
        Shape in = x.shape();
        long channels = weight.shape().get(0);
        Shape out =
                x.padsSame
                        ? new Shape(
                                in.get(0),
                                channels,
                                ceilDiv(in.get(2), op.stride().rows()),
                                ceilDiv(in.get(3), op.stride().columns()))
                        : windows(in, channels, op.reach(), op.stride(), pad, false);
        return new NDList(x.tracer.record(op, out, x.value));
    }

    @Override
    public NDList linear(NDArray input, NDArray matrix, NDArray bias) {
        require("linear");
        Weight weight = weight(matrix);
        if (x.shape().dimension() != 2 || weight.shape().get(1) != x.shape().get(1)) {
            throw Tracer.refuse(
                    "a linear layer of weights %s on %s".formatted(weight.shape(), x.shape()));
        }
        return new NDList(
                x.tracer.record(
                        new Op.Linear(weight, weight(bias), Nonlinearity.IDENTITY),
                        new Shape(x.shape().get(0), weight.shape().get(0)),
                        x.value));
    }

    @Override
    public NDList batchNorm(
            NDArray input,
            NDArray mean,
            NDArray variance,
            NDArray scale,
            NDArray shift,
            int axis,
            float momentum,
            float epsilon,
            boolean training) {
        require("batchNorm");
        if (scale == null || shift == null || axis != 1 || training) {
            throw Tracer.refuse(
                    "batch norm without scale and shift, of another axis than 1, or in training");
        }
        Op op =
                new Op.BatchNorm(
                        weight(scale),
                        weight(shift),
                        weight(mean),
                        weight(variance),
                        epsilon,
                        // DJL's momentum is the share of the old statistic, rounded to float.
                        Math.round((1 - momentum) * 1e6f) / 1e6f);
        return new NDList(x.tracer.record(op, x.shape(), x.value));
    }

    /** DJL hands over the arrays that follow this one. */
    @Override
    public NDArray concat(NDList others, int axis) {
        require("concat");
        List<Traced> parts = new ArrayList<>(List.of(x));
        others.forEach(other -> parts.add(Tracer.traced(other)));
        Shape first = x.shape();
        long size = 0;
        for (Traced part : parts) {
            if (part == null
                    || part.value == null
                    || axis < 1
                    || part.shape().dimension() != 3
                    || first.get(0) != part.shape().get(0)
                    || first.get(3 - axis) != part.shape().get(3 - axis)) {
                throw Tracer.refuse("NDArrays.concat of anything but rows");
            }
            size += part.shape().get(axis);
        }
        Shape whole =
                axis == 1
                        ? new Shape(first.get(0), size, first.get(2))
                        : new Shape(first.get(0), first.get(1), size);
        Value[] values = parts.stream().map(part -> part.value).toArray(Value[]::new);
        return x.tracer.record(new Op.Concatenate(axis), whole, values);
    }

    private NDArray pool(boolean max, Pair kernel, Pair stride, Pair padding, boolean ceil) {
        requireImages("pooling");
        Op op = new Op.Pool(max, kernel, stride, padding, ceil, !max);
        Shape out = windows(x.shape(), x.shape().get(1), kernel, stride, padding, ceil);
        return x.tracer.record(op, out, x.value);
    }

    private static Shape windows(
            Shape in, long channels, Pair kernel, Pair stride, Pair padding, boolean ceil) {
        return new Shape(
                in.get(0),
                channels,
                count(in.get(2), kernel.rows(), stride.rows(), padding.rows(), ceil),
                count(in.get(3), kernel.columns(), stride.columns(), padding.columns(), ceil));
    }

    private static long count(long size, int kernel, int stride, int padding, boolean ceil) {
        long room = size + 2L * padding - kernel;
        long steps = Math.floorDiv(room + (ceil ? stride - 1 : 0), (long) stride);
        // A window that would begin in the padding behind the image is left out, as in PyTorch.
        long count = ceil && steps * stride >= size + padding ? steps : steps + 1;
        if (count < 1) {
            throw Tracer.refuse(
                    String.format(Locale.ROOT, "a window of %d on %d pixels", kernel, size));
        }
        return count;
    }

    private static long ceilDiv(long size, int stride) {
        return (size + stride - 1) / stride;
    }

    private static Weight weight(NDArray array) {
        if (array == null) {
            return null;
        }
        Traced traced = Tracer.traced(array);
        if (traced == null || traced.weight == null) {
            throw Tracer.refuse("a layer whose weight is computed");
        }
        return traced.weight;
    }

    private static Pair pair(Shape shape) {
        long[] dims = shape.getShape();
        return new Pair(Math.toIntExact(dims[0]), Math.toIntExact(dims[dims.length - 1]));
    }
}
