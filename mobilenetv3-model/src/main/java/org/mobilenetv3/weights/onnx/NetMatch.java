package org.mobilenetv3.weights.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;

/**
 * Finds the operations of a net in a file's graph: the same operations on the same values, none
 * missing and none left over. So a net of the same shapes that computes something else is refused.
 */
final class NetMatch {

    private final Graph net;
    private final Graph file;
    private final Map<Value, List<Node>> netReaders;
    private final Map<Value, List<Node>> fileReaders;
    private final Map<Value, Value> found = new HashMap<>();
    private final Set<Node> used = new HashSet<>();
    private final Set<Node> norms = new HashSet<>();
    private final LayerValues values = new LayerValues();
    private int matched;

    private NetMatch(Graph net, Graph file) {
        this.net = net;
        this.file = file;
        netReaders = readers(net);
        fileReaders = readers(file);
    }

    /** Returns the values of the net's parameters. */
    static LayerValues match(Graph net, Graph file) throws NoMatchException {
        return new NetMatch(net, file).run();
    }

    private static Map<Value, List<Node>> readers(Graph graph) {
        Map<Value, List<Node>> readers = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (Value value : new HashSet<>(node.inputs())) {
                readers.computeIfAbsent(value, v -> new ArrayList<>()).add(node);
            }
        }
        return readers;
    }

    private LayerValues run() throws NoMatchException {
        found.put(net.input(), file.input());
        for (Node node : net.nodes()) {
            if (node.op() instanceof Op.Dropout
                    || node.op() instanceof Op.Flatten
                    || node.op() instanceof Op.Unflatten) {
                found.put(node.output(), found.get(node.input())); // the same numbers
            } else if (!norms.contains(node)) {
                match(node);
            }
        }
        if (!file.output().equals(found.get(net.output()))) {
            throw mismatch("after the last layer the net ends, but the file goes on");
        }
        for (Node node : file.nodes()) {
            if (!used.contains(node)) {
                throw mismatch(
                        "the file's \"%s\" (%s) has no counterpart in the net"
                                .formatted(node.name(), Describe.op(node.op())));
            }
        }
        return values;
    }

    private void match(Node node) throws NoMatchException {
        List<Value> inputs = new ArrayList<>();
        node.inputs().forEach(v -> inputs.add(found.get(v)));
        List<Node> readers =
                fileReaders.getOrDefault(inputs.get(0), List.of()).stream()
                        .filter(n -> !used.contains(n))
                        .toList();
        for (Node reader : readers) {
            if (sameInputs(inputs, reader.inputs()) && same(node.op(), reader.op())) {
                take(node, reader);
                return;
            }
        }
        throw mismatch(
                "at %s %s is expected, but the file has %s"
                        .formatted(node.name(), Describe.op(node.op()), Describe.nodes(readers)));
    }

    private void take(Node node, Node reader) throws NoMatchException {
        used.add(reader);
        matched++;
        Node norm = norm(netReaders, node);
        Node fileNorm = norm == null ? null : norm(fileReaders, reader);
        String problem = values.add(node, norm, reader, fileNorm);
        if (problem != null) {
            throw mismatch("at %s %s".formatted(node.name(), problem));
        }
        Node last = node;
        Node fileLast = reader;
        if (norm != null) {
            norms.add(norm);
            last = norm;
        }
        if (fileNorm != null) {
            used.add(fileNorm);
            fileLast = fileNorm;
        }
        found.put(node.output(), fileLast.output());
        found.put(last.output(), fileLast.output());
    }

    /** The batch norm that alone reads a layer's result, or null. */
    private static Node norm(Map<Value, List<Node>> readers, Node layer) {
        boolean hasWeights =
                layer.op() instanceof Op.Convolution || layer.op() instanceof Op.Linear;
        List<Node> after = readers.getOrDefault(layer.output(), List.of());
        return hasWeights && after.size() == 1 && after.get(0).op() instanceof Op.BatchNorm
                ? after.get(0)
                : null;
    }

    private static boolean sameInputs(List<Value> expected, List<Value> actual) {
        return expected.equals(actual)
                || (expected.size() == 2
                        && actual.size() == 2
                        && Objects.equals(expected.get(0), actual.get(1))
                        && Objects.equals(expected.get(1), actual.get(0)));
    }

    private static boolean same(Op expected, Op actual) {
        if (isLayer(expected) && isLayer(actual)) {
            return shape(expected).equals(shape(actual))
                    && geometry(expected).equals(geometry(actual));
        }
        if (expected instanceof Op.Pool e && actual instanceof Op.Pool a) {
            // Whether padding counts means nothing for the largest value.
            return e.max() == a.max()
                    && e.kernel().equals(a.kernel())
                    && e.stride().equals(a.stride())
                    && e.padding().equals(a.padding())
                    && e.ceil() == a.ceil();
        }
        return expected.equals(actual);
    }

    private static boolean isLayer(Op op) {
        return op instanceof Op.Layer;
    }

    /** The weight's shape; a linear layer is a 1×1 convolution of one pixel. */
    private static List<Long> shape(Op op) {
        List<Long> shape = new ArrayList<>();
        for (long size : op.weights().get(0).shape().getShape()) {
            shape.add(size);
        }
        while (shape.size() < 4) {
            shape.add(1L);
        }
        return shape;
    }

    private static List<Object> geometry(Op op) {
        Op.Pair one = Op.Pair.of(1);
        return op instanceof Op.Convolution c
                ? List.of(c.stride(), c.padding(), c.dilation(), c.groups())
                : List.of(one, Op.Padding.NONE, one, 1);
    }

    private NoMatchException mismatch(String message) {
        return new NoMatchException(matched, message);
    }
}
