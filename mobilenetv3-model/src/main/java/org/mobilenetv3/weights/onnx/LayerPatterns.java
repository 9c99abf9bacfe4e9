package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Op.Pair;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.weights.onnx.Term.Image;

/** Reads convolutions, linear layers and batch norm. */
final class LayerPatterns {

    private static final int LARGEST = 1 << 12;
    private static final float EPSILON = 1e-5f;

    private final Scope scope;

    LayerPatterns(Scope scope) {
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
        Shape in = x.value().shape();
        Op.Padding padding = padding(node, in, kernel, stride, dilation);
        Op.Convolution op =
                new Op.Convolution(
                        weight(weight),
                        bias(node, w[0]),
                        stride,
                        padding,
                        dilation,
                        (int) group,
                        Nonlinearity.IDENTITY);
        Pair reach = op.reach();
        Shape out =
                new Shape(
                        -1,
                        w[0],
                        padding.same()
                                ? ceilDiv(in.get(2), stride.rows())
                                : size(in.get(2), reach.rows(), stride.rows(), padding.rows()),
                        padding.same()
                                ? ceilDiv(in.get(3), stride.columns())
                                : size(
                                        in.get(3),
                                        reach.columns(),
                                        stride.columns(),
                                        padding.columns()));
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
    static long size(long in, int reach, int stride, int padding) {
        long last = in + 2L * padding - reach;
        return in < 0 || last < 0 ? -1 : last / stride + 1;
    }

    private static long ceilDiv(long in, int stride) {
        return in < 0 ? -1 : (in + stride - 1) / stride;
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

    /** Zeros around images: the same on both sides, or as TensorFlow's SAME puts them. */
    static Op.Padding padding(OnnxNode node, Shape in, Pair kernel, Pair stride, Pair dilation)
            throws IOException {
        String auto = node.text("auto_pad", "NOTSET");
        int rows = (kernel.rows() - 1) * dilation.rows() + 1;
        int columns = (kernel.columns() - 1) * dilation.columns() + 1;
        boolean odd = rows % 2 == 1 && columns % 2 == 1;
        if (auto.startsWith("SAME") && stride.equals(Pair.of(1)) && odd) {
            return new Op.Padding(rows / 2, columns / 2, false);
        }
        if (auto.equals("SAME_UPPER")) {
            return Op.Padding.SAME;
        }
        long[] pads = node.integers("pads", 0, 0, 0, 0);
        if (pads.length != 4
                || auto.equals("SAME_LOWER")
                || Arrays.stream(pads).anyMatch(p -> p < 0 || p > LARGEST)) {
            throw node.refuse(
                    "pads by %s, expected a number for each side or SAME_UPPER"
                            .formatted(auto.equals("SAME_LOWER") ? auto : Arrays.toString(pads)));
        }
        if (auto.equals("VALID")) {
            return Op.Padding.NONE;
        }
        if (pads[0] == pads[2] && pads[1] == pads[3]) {
            return new Op.Padding((int) pads[0], (int) pads[1], false);
        }
        // TensorFlow's, written out for images of one size.
        int tall = Op.Padding.same(in.get(2), rows, stride.rows());
        int wide = Op.Padding.same(in.get(3), columns, stride.columns());
        long[] same = {tall / 2, wide / 2, tall - tall / 2, wide - wide / 2};
        if (in.get(2) < 0 || in.get(3) < 0 || !Arrays.equals(pads, same)) {
            throw node.refuse(
                    "pads by %s, expected the same on both sides or TensorFlow's SAME"
                            .formatted(Arrays.toString(pads)));
        }
        return Op.Padding.SAME;
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
        Op.Linear op = new Op.Linear(weight(weight), bias(node, w[0]), Nonlinearity.IDENTITY);
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
