package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Function;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Op.Pair;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.weights.onnx.Term.Image;

/** Reads convolutions, linear layers and batch norm. */
final class Layers {

    private static final int LARGEST = 1 << 12;
    private static final float EPSILON = 1e-5f;

    private final Scope scope;

    Layers(Scope scope) {
        this.scope = scope;
    }

    static Weight weight(OnnxTensor tensor) {
        return new Weight(tensor.name(), tensor.shape(), true, tensor::floats);
    }

    /** Whether a constant holds one number for each channel of a value of that rank. */
    static boolean perChannel(OnnxTensor constant, int rank, long channels) {
        Shape shape = constant.shape();
        int axis = shape.dimension() - (rank - 1); // counted from the end, as broadcasting does
        return (axis == 0 || axis == 1)
                && constant.size() == channels
                && shape.get(axis) == channels;
    }

    Image convolution(OnnxNode node) throws IOException {
        Image x = scope.image(node, 0);
        OnnxTensor weight = scope.constant(node, 1);
        long[] w = weight.shape().getShape();
        long group = node.integer("group", 1);
        if (x.rank() != 4 || w.length != 4) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "convolves a value of %d axes with a weight of shape %s, expected images",
                            x.rank(),
                            weight.shape()));
        }
        boolean fits = group >= 1 && group <= w[0] && w[0] % group == 0 && w[1] >= 1;
        long channels = x.value().channels();
        if (!fits || (channels >= 0 && channels != w[1] * group)) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "has a weight of shape %s for %d groups of %d channels, so the file is damaged",
                            weight.shape(),
                            group,
                            channels));
        }
        Pair kernel = pair(node, new long[] {w[2], w[3]}, "kernel");
        Pair stride = pair(node, node.integers("strides", 1, 1), "stride");
        Pair dilation = pair(node, node.integers("dilations", 1, 1), "dilation");
        Pair padding = padding(node, kernel, stride, dilation);
        Op.Convolution op =
                new Op.Convolution(
                        weight(weight),
                        bias(node, w[0]),
                        stride,
                        padding,
                        dilation,
                        (int) group,
                        Function.IDENTITY);
        Shape in = x.value().shape();
        Shape out =
                new Shape(
                        -1,
                        w[0],
                        size(
                                in.get(2),
                                kernel.rows(),
                                stride.rows(),
                                padding.rows(),
                                dilation.rows()),
                        size(
                                in.get(3),
                                kernel.columns(),
                                stride.columns(),
                                padding.columns(),
                                dilation.columns()));
        return scope.emit(node.name(), op, out, 4, x.value());
    }

    private Weight bias(OnnxNode node, long channels) throws IOException {
        if (!node.has(2)) {
            return null;
        }
        OnnxTensor bias = scope.constant(node, 2);
        if (!perChannel(bias, 2, channels)) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "has a bias of shape %s, expected %d numbers",
                            bias.shape(),
                            channels));
        }
        return weight(bias.withShape(channels));
    }

    /** Pixels after a window slides, -1 where they are not known. */
    static long size(long in, int kernel, int stride, int padding, int dilation) {
        long last = in + 2L * padding - dilation * (kernel - 1L) - 1;
        return in < 0 || last < 0 ? -1 : last / stride + 1;
    }

    static Pair pair(OnnxNode node, long[] values, String what) throws IOException {
        for (long value : values) {
            if (value < 1 || value > LARGEST || values.length != 2) {
                throw node.refuse(
                        "has %s %s, expected rows and columns"
                                .formatted(what, Arrays.toString(values)));
            }
        }
        return new Pair((int) values[0], (int) values[1]);
    }

    static Pair padding(OnnxNode node, Pair kernel, Pair stride, Pair dilation) throws IOException {
        String auto = node.text("auto_pad", "NOTSET");
        boolean same = auto.equals("SAME_UPPER") || auto.equals("SAME_LOWER");
        int rows = (kernel.rows() - 1) * dilation.rows();
        int columns = (kernel.columns() - 1) * dilation.columns();
        if (same && stride.equals(Pair.of(1)) && rows % 2 == 0 && columns % 2 == 0) {
            return new Pair(rows / 2, columns / 2);
        }
        long[] pads = node.integers("pads", 0, 0, 0, 0);
        boolean even =
                pads.length == 4
                        && pads[0] == pads[2]
                        && pads[1] == pads[3]
                        && Math.min(pads[0], pads[1]) >= 0
                        && Math.max(pads[0], pads[1]) <= LARGEST;
        if (same || !even) {
            throw node.refuse(
                    "pads by %s, expected the same on both sides; nets with TensorFlow's SAME padding compute something else than PyTorch's and cannot be read"
                            .formatted(same ? auto : Arrays.toString(pads)));
        }
        return auto.equals("VALID") ? Pair.of(0) : new Pair((int) pads[0], (int) pads[1]);
    }

    Image gemm(OnnxNode node) throws IOException {
        if (node.real("alpha", 1) != 1
                || node.real("beta", 1) != 1
                || node.integer("transA", 0) != 0) {
            throw node.refuse("scales or transposes its input, expected a linear layer");
        }
        return linear(node, node.integer("transB", 0) == 0);
    }

    /** A linear layer whose weight is {@code (out, in)}, or {@code (in, out)} to be transposed. */
    Image linear(OnnxNode node, boolean transpose) throws IOException {
        Image x = scope.image(node, 0);
        OnnxTensor given = scope.constant(node, 1);
        if (x.rank() != 2 || given.rank() != 2) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "multiplies a value of %d axes by a constant of shape %s, expected vectors and a matrix",
                            x.rank(),
                            given.shape()));
        }
        OnnxTensor weight = transpose ? given.transpose() : given;
        long[] w = weight.shape().getShape();
        if (w[1] != x.value().channels()) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "has a weight for %d inputs but is given %d, so the file is damaged",
                            w[1],
                            x.value().channels()));
        }
        Op.Linear op = new Op.Linear(weight(weight), bias(node, w[0]), Function.IDENTITY);
        return scope.emit(node.name(), op, new Shape(-1, w[0]), 2, x.value());
    }

    Image batchNorm(OnnxNode node) throws IOException {
        Image x = scope.image(node, 0);
        long channels = x.value().channels();
        Weight[] weights = new Weight[4];
        for (int i = 0; i < weights.length; i++) {
            OnnxTensor tensor = scope.constant(node, i + 1);
            if (!tensor.shape().equals(new Shape(channels))) {
                throw node.refuse(
                        String.format(
                                Locale.ROOT,
                                "has a constant of shape %s for %d channels, so the file is damaged",
                                tensor.shape(),
                                channels));
            }
            weights[i] = weight(tensor);
        }
        Op op =
                new Op.BatchNorm(
                        weights[0],
                        weights[1],
                        weights[2],
                        weights[3],
                        node.real("epsilon", EPSILON),
                        1 - node.real("momentum", 0.9f));
        return scope.emit(node.name(), op, x.value().shape(), x.rank(), x.value());
    }
}
