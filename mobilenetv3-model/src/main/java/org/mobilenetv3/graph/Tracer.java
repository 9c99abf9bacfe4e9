package org.mobilenetv3.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
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
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

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
    private final NDManager manager = proxy(NDManager.class, this::callManager);
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
        NDList output = net.forward(new Store(), new NDList(input.array()), false);
        Traced result = output.size() == 1 ? traced(output.get(0)) : null;
        if (result == null || result.value == null) {
            throw new UntraceableException(
                    "%s cannot be compiled or exported: its output is not one array made from its input."
                            .formatted(net.getClass().getName()));
        }
        return new Graph(input.value, result.value, needed(result.value));
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
        return array != null
                        && Proxy.isProxyClass(array.getClass())
                        && Proxy.getInvocationHandler(array) instanceof Traced traced
                ? traced
                : null;
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
        return new Traced(this, output, null, null).array();
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

    private Object callManager(Object self, Method method, Object[] args) {
        return switch (method.getName()) {
            case "create" -> {
                if (args.length == 2
                        && args[0] instanceof float[] numbers
                        && args[1] instanceof Shape shape) {
                    yield new Traced(this, null, null, new Constant(numbers.clone(), shape))
                            .array();
                }
                throw refuse("NDManager.create");
            }
            case "close" -> null;
            case "getDevice" -> Device.cpu();
            case "hashCode" -> System.identityHashCode(self);
            case "equals" -> self == args[0];
            case "toString" -> "a tracer's manager";
            default -> throw refuse("NDManager." + method.getName());
        };
    }

    /** An error that names the block whose code asked for what a graph cannot express. */
    static UntraceableException refuse(String what) {
        String block =
                StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                        .walk(
                                frames ->
                                        frames.map(StackWalker.StackFrame::getDeclaringClass)
                                                .filter(Block.class::isAssignableFrom)
                                                .findFirst())
                        .map(c -> c == LambdaBlock.class ? "A LambdaBlock" : c.getName())
                        .orElse("The net");
        return new UntraceableException(
                "%s cannot be compiled or exported: it uses %s, which has no counterpart in the graph."
                        .formatted(block, what));
    }

    static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        Tracer.class.getClassLoader(), new Class<?>[] {type}, handler));
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
            return new Traced(Tracer.this, null, weight, null).array();
        }

        @Override
        public NDManager getManager() {
            return manager;
        }
    }

    /** One array: a value of the graph, a weight or a constant. */
    static final class Traced implements InvocationHandler {
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
            this.tracer = tracer;
            this.value = value;
            this.weight = weight;
            this.constant = constant;
            this.padsSame = padsSame;
        }

        NDArray array() {
            return proxy(NDArray.class, this);
        }

        Shape shape() {
            return value != null
                    ? value.shape()
                    : weight != null ? weight.shape() : constant.shape();
        }

        @Override
        public Object invoke(Object self, Method method, Object[] args) {
            return switch (method.getName()) {
                case "getShape" -> shape();
                case "size" -> args == null ? shape().size() : shape().get((int) args[0]);
                case "getDataType" -> DataType.FLOAT32;
                case "getDevice" -> Device.cpu();
                case "getManager" -> tracer.manager;
                case "getNDArrayInternal" -> proxy(NDArrayEx.class, new TracedLayers(this));
                case "close", "attach", "tempAttach", "detach", "setName" -> null;
                case "getName" -> weight == null ? null : weight.name();
                case "isReleased", "isEmpty", "hasGradient" -> false;
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == args[0];
                case "toString" -> "traced " + shape();
                case "add" -> combine(new Op.Add(), Op.PerChannel.Kind.ADD, method, args);
                case "sub" -> combine(null, Op.PerChannel.Kind.SUBTRACT, method, args);
                case "mul" -> combine(new Op.Multiply(), Op.PerChannel.Kind.MULTIPLY, method, args);
                case "div" -> combine(null, Op.PerChannel.Kind.DIVIDE, method, args);
                case "duplicate" -> self; // nothing writes to it
                case "minimum" -> relu6(args);
                case "reshape" ->
                        reshape(args[0] instanceof Shape s ? s : new Shape((long[]) args[0]));
                case "flatten" -> {
                    if (args != null && args.length == 2 && args[0].equals(1) && isLast(args[1])) {
                        yield reshape(new Shape(shape().get(0), -1));
                    }
                    throw refuse("NDArray.flatten");
                }
                default -> throw refuse("NDArray." + method.getName());
            };
        }

        private NDArray combine(Op op, Op.PerChannel.Kind kind, Method method, Object[] args) {
            Traced other = args[0] instanceof NDArray array ? traced(array) : null;
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
            throw refuse(
                    "NDArray.%s of %s and %s"
                            .formatted(
                                    method.getName(),
                                    shape(),
                                    other != null
                                            ? other.shape()
                                            : args[0] instanceof Number n ? n : "an array"));
        }

        private boolean isLast(Object axis) {
            return axis.equals(-1) || axis.equals(shape().dimension() - 1);
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
        private NDArray relu6(Object[] args) {
            Value x = value == null ? null : tracer.rectified(value);
            if (x != null && args[0] instanceof Number n && n.doubleValue() == 6) {
                return tracer.record(new Op.Activation(Nonlinearity.RELU6), shape(), x);
            }
            throw refuse("NDArray.minimum");
        }

        private NDArray reshape(Shape given) {
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
                            ? array()
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
