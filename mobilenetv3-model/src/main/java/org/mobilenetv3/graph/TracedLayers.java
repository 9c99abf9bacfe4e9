package org.mobilenetv3.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.graph.Op.Pair;
import org.mobilenetv3.graph.Tracer.Traced;

/** DJL's internal array operations (NDArrayEx), on which its layers are built, as graph nodes. */
final class TracedLayers implements InvocationHandler {

    private final Traced x;

    TracedLayers(Traced x) {
        this.x = x;
    }

    @Override
    public Object invoke(Object self, Method method, Object[] args) {
        if (x.value == null) {
            throw Tracer.refuse("NDArrayEx." + method.getName() + " of a weight or constant");
        }
        if (x.padsSame && !"convolution".equals(method.getName())) {
            throw Tracer.refuse("padding before anything but a convolution");
        }
        return switch (method.getName()) {
            case "getArray" -> x.array();
            case "relu" -> function(Nonlinearity.RELU);
            case "sigmoid" -> function(Nonlinearity.SIGMOID);
            case "tanh" -> function(Nonlinearity.TANH);
            case "swish" -> {
                if ((float) args[0] != 1f) {
                    throw Tracer.refuse("swish with beta " + args[0]);
                }
                yield function(Nonlinearity.SILU);
            }
            case "convolution" -> convolution(args);
            case "linear" -> linear(args);
            case "batchNorm" -> batchNorm(args);
            case "dropout" -> {
                if ((boolean) args[2]) {
                    throw Tracer.refuse("dropout in inference");
                }
                yield new NDList(
                        x.tracer.record(new Op.Dropout((float) args[1]), x.shape(), x.value));
            }
            case "globalAvgPool" -> {
                requireImages("global pooling");
                yield x.tracer.record(new Op.GlobalAveragePool(), x.shape().slice(0, 2), x.value);
            }
            case "concat" -> concat((NDList) args[0], (int) args[1]);
            case "maxPool" -> pool(true, args, false);
            // DJL 0.36 does not hand args[4] (not to count padding) on to libtorch.
            case "avgPool" -> pool(false, args, true);
            default -> throw Tracer.refuse("NDArrayEx." + method.getName());
        };
    }

    private void requireImages(String what) {
        if (x.shape().dimension() != 4) {
            throw Tracer.refuse("%s of %s".formatted(what, x.shape()));
        }
    }

    private NDArray function(Nonlinearity function) {
        return x.tracer.record(new Op.Activation(function), x.shape(), x.value);
    }

    private NDList convolution(Object[] args) {
        Weight weight = weight(args[1]);
        requireImages("a convolution");
        if (weight.shape().get(1) * (int) args[6] != x.shape().get(1)) {
            throw Tracer.refuse("weights %s on %s".formatted(weight.shape(), x.shape()));
        }
        Pair pad = pair(args[4]);
        if (x.padsSame && !pad.equals(Pair.of(0))) {
            throw Tracer.refuse("padding twice");
        }
        Op.Convolution op =
                new Op.Convolution(
                        weight,
                        weight(args[2]),
                        pair(args[3]),
                        x.padsSame
                                ? Op.Padding.SAME
                                : new Op.Padding(pad.rows(), pad.columns(), false),
                        pair(args[5]),
                        (int) args[6],
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

    private NDList linear(Object[] args) {
        Weight weight = weight(args[1]);
        if (x.shape().dimension() != 2 || weight.shape().get(1) != x.shape().get(1)) {
            throw Tracer.refuse(
                    "a linear layer of weights %s on %s".formatted(weight.shape(), x.shape()));
        }
        return new NDList(
                x.tracer.record(
                        new Op.Linear(weight, weight(args[2]), Nonlinearity.IDENTITY),
                        new Shape(x.shape().get(0), weight.shape().get(0)),
                        x.value));
    }

    /** Arguments: input, running mean, running variance, gamma, beta, axis, momentum, epsilon. */
    private NDList batchNorm(Object[] args) {
        if (args[3] == null || args[4] == null || (int) args[5] != 1 || (boolean) args[8]) {
            throw Tracer.refuse(
                    "batch norm without scale and shift, of another axis than 1, or in training");
        }
        Op op =
                new Op.BatchNorm(
                        weight(args[3]),
                        weight(args[4]),
                        weight(args[1]),
                        weight(args[2]),
                        (float) args[7],
                        // DJL's momentum is the share of the old statistic, rounded to float.
                        Math.round((1 - (float) args[6]) * 1e6f) / 1e6f);
        return new NDList(x.tracer.record(op, x.shape(), x.value));
    }

    /** DJL hands over the arrays that follow this one. */
    private NDArray concat(NDList others, int axis) {
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

    private NDArray pool(boolean max, Object[] args, boolean countPadding) {
        requireImages("pooling");
        Pair kernel = pair(args[0]);
        Pair stride = pair(args[1]);
        Pair padding = pair(args[2]);
        boolean ceil = (boolean) args[3];
        Op op = new Op.Pool(max, kernel, stride, padding, ceil, countPadding);
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

    private static Weight weight(Object array) {
        if (array == null) {
            return null;
        }
        Traced traced = Tracer.traced((NDArray) array);
        if (traced == null || traced.weight == null) {
            throw Tracer.refuse("a layer whose weight is computed");
        }
        return traced.weight;
    }

    private static Pair pair(Object shape) {
        long[] dims = ((Shape) shape).getShape();
        return new Pair(Math.toIntExact(dims[0]), Math.toIntExact(dims[dims.length - 1]));
    }
}
