package org.mobilenetv3.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.mobilenetv3.djl.AbstractManager;

/**
 * Records what a block does to arrays that have a shape but no numbers.
 *
 * <p>The arrays are proxies of DJL's interfaces: a block of DJL, of this project or of a user runs
 * on them as on any other, so what it computes is said only once.
 */
final class Tracer {

    private final Block net;
    private final IdentityHashMap<Parameter, Weight> weights = new IdentityHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final NDManager manager = new Manager();
    private String layer = "";
    private int values;

    /** Values may be null: the parameters' arrays hold them. */
    Tracer(Block net, Function<String, Supplier<float[]>> values) {
        this.net = net;
        for (Pair<String, Parameter> entry : net.getParameters()) {
            Parameter p = entry.getValue();
            weights.put(
                    p,
                    new Weight(
                            entry.getKey(),
                            p.getShape(),
                            p.requiresGradient(),
                            values == null
                                    ? () -> p.getArray().toFloatArray()
                                    : values.apply(entry.getKey())));
        }
    }

    Graph trace(Shape shape) {
        nodes.clear();
        names.clear();
        layer = "";
        values = 0;
        Traced input = new Traced(this, value(shape), null, null);
        NDList output = forward(input);
        Traced result = output.size() == 1 ? traced(output.get(0)) : null;
        if (result == null || result.value == null) {
            throw new UntraceableException(
                    "%s cannot be compiled or exported: its output is not one array made from its input."
                            .formatted(net.getClass().getName()));
        }
        return new Graph(input.value, result.value, needed(result.value));
    }

    private NDList forward(NDArray input) {
        try {
            return net.forward(new Store(), new NDList(input), false);
        } catch (UnsupportedOperationException e) {
            StackTraceElement[] frames = e.getStackTrace();
            String method = null;
            for (int i = 0; i < frames.length && isOfArrays(frames[i]); i++) {
                method = frames[i].getMethodName();
            }
            throw method == null ? e : refuse("NDArray." + method, block(frames));
        }
    }

    /** Whether this is DJL's way to say that an array has no such operation. */
    private static boolean isOfArrays(StackTraceElement frame) {
        return frame.getClassName().equals(NDArrayAdapter.class.getName())
                || frame.getClassName().equals(NDArray.class.getName());
    }

    /** The class of the innermost block, or null. */
    private Class<?> block(StackTraceElement[] frames) {
        for (StackTraceElement frame : frames) {
            try {
                ClassLoader loader = net.getClass().getClassLoader();
                Class<?> caller = Class.forName(frame.getClassName(), false, loader);
                if (Block.class.isAssignableFrom(caller)) {
                    return caller;
                }
            } catch (ClassNotFoundException e) {
                // Hidden, or another loader's.
            }
        }
        return null;
    }

    /** The nodes on which a value depends; what a block computes in vain is left out. */
    private List<Node> needed(Value output) {
        Set<Value> read = new HashSet<>(Set.of(output));
        List<Node> needed = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (read.contains(nodes.get(i).output())) {
                read.addAll(nodes.get(i).inputs());
                needed.add(0, nodes.get(i));
            }
        }
        return needed;
    }

    /** The traced form of an array, or null if it is an array of numbers. */
    static Traced traced(NDArray array) {
        return array instanceof Traced traced ? traced : null;
    }

    /** Appends an operation and gives its result. */
    NDArray record(Op op, Shape shape, Value... inputs) {
        if (!op.weights().isEmpty()) {
            layer = op.weights().get(0).layer();
        }
        String base =
                layer.isEmpty()
                        ? op.type()
                        : op.weights().isEmpty() ? layer + "/" + op.type() : layer;
        String name = base;
        for (int i = 2; !names.add(name); i++) {
            name = base + "_" + i;
        }
        Value output = value(shape);
        nodes.add(new Node(name, op, List.of(inputs), output));
        return new Traced(this, output, null, null);
    }

    NDManager manager() {
        return manager;
    }

    /** What a rectifier read to make a value, or null if none made it. */
    Value rectified(Value value) {
        for (Node node : nodes) {
            if (node.output().equals(value)
                    && node.op().equals(new Op.Activation(Nonlinearity.RELU))) {
                return node.input();
            }
        }
        return null;
    }

    private Value value(Shape shape) {
        return new Value(values++, shape);
    }

    /** Holds numbers that blocks bring along. */
    private final class Manager extends AbstractManager {
        @Override
        public NDArray create(float[] numbers, Shape shape) {
            return new Traced(Tracer.this, null, null, new Constant(numbers.clone(), shape));
        }

        @Override
        public Device getDevice() {
            return Device.cpu();
        }

        @Override
        public void close() {}

        @Override
        protected RuntimeException refuse(String method) {
            return Tracer.refuse("NDManager." + method);
        }

        @Override
        public String toString() {
            return "a tracer's manager";
        }
    }

    /** An error that names the block whose code asked for what a graph cannot express. */
    static UntraceableException refuse(String what) {
        return refuse(
                what,
                StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                        .walk(
                                frames ->
                                        frames.map(StackWalker.StackFrame::getDeclaringClass)
                                                .filter(Block.class::isAssignableFrom)
                                                .findFirst())
                        .orElse(null));
    }

    private static UntraceableException refuse(String what, Class<?> block) {
        String name =
                block == null
                        ? "The net"
                        : block == LambdaBlock.class ? "A LambdaBlock" : block.getName();
        return new UntraceableException(
                "%s cannot be compiled or exported: it uses %s, which has no counterpart in the graph."
                        .formatted(name, what));
    }

    /** Numbers that a block brings along. */
    record Constant(float[] numbers, Shape shape) {}

    /** Gives blocks their parameters as traced arrays. */
    private final class Store extends ParameterStore {
        /** With a manager of ours: DJL would start an engine for one. */
        Store() {
            super(manager, false);
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            if (parameter == null) {
                return null;
            }
            Weight weight = weights.get(parameter);
            if (weight == null) {
                throw refuse("a parameter of its own outside getParameters()");
            }
            if (weight.shape() == null) {
                throw new UntraceableException(
                        "Parameter %s has no shape yet; initialize the block first."
                                .formatted(parameter.getName()));
            }
            return new Traced(Tracer.this, null, weight, null);
        }

        @Override
        public NDManager getManager() {
            return manager;
        }
    }
}
