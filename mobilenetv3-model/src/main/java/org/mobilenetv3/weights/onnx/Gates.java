package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;

/**
 * Gates with another slope than the paper's, as PaddlePaddle's h-sigmoid {@code clip(0.2 z + 0.5,
 * 0, 1)}. The paper's of {@code 1.2 z} is the same, so the layer before takes the factor.
 */
final class Gates {

    private Gates() {}

    static Graph absorb(Graph graph, Map<Value, Double> steepness, Set<String> facts)
            throws IOException {
        if (steepness.isEmpty()) {
            return graph;
        }
        Map<Value, Integer> reads = new HashMap<>();
        graph.nodes().forEach(n -> n.inputs().forEach(v -> reads.merge(v, 1, Integer::sum)));
        Map<Value, Integer> makers = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Double factor = steepness.get(node.output());
            if (factor != null) {
                Integer maker = makers.get(node.input());
                Op scaled = maker == null ? null : scaled(nodes.get(maker).op(), factor);
                if (scaled == null || reads.get(node.input()) > 1) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "its gate \"%s\" has slope %.4g where 1/6 is expected, and no layer right before it that could take the difference",
                                    node.name(),
                                    factor / 6));
                }
                Node before = nodes.get(maker);
                nodes.set(maker, new Node(before.name(), scaled, before.inputs(), before.output()));
                facts.add(
                        String.format(
                                Locale.ROOT,
                                "The gates' h-sigmoid has slope %.4g instead of 1/6: the weights before it were multiplied by %.4g, which computes the same.",
                                factor / 6,
                                factor));
            }
            makers.put(node.output(), nodes.size());
            nodes.add(node);
        }
        return new Graph(graph.input(), graph.output(), nodes);
    }

    private static Op scaled(Op op, double factor) {
        return op instanceof Op.Layer layer
                ? layer.with(scaled(layer.weight(), factor), scaled(layer.bias(), factor))
                : null;
    }

    private static Weight scaled(Weight weight, double factor) {
        if (weight == null) {
            return null;
        }
        Shape shape = weight.shape();
        return new Weight(
                weight.name(),
                shape,
                weight.trainable(),
                () -> {
                    float[] values = weight.values().get();
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (values[i] * factor);
                    }
                    return values;
                });
    }
}
