package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Rewrites a graph into one that computes the same with less. */
public final class Passes {

    private Passes() {}

    /**
     * Prepares a graph for inference: dropout removed, batch norm folded, functions fused.
     *
     * @param graph a traced graph
     * @return a graph of convolutions, linear layers, pools, sums and products; batch norms and
     *     functions stay where they could not be merged
     */
    public static Graph forInference(Graph graph) {
        return fuseFunctions(foldBatchNorm(withoutDropout(graph)));
    }

    /**
     * Removes dropout, which does nothing in inference.
     *
     * @param graph any graph
     * @return the graph without it
     */
    public static Graph withoutDropout(Graph graph) {
        return without(graph, n -> n.op() instanceof Op.Dropout);
    }

    /**
     * Removes the normalization of the input, for callers who feed normalized images.
     *
     * @param graph any graph
     * @return the graph without the constants that meet its input
     */
    public static Graph withoutNormalization(Graph graph) {
        return without(
                graph, n -> n.op() instanceof Op.PerChannel && n.input().equals(graph.input()));
    }

    private static Graph without(Graph graph, Predicate<Node> unwanted) {
        Map<Value, Value> replaced = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node current = redirect(node, replaced);
            if (unwanted.test(current)) {
                replaced.put(node.output(), current.input());
            } else {
                nodes.add(current);
            }
        }
        return new Graph(
                graph.input(), replaced.getOrDefault(graph.output(), graph.output()), nodes);
    }

    /** Merges nodes into the one before where nothing else reads that; null means not to. */
    private static Graph merge(Graph graph, BiFunction<Node, Op, Op> merger) {
        Map<Value, Integer> makers = new HashMap<>();
        Map<Value, Value> replaced = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node current = redirect(node, replaced);
            Integer maker = makers.get(current.input());
            boolean alone =
                    graph.readers(node.input()).size() == 1 && !graph.output().equals(node.input());
            Op merged = maker != null && alone ? merger.apply(nodes.get(maker), node.op()) : null;
            if (merged == null) {
                makers.put(current.output(), nodes.size());
                nodes.add(current);
            } else {
                nodes.set(maker, nodes.get(maker).withOp(merged));
                replaced.put(node.output(), current.input());
            }
        }
        return new Graph(
                graph.input(), replaced.getOrDefault(graph.output(), graph.output()), nodes);
    }

    /**
     * Multiplies batch norm in evaluation mode into the convolution or linear layer before it, in
     * double precision: {@code w * g / sqrt(v + e)} and {@code b + (b0 - m) * g / sqrt(v + e)}.
     *
     * @param graph any graph; its weights must have values
     * @return the graph with biased layers where nothing else reads the layer
     */
    public static Graph foldBatchNorm(Graph graph) {
        return merge(
                graph, (before, op) -> op instanceof Op.BatchNorm norm ? fold(before, norm) : null);
    }

    private static Op fold(Node before, Op.BatchNorm norm) {
        if (before.op() instanceof Op.Layer layer && layer.function() == Nonlinearity.IDENTITY) {
            List<Weight> folded = fold(before.name(), layer.weight(), layer.bias(), norm);
            return layer.with(folded.get(0), folded.get(1));
        }
        return null;
    }

    /** The new weight and bias. A layer used twice has two of each, so the node names them. */
    private static List<Weight> fold(String node, Weight w, Weight b, Op.BatchNorm norm) {
        float[] weight = w.values().get();
        float[] gamma = norm.weight().values().get();
        float[] beta = norm.bias().values().get();
        float[] mean = norm.mean().values().get();
        float[] variance = norm.variance().values().get();
        float[] old = b == null ? new float[gamma.length] : b.values().get();
        float[] bias = new float[gamma.length];
        float[] scaled = new float[weight.length];
        int filter = weight.length / gamma.length;
        for (int c = 0; c < gamma.length; c++) {
            double scale = gamma[c] / Math.sqrt((double) variance[c] + norm.epsilon());
            bias[c] = (float) (beta[c] + (old[c] - (double) mean[c]) * scale);
            scale(weight, scaled, c * filter, (c + 1) * filter, scale);
        }
        return List.of(
                Weight.of(node + ".weight", w.shape(), scaled),
                Weight.of(node + ".bias", new Shape(bias.length), bias));
    }

    /** A method of its own: HotSpot compiles it sooner. */
    private static void scale(float[] from, float[] to, int begin, int end, double scale) {
        for (int i = begin; i < end; i++) {
            to[i] = (float) (from[i] * scale);
        }
    }

    /**
     * Applies functions where a convolution or linear layer writes its result, if nothing else
     * reads that.
     *
     * @param graph any graph
     * @return the graph with fewer nodes
     */
    public static Graph fuseFunctions(Graph graph) {
        return merge(
                graph,
                (before, op) ->
                        op instanceof Op.Activation activation
                                        && before.op() instanceof Op.Layer layer
                                        && layer.function() == Nonlinearity.IDENTITY
                                ? layer.with(activation.function())
                                : null);
    }

    private static Node redirect(Node node, Map<Value, Value> replaced) {
        List<Value> inputs = node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
        return new Node(node.name(), node.op(), inputs, node.output());
    }
}
