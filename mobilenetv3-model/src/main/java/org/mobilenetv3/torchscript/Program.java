package org.mobilenetv3.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Weight;

/**
 * A graph's source with its weights and constants as elements of two lists, {@code w} and {@code
 * c}.
 */
final class Program {

    private final List<Weight> weights;
    private final List<Op.PerChannel> constants;
    private final Graph graph;
    private final Emitter.Style style;

    Program(Graph graph, Emitter.Style style) {
        this.graph = graph;
        this.style = style;
        weights = graph.weights();
        constants =
                graph.nodes().stream()
                        .filter(n -> n.op() instanceof Op.PerChannel)
                        .map(n -> (Op.PerChannel) n.op())
                        .toList();
    }

    List<Weight> weights() {
        return weights;
    }

    /** The statements, each weight in the type to compute in as it is used. */
    String body() {
        return body(w -> style.cast(element(w)));
    }

    /**
     * The statements.
     *
     * @param cast the expression that gives a weight in the type to compute in
     */
    String body(Function<Weight, String> cast) {
        return new Emitter(
                        graph,
                        style,
                        this::element,
                        cast,
                        c -> String.format(Locale.ROOT, "self.c[%d]", constants.indexOf(c)))
                .write();
    }

    String element(Weight weight) {
        return String.format(Locale.ROOT, "self.w[%d]", weights.indexOf(weight));
    }

    /** The constants, {@code (1, C, 1, 1)} each; one zero if there are none. */
    List<NDArray> constants(NDManager manager) {
        List<NDArray> arrays = new ArrayList<>();
        for (Op.PerChannel op : constants) {
            float[] values = op.values();
            try (NDArray javas = manager.create(values, new Shape(1, values.length, 1, 1))) {
                arrays.add(javas.duplicate()); // libtorch's own memory
            }
        }
        if (arrays.isEmpty()) {
            arrays.add(manager.zeros(new Shape(1)));
        }
        return arrays;
    }

    /** The block's parameters on a device, in the order of its state dict. */
    static Map<Parameter, NDArray> arrays(
            Block net, ParameterStore store, Device device, boolean training) {
        Map<Parameter, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : net.getParameters()) {
            Parameter p = entry.getValue();
            arrays.put(p, store.getValue(p, device, training));
        }
        return arrays;
    }

    /** The arrays of a graph's weights, in their order. */
    static List<NDArray> ordered(List<Weight> weights, Block net, Map<Parameter, NDArray> arrays) {
        Map<String, Parameter> byName = new LinkedHashMap<>();
        net.getParameters().forEach(p -> byName.put(p.getKey(), p.getValue()));
        return weights.stream().map(w -> arrays.get(byName.get(w.name()))).toList();
    }

    static boolean same(List<NDArray> one, Map<Parameter, NDArray> other) {
        int i = 0;
        for (NDArray array : other.values()) {
            if (one.get(i++) != array) {
                return false;
            }
        }
        return true;
    }
}
