package org.mobilenetv3.weights.onnx;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;

/** Operations in words, for error messages. */
final class Describe {

    private Describe() {}

    static String op(Op op) {
        if (op instanceof Op.Convolution c) {
            long[] shape = c.weight().shape().getShape();
            return String.format(
                    Locale.ROOT,
                    "a %d×%d convolution from %d to %d channels in %d groups with stride %s and padding %s",
                    shape[2],
                    shape[3],
                    shape[1] * c.groups(),
                    shape[0],
                    c.groups(),
                    pair(c.stride()),
                    c.padding().same()
                            ? "SAME"
                            : pair(new Op.Pair(c.padding().rows(), c.padding().columns())));
        }
        if (op instanceof Op.Linear l) {
            long[] shape = l.weight().shape().getShape();
            return String.format(Locale.ROOT, "a linear layer from %d to %d", shape[1], shape[0]);
        }
        if (op instanceof Op.Pool p) {
            return "a %s of %s with stride %s"
                    .formatted(p.type(), pair(p.kernel()), pair(p.stride()));
        }
        if (op instanceof Op.GlobalAveragePool) {
            return "a global average pool";
        }
        if (op instanceof Op.Add) {
            return "a residual sum";
        }
        if (op instanceof Op.Multiply) {
            return "a product with a gate";
        }
        return op.type();
    }

    private static String pair(Op.Pair pair) {
        return pair.isSquare()
                ? String.valueOf(pair.rows())
                : String.format(Locale.ROOT, "%d×%d", pair.rows(), pair.columns());
    }

    static String nodes(List<Node> nodes) {
        return nodes.isEmpty()
                ? "nothing there"
                : nodes.stream()
                        .limit(2)
                        .map(n -> "%s (\"%s\")".formatted(op(n.op()), n.name()))
                        .collect(Collectors.joining(" and "));
    }
}
