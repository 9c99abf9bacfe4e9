package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Op.Pair;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.weights.onnx.Term.Image;

/** Reads pools. */
final class Pools {

    private final Scope scope;

    Pools(Scope scope) {
        this.scope = scope;
    }

    Image global(OnnxNode node, int rank) throws IOException {
        Image x = scope.image(node, 0);
        if (x.rank() != 4) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT, "pools a value of %d axes, expected images", x.rank()));
        }
        Value value = x.value();
        Shape shape = new Shape(-1, value.channels(), 1, 1);
        return scope.emit(node.name(), new Op.GlobalAveragePool(), shape, rank, value);
    }

    /** A mean over height and width. */
    Image mean(OnnxNode node) throws IOException {
        long[] axes = node.has(1) ? scope.constant(node, 1).longs() : node.integers("axes");
        long[] counted = Arrays.stream(axes).map(a -> a < 0 ? a + 4 : a).sorted().toArray();
        if (!Arrays.equals(counted, new long[] {2, 3})) {
            throw node.refuse(
                    "takes the mean of axes %s, expected 2 and 3".formatted(Arrays.toString(axes)));
        }
        return global(node, node.integer("keepdims", 1) == 0 ? 2 : 4);
    }

    Image window(OnnxNode node, boolean max) throws IOException {
        Image x = scope.image(node, 0);
        Pair kernel = LayerPatterns.pair(node, node.integers("kernel_shape"), "kernel");
        Pair stride = LayerPatterns.pair(node, node.integers("strides", 1, 1), "stride");
        Pair dilation = LayerPatterns.pair(node, node.integers("dilations", 1, 1), "dilation");
        Shape in = x.value().shape();
        Op.Padding padding = LayerPatterns.padding(node, in, kernel, stride, dilation);
        if (padding.same()) {
            throw node.refuse("pools with TensorFlow's padding, which no net here does");
        }
        boolean whole = in.get(2) == kernel.rows() && in.get(3) == kernel.columns();
        if (!max && whole && padding.equals(Op.Padding.NONE)) {
            return global(node, 4);
        }
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        if (x.rank() != 4 || !dilation.equals(Pair.of(1))) {
            throw node.refuse("is dilated or pools no images");
        }
        Op op =
                new Op.Pool(
                        max,
                        kernel,
                        stride,
                        new Pair(padding.rows(), padding.columns()),
                        ceil,
                        !max && node.integer("count_include_pad", 0) != 0);
        Shape out =
                new Shape(
                        -1,
                        in.get(1),
                        ceil ? -1 : size(in.get(2), kernel.rows(), stride.rows(), padding.rows()),
                        ceil
                                ? -1
                                : size(
                                        in.get(3),
                                        kernel.columns(),
                                        stride.columns(),
                                        padding.columns()));
        return scope.emit(node.name(), op, out, 4, x.value());
    }

    private static long size(long in, int kernel, int stride, int padding) {
        return LayerPatterns.size(in, kernel, stride, padding);
    }
}
