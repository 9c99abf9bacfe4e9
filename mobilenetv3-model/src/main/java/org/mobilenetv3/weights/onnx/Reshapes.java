package org.mobilenetv3.weights.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.weights.onnx.Term.Constant;
import org.mobilenetv3.weights.onnx.Term.Image;

/** Reads what changes the form of a value and not its numbers. */
final class Reshapes {

    private final Scope scope;

    Reshapes(Scope scope) {
        this.scope = scope;
    }

    /** Reshape, Flatten, Squeeze and Unsqueeze. */
    Term reshape(OnnxNode node) throws IOException {
        Term x = scope.term(node, 0);
        if (x instanceof Term.Sizes) {
            return x;
        }
        if (x instanceof Constant c) {
            return new Constant(constant(node, c.tensor()));
        }
        Image image = scope.image(node, x);
        if (!image.value().isVector()) {
            throw node.refuse(
                    "reshapes images of %s, expected one vector per image, after a pool"
                            .formatted(image.value().shape()));
        }
        int rank = rank(node, image);
        if (rank != 2 && rank != 4) {
            throw node.refuse(
                    String.format(Locale.ROOT, "makes a value of %d axes, expected 2 or 4", rank));
        }
        return new Image(image.value(), rank);
    }

    private int rank(OnnxNode node, Image image) throws IOException {
        return switch (node.type()) {
            case "Flatten" -> {
                if (node.integer("axis", 1) != 1) {
                    throw node.refuse("flattens from another axis than 1");
                }
                yield 2;
            }
            case "Squeeze" -> image.rank() - axes(node, image.rank()).length;
            case "Unsqueeze" -> image.rank() + axes(node, 4).length;
            default -> target(node, image);
        };
    }

    /** Axes of height and width, which alone may come and go. */
    private long[] axes(OnnxNode node, int rank) throws IOException {
        long[] axes = node.has(1) ? scope.constant(node, 1).longs() : node.integers("axes");
        for (long axis : axes) {
            long counted = axis < 0 ? axis + rank : axis;
            if (counted != 2 && counted != 3) {
                throw node.refuse(
                        String.format(Locale.ROOT, "changes axis %d, expected 2 or 3", axis));
            }
        }
        return axes;
    }

    private int target(OnnxNode node, Image image) throws IOException {
        if (scope.term(node, 1) instanceof Term.Sizes) {
            return 2; // computed from the batch size; that channels stay, the next layer checks
        }
        long[] target = scope.constant(node, 1).longs();
        long channels = image.value().channels();
        boolean fits = target.length >= 2;
        for (int i = 1; i < target.length; i++) {
            long expected = i == 1 ? channels : 1;
            fits &= target[i] == expected || target[i] == -1 || (i == 1 && target[i] == 0);
        }
        if (!fits) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "reshapes %d channels to %s",
                            channels,
                            Arrays.toString(target)));
        }
        return target.length;
    }

    /** A constant of another form, for instance a bias that is to be added to images. */
    private OnnxTensor constant(OnnxNode node, OnnxTensor tensor) throws IOException {
        if (tensor.isTransposed()) {
            throw node.refuse("reshapes a transposed constant");
        }
        List<Long> shape = new ArrayList<>();
        for (long d : tensor.shape().getShape()) {
            shape.add(d);
        }
        switch (node.type()) {
            case "Reshape" -> shape = target(node, tensor);
            case "Unsqueeze" -> {
                for (long axis : constantAxes(node, shape.size() + 1)) {
                    shape.add((int) axis, 1L);
                }
            }
            default -> throw node.refuse("reshapes a constant, expected a value");
        }
        return tensor.withShape(shape.stream().mapToLong(Long::longValue).toArray());
    }

    private long[] constantAxes(OnnxNode node, int rank) throws IOException {
        long[] axes = node.has(1) ? scope.constant(node, 1).longs() : node.integers("axes");
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] < 0 || axes[i] >= rank + i || rank + i > 4) {
                throw node.refuse("adds axes " + Arrays.toString(axes) + " to a constant");
            }
        }
        return axes;
    }

    private List<Long> target(OnnxNode node, OnnxTensor tensor) throws IOException {
        long[] target = scope.constant(node, 1).longs();
        long known = 1;
        int free = 0;
        for (int i = 0; i < target.length; i++) {
            if (target[i] == 0 && i < tensor.rank()) {
                target[i] = tensor.shape().get(i);
            }
            free += target[i] == -1 ? 1 : 0;
            known = target[i] == -1 || known > tensor.size() ? known : known * target[i];
            known = target[i] < -1 || target[i] > tensor.size() ? Long.MAX_VALUE : known;
        }
        boolean fits =
                target.length <= 4
                        && free <= 1
                        && known > 0
                        && (free == 0 ? known == tensor.size() : tensor.size() % known == 0);
        if (!fits) {
            throw node.refuse(
                    "reshapes %s to %s".formatted(tensor.shape(), Arrays.toString(target)));
        }
        List<Long> shape = new ArrayList<>();
        for (long size : target) {
            shape.add(size == -1 ? tensor.size() / known : size);
        }
        return shape;
    }

    Term transpose(OnnxNode node) throws IOException {
        boolean matrix = scope.term(node, 0) instanceof Constant c && c.tensor().rank() == 2;
        if (!matrix || !Arrays.equals(node.integers("perm", 1, 0), new long[] {1, 0})) {
            throw node.refuse("transposes a value; images are expected as (N, C, H, W) throughout");
        }
        return new Constant(scope.constant(node, 0).transpose());
    }
}
