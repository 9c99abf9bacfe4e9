package org.mobilenetv3.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A net with one input and one output as operations in running order. Immutable; {@link Passes}
 * make new ones.
 *
 * @param input what the first operation reads
 * @param output the result
 * @param nodes the operations; each reads only what earlier ones made
 */
public record Graph(Value input, Value output, List<Node> nodes) {

    /** Copies the list. */
    public Graph {
        nodes = List.copyOf(nodes);
    }

    /**
     * Traces a block by running it once on arrays that hold no numbers; needs no engine. Blocks of
     * this project trace, and so does any DJL block made of convolution, batch norm, linear layers,
     * dropout, pooling, activations, sums and products.
     *
     * @param net the block; its parameters must have shapes
     * @param input shape of its input, {@code (N, C, H, W)} or {@code (N, C)}
     * @return the graph, the same operations for every N
     * @throws IllegalArgumentException if the net cannot take the input
     * @throws UntraceableException names the block that does something else, or something else for
     *     another N
     */
    public static Graph trace(Block net, Shape input) {
        return trace(net, input, null);
    }

    /**
     * Traces a block that has no numbers of its own: it need not be initialized.
     *
     * @param net the block; its parameters must have shapes
     * @param input shape of its input, {@code (N, C, H, W)} or {@code (N, C)}
     * @param values gives what reads the numbers of a parameter, by its name in {@link
     *     Block#getParameters}; null for those of the block's arrays
     * @return the graph, the same operations for every N
     * @throws IllegalArgumentException if the net cannot take the input
     * @throws UntraceableException as {@link #trace(Block, Shape)}
     */
    public static Graph trace(Block net, Shape input, Function<String, Supplier<float[]>> values) {
        if (input.dimension() != 2 && input.dimension() != 4) {
            throw new IllegalArgumentException(
                    "A graph takes (N, C, H, W) or (N, C) but was given " + input);
        }
        Tracer tracer = new Tracer(net, values);
        // With one image more, an axis of size 1 is not taken for the batch.
        tracer.trace(new Shape(input.get(0) + 1).addAll(input.slice(1)));
        return tracer.trace(input);
    }

    /**
     * Returns whether an array is one that a running trace made.
     *
     * @param x any array
     * @return whether {@link #apply} takes it
     */
    public static boolean isTraced(NDArray x) {
        return Tracer.traced(x) != null;
    }

    /**
     * Records an element-wise function that the array interface does not name.
     *
     * @param function which
     * @param x a traced array
     * @return the result, traced
     */
    public static NDArray apply(Nonlinearity function, NDArray x) {
        Traced traced = Tracer.traced(x);
        if (traced.value == null) {
            throw Tracer.refuse(function + " of a weight or constant");
        }
        return traced.tracer.record(new Op.Activation(function), traced.shape(), traced.value);
    }

    /**
     * Records a bilinear resize, corners not aligned, to the height and width of another image.
     *
     * @param x a traced array {@code (N, C, H, W)}
     * @param like a traced array {@code (N, D, H', W')} of the same trace
     * @return {@code (N, C, H', W')}, traced
     */
    public static NDArray resize(NDArray x, NDArray like) {
        Traced traced = Tracer.traced(x);
        Traced size = Tracer.traced(like);
        if (traced.value == null
                || size == null
                || size.value == null
                || traced.shape().dimension() != 4
                || size.shape().dimension() != 4) {
            throw Tracer.refuse("a resize of anything but images");
        }
        return traced.tracer.record(
                new Op.Resize(),
                traced.shape().slice(0, 2).addAll(size.shape().slice(2)),
                traced.value,
                size.value);
    }

    /**
     * Pads a traced image as TensorFlow's {@code SAME} does for the convolution that reads it, and
     * nothing else may.
     *
     * @param x a traced array
     * @return the image with zeros around it, of which only the convolution knows how many
     */
    public static NDArray padSame(NDArray x) {
        Traced traced = Tracer.traced(x);
        return new Traced(traced.tracer, traced.value, null, null, true);
    }

    /**
     * Turns a traced map into rows, as {@link Op.Rows}.
     *
     * @param x a traced array, {@code (N, A * columns, H, W)}
     * @param columns length of a row
     * @return {@code (N, H * W * A, columns)}, traced
     */
    public static NDArray rows(NDArray x, int columns) {
        Traced traced = Tracer.traced(x);
        Shape in = traced.shape();
        long rows = in.get(1) / columns * in.get(2) * in.get(3);
        return traced.tracer.record(
                new Op.Rows(columns), new Shape(in.get(0), rows, columns), traced.value);
    }

    /**
     * Lists the weights in the order of their first use.
     *
     * @return each once
     */
    public List<Weight> weights() {
        LinkedHashSet<Weight> weights = new LinkedHashSet<>();
        nodes.forEach(n -> weights.addAll(n.op().weights()));
        return List.copyOf(weights);
    }

    /**
     * Puts other numbers into layers and batch norms.
     *
     * @param other gives a weight of the same shape
     * @return the same operations
     */
    public Graph withWeights(UnaryOperator<Weight> other) {
        return new Graph(
                input, output, nodes.stream().map(n -> n.withOp(n.op().with(other))).toList());
    }

    /**
     * Computes the cost of each operation.
     *
     * @return one entry per node, in running order
     */
    public List<LayerCost> cost() {
        Set<Weight> counted = new HashSet<>();
        return nodes.stream().map(n -> LayerCost.of(n, counted)).toList();
    }

    /** The nodes that read a value; the graph's output counts as read once more by the caller. */
    List<Node> readers(Value value) {
        List<Node> readers = new ArrayList<>();
        for (Node node : nodes) {
            if (node.inputs().contains(value)) {
                readers.add(node);
            }
        }
        return readers;
    }
}
