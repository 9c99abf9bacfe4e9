package org.mobilenetv3.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.nio.ByteBuffer;
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

    /** One array: a value of the graph, a weight or a constant. */
    static final class Traced extends NDArrayAdapter {
        final Tracer tracer;
        final Value value;
        final Weight weight;
        final Constant constant;

        /** Whether the convolution that reads it pads as TensorFlow does. */
        final boolean padsSame;

        Traced(Tracer tracer, Value value, Weight weight, Constant constant) {
            this(tracer, value, weight, constant, false);
        }

        Traced(Tracer tracer, Value value, Weight weight, Constant constant, boolean padsSame) {
            super(tracer.manager, null, shape(value, weight, constant), DataType.FLOAT32, "traced");
            this.tracer = tracer;
            this.value = value;
            this.weight = weight;
            this.constant = constant;
            this.padsSame = padsSame;
        }

        private static Shape shape(Value value, Weight weight, Constant constant) {
            return value != null
                    ? value.shape()
                    : weight != null ? weight.shape() : constant.shape();
        }

        Shape shape() {
            return shape;
        }

        @Override
        public NDArrayEx getNDArrayInternal() {
            return new TracedLayers(this);
        }

        @Override
        public Device getDevice() {
            return Device.cpu();
        }

        @Override
        public String getName() {
            return weight == null ? null : weight.name();
        }

        @Override
        public boolean hasGradient() {
            return false;
        }

        // It lives as long as it is used.

        @Override
        public void attach(NDManager other) {}

        @Override
        public void tempAttach(NDManager other) {}

        @Override
        public void detach() {}

        @Override
        public void close() {}

        @Override
        public ByteBuffer toByteBuffer(boolean tryDirect) {
            throw refuse("NDArray.toByteBuffer");
        }

        @Override
        public void intern(NDArray replaced) {
            throw refuse("NDArray.intern");
        }

        @Override
        public NDArray add(NDArray other) {
            return combine(new Op.Add(), Op.PerChannel.Kind.ADD, "add", other);
        }

        @Override
        public NDArray add(Number n) {
            throw refuse("add", n);
        }

        @Override
        public NDArray sub(NDArray other) {
            return combine(null, Op.PerChannel.Kind.SUBTRACT, "sub", other);
        }

        @Override
        public NDArray sub(Number n) {
            throw refuse("sub", n);
        }

        @Override
        public NDArray mul(NDArray other) {
            return combine(new Op.Multiply(), Op.PerChannel.Kind.MULTIPLY, "mul", other);
        }

        @Override
        public NDArray mul(Number n) {
            throw refuse("mul", n);
        }

        @Override
        public NDArray div(NDArray other) {
            return combine(null, Op.PerChannel.Kind.DIVIDE, "div", other);
        }

        @Override
        public NDArray div(Number n) {
            throw refuse("div", n);
        }

        /** Nothing writes to it. */
        @Override
        public NDArray duplicate() {
            return this;
        }

        @Override
        public NDArray flatten(int first, int last) {
            if (first == 1 && (last == -1 || last == shape().dimension() - 1)) {
                return reshape(new Shape(shape().get(0), -1));
            }
            throw refuse("NDArray.flatten");
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public String toString() {
            return "traced " + shape();
        }

        private NDArray combine(Op op, Op.PerChannel.Kind kind, String method, NDArray array) {
            Traced other = traced(array);
            if (value != null && other != null) {
                if (other.constant != null && perChannel(other.constant)) {
                    return tracer.record(
                            Op.PerChannel.of(kind, other.constant.numbers()), shape(), value);
                }
                if (other.value != null && op != null && compatible(op, other)) {
                    return tracer.record(op, shape(), value, other.value);
                }
                if (other.value != null && op != null && other.compatible(op, this)) {
                    return tracer.record(op, other.shape(), other.value, value);
                }
            }
            throw refuse(method, other == null ? "an array" : other.shape());
        }

        private UntraceableException refuse(String method, Object other) {
            return Tracer.refuse("NDArray.%s of %s and %s".formatted(method, shape(), other));
        }

        private static UntraceableException refuse(String what) {
            return Tracer.refuse(what);
        }

        private boolean perChannel(Constant c) {
            return shape().dimension() == 4 && c.shape().equals(new Shape(1, shape().get(1), 1, 1));
        }

        private boolean compatible(Op op, Traced other) {
            if (shape().equals(other.shape())) {
                return true;
            }
            if (!(op instanceof Op.Multiply) || shape().dimension() != 4) {
                return false;
            }
            Shape perChannel = shape().slice(0, 2).add(1, 1);
            Shape perPixel = shape().slice(0, 1).add(1).addAll(shape().slice(2));
            return other.shape().equals(perChannel) || other.shape().equals(perPixel);
        }

        /** DJL writes relu6 as the minimum of 6 and relu. */
        @Override
        public NDArray minimum(Number n) {
            Value x = value == null ? null : tracer.rectified(value);
            if (x != null && n.doubleValue() == 6) {
                return tracer.record(new Op.Activation(Nonlinearity.RELU6), shape(), x);
            }
            throw refuse("NDArray.minimum");
        }

        @Override
        public NDArray reshape(Shape given) {
            long known = 1;
            for (long d : given.getShape()) {
                known *= d < 0 ? 1 : d;
            }
            long[] dims = given.getShape().clone();
            for (int i = 0; i < dims.length; i++) {
                dims[i] = dims[i] < 0 ? shape().size() / known : dims[i];
            }
            Shape target = new Shape(dims);
            long batch = shape().get(0);
            if (value != null && dims[0] == batch && target.size() == shape().size()) {
                if (target.dimension() == 2) {
                    return shape().dimension() == 2
                            ? this
                            : tracer.record(new Op.Flatten(), target, value);
                }
                if (shape().dimension() == 2 && target.equals(shape().addAll(new Shape(1, 1)))) {
                    return tracer.record(new Op.Unflatten(), target, value);
                }
            }
            throw refuse("NDArray.reshape from %s to %s".formatted(shape(), target));
        }
    }
}
