package org.mobilenetv3.export;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxModel.Port;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxNode.Attribute;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;

/**
 * Turns a graph into ONNX operations. Vectors between a global pool and a gate stay {@code (N, C,
 * 1, 1)}, and linear layers there become 1×1 convolutions, so that squeeze-and-excitation needs no
 * reshaping.
 */
public final class OnnxLowering {

    /** What the second of two values is called after the first. */
    static final String SECOND = "/second";

    /** The ONNX form of a value: 2 for {@code (N, C)}, 3 for rows, 4 for {@code (N, C, H, W)}. */
    private record Tensor(String name, int rank) {}

    private final Graph graph;
    private final Set<Value> columns;
    private final Map<Value, Tensor> tensors = new HashMap<>();
    private final Map<Tensor, Tensor> reshaped = new HashMap<>();
    private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
    private final List<OnnxNode> nodes = new ArrayList<>();

    private OnnxLowering(Graph graph) {
        this.graph = graph;
        this.columns = columns(graph);
        tensors.put(graph.input(), new Tensor(OnnxModel.INPUT, graph.input().shape().dimension()));
    }

    /**
     * Lowers a graph.
     *
     * @param graph any graph; its weights must have values
     * @return the same net, in ONNX's operations
     */
    public static OnnxModel lower(Graph graph) {
        return lower(graph, null);
    }

    /**
     * Lowers a graph, and finds the objects in what a net answers.
     *
     * @param graph any graph; its weights must have values
     * @param suppression what of a net's {@link Answers} is an object, or null to leave that to
     *     whoever reads the answers
     * @return the same net, in ONNX's operations
     */
    static OnnxModel lower(Graph graph, PostProcessing suppression) {
        OnnxLowering lowering = new OnnxLowering(graph);
        List<Value> parts = Answers.parts(graph);
        List<Node> nodes = graph.nodes();
        nodes.subList(0, nodes.size() - (parts.isEmpty() ? 0 : 1)).forEach(lowering::add);
        return parts.isEmpty() ? lowering.finish() : lowering.finish(parts, suppression);
    }

    /** Boxes and scores are two outputs; those of the objects come after them. */
    private OnnxModel finish(List<Value> parts, PostProcessing suppression) {
        Value boxes = parts.get(0);
        Value scores = parts.get(1);
        // Objects are those of one image.
        long batch = suppression == null ? OnnxModel.FREE : 1;
        List<Port> others = new ArrayList<>(List.of(rows(as(scores, 3), batch, scores.shape())));
        if (suppression != null) {
            others.addAll(
                    new OnnxBoxes(this)
                            .suppress(as(boxes, 3), as(scores, 3), scores.shape(), suppression));
        }
        Shape input = graph.input().shape();
        return new OnnxModel(
                List.copyOf(nodes),
                Collections.unmodifiableMap(new LinkedHashMap<>(constants)),
                Port.floats(OnnxModel.INPUT, batch, input.get(1), input.get(2), input.get(3)),
                rows(as(boxes, 3), batch, boxes.shape()),
                List.copyOf(others),
                Map.of());
    }

    private static Port rows(String name, long batch, Shape shape) {
        return Port.floats(name, batch, shape.get(1), shape.get(2));
    }

    private OnnxModel finish() {
        String result = as(graph.output(), graph.output().shape().dimension());
        int last = nodes.size() - 1;
        if (last >= 0 && nodes.get(last).output().equals(result)) {
            nodes.set(last, nodes.get(last).withOutput(OnnxModel.OUTPUT));
        } else {
            nodes.add(OnnxNode.of("output", "Identity", List.of(result), OnnxModel.OUTPUT));
        }
        return OnnxModel.of(nodes, constants, graph.input().channels(), graph.output().shape());
    }

    /** The vectors that end in an unflatten, with what they are made of, back to the pool. */
    private static Set<Value> columns(Graph graph) {
        Set<Value> columns = new HashSet<>();
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            boolean passes = node.output().shape().dimension() == 2;
            if (node.op() instanceof Op.Unflatten || (passes && columns.contains(node.output()))) {
                columns.addAll(node.inputs());
            }
        }
        return columns;
    }

    private void add(Node node) {
        Op op = node.op();
        Tensor result;
        if (op instanceof Op.Convolution c) {
            result = convolution(node, c);
        } else if (op instanceof Op.Linear l) {
            result = linear(node, l);
        } else if (op instanceof Op.BatchNorm b) {
            result = batchNorm(node, b);
        } else if (op instanceof Op.Activation a) {
            Tensor x = tensors.get(node.input());
            result = new Tensor(function(node.name(), a.function(), x.name()), x.rank());
        } else if (op instanceof Op.Add) {
            result = pair(node, "Add");
        } else if (op instanceof Op.Multiply) {
            result = pair(node, "Mul");
        } else if (op instanceof Op.GlobalAveragePool) {
            String x = as(node.input(), 4);
            result = new Tensor(emit(node.name(), "GlobalAveragePool", List.of(x)), 4);
        } else if (op instanceof Op.Pool p) {
            result = pool(node, p);
        } else if (op instanceof Op.Resize) {
            result = resize(node);
        } else if (op instanceof Op.PerChannel p) {
            result = perChannel(node, p);
        } else if (op instanceof Op.Unflatten) {
            result = new Tensor(as(node.input(), 4), 4);
        } else if (op instanceof Op.Rows r) {
            result = rows(node, r);
        } else if (op instanceof Op.Concatenate c) {
            List<String> inputs = node.inputs().stream().map(v -> as(v, 3)).toList();
            Attribute axis = Attribute.of("axis", c.axis());
            result = new Tensor(emit(node.name(), "Concat", inputs, axis), 3);
        } else if (op instanceof Op.Softmax) {
            Attribute last = Attribute.of("axis", 2);
            String x = as(node.input(), 3);
            result = new Tensor(emit(node.name(), "Softmax", List.of(x), last), 3);
        } else if (op instanceof Op.DecodeBoxes d) {
            result = new Tensor(new OnnxBoxes(this).decode(as(node.input(), 3), d), 3);
        } else if (op instanceof Op.Flatten) {
            boolean column = columns.contains(node.output()) && node.input().isVector();
            result = new Tensor(as(node.input(), column ? 4 : 2), column ? 4 : 2);
        } else { // dropout does nothing in inference
            result = tensors.get(node.input());
        }
        tensors.put(node.output(), result);
    }

    /** The name of a value's form of that rank, reshaped on first need. */
    private String as(Value value, int rank) {
        Tensor tensor = tensors.get(value);
        if (tensor.rank() == rank) {
            return tensor.name();
        }
        return reshaped.computeIfAbsent(tensor, t -> reshape(t, rank)).name();
    }

    private Tensor reshape(Tensor tensor, int rank) {
        if (rank == 2) {
            String name = tensor.name() + "/Flatten";
            return new Tensor(
                    emit(name, "Flatten", List.of(tensor.name()), Attribute.of("axis", 1)), 2);
        }
        String axes = constant(OnnxTensor.ofLongs(2, 3).named("axes"));
        String name = tensor.name() + "/Unsqueeze";
        return new Tensor(emit(name, "Unsqueeze", List.of(tensor.name(), axes)), 4);
    }

    private Tensor convolution(Node node, Op.Convolution c) {
        List<String> inputs = new ArrayList<>(List.of(as(node.input(), 4)));
        c.weights().forEach(w -> inputs.add(weight(w, w.shape().getShape())));
        String y =
                emit(
                        node.name(),
                        "Conv",
                        inputs,
                        both("kernel_shape", c.kernel()),
                        both("strides", c.stride()),
                        c.padding().same()
                                ? Attribute.of("auto_pad", "SAME_UPPER")
                                : pads(c.padding().rows(), c.padding().columns()),
                        both("dilations", c.dilation()),
                        Attribute.of("group", c.groups()));
        return new Tensor(fused(node, c.function(), y), 4);
    }

    private Tensor linear(Node node, Op.Linear l) {
        int rank = columns.contains(node.output()) ? 4 : 2;
        long[] matrix = l.weight().shape().getShape();
        long[] shape = rank == 2 ? matrix : new long[] {matrix[0], matrix[1], 1, 1};
        List<String> inputs =
                new ArrayList<>(List.of(as(node.input(), rank), weight(l.weight(), shape)));
        if (l.bias() != null) {
            inputs.add(weight(l.bias(), l.bias().shape().getShape()));
        }
        String y =
                rank == 4
                        ? emit(node.name(), "Conv", inputs, both("kernel_shape", Op.Pair.of(1)))
                        : emit(node.name(), "Gemm", inputs, Attribute.of("transB", 1));
        return new Tensor(fused(node, l.function(), y), rank);
    }

    private Tensor batchNorm(Node node, Op.BatchNorm b) {
        List<String> inputs = new ArrayList<>(List.of(as(node.input(), 4)));
        b.weights().forEach(w -> inputs.add(weight(w, w.shape().getShape())));
        Attribute epsilon = Attribute.of("epsilon", b.epsilon());
        return new Tensor(emit(node.name(), "BatchNormalization", inputs, epsilon), 4);
    }

    /** A sum or a product, of images where either is one. */
    private Tensor pair(Node node, String type) {
        boolean vectors = node.output().shape().dimension() == 2;
        int rank = vectors && !columns.contains(node.output()) ? 2 : 4;
        List<String> inputs = node.inputs().stream().map(v -> as(v, rank)).toList();
        return new Tensor(emit(node.name(), type, inputs), rank);
    }

    private Tensor pool(Node node, Op.Pool p) {
        List<Attribute> attributes =
                new ArrayList<>(
                        List.of(
                                both("kernel_shape", p.kernel()),
                                both("strides", p.stride()),
                                pads(p.padding().rows(), p.padding().columns()),
                                Attribute.of("ceil_mode", p.ceil() ? 1 : 0)));
        if (!p.max()) {
            attributes.add(Attribute.of("count_include_pad", p.countPadding() ? 1 : 0));
        }
        return new Tensor(
                emit(
                        node.name(),
                        p.max() ? "MaxPool" : "AveragePool",
                        List.of(as(node.input(), 4)),
                        attributes.toArray(Attribute[]::new)),
                4);
    }

    /** To the size of another value, whatever it is when the file runs. */
    private Tensor resize(Node node) {
        String x = as(node.input(), 4);
        String like = as(node.inputs().get(1), 4);
        String name = node.name();
        List<String> size = List.of(part(name + "/batch", x, 0), part(name + "/pixels", like, 2));
        String sizes = emit(name + "/sizes", "Concat", size, Attribute.of("axis", 0));
        return new Tensor(
                emit(
                        name,
                        "Resize",
                        List.of(x, "", "", sizes),
                        Attribute.of("mode", "linear"),
                        Attribute.of("coordinate_transformation_mode", "half_pixel")),
                4);
    }

    /** Two dimensions of a value's shape. */
    private String part(String name, String x, long first) {
        String shape = emit(name + "/Shape", "Shape", List.of(x));
        String from = constant(OnnxTensor.ofLongs(first).named(name + "/from"));
        String to = constant(OnnxTensor.ofLongs(first + 2).named(name + "/to"));
        return emit(name, "Slice", List.of(shape, from, to));
    }

    private Tensor rows(Node node, Op.Rows r) {
        String last =
                emit(
                        node.name() + "/Transpose",
                        "Transpose",
                        List.of(as(node.input(), 4)),
                        Attribute.of("perm", 0L, 2L, 3L, 1L));
        String name = String.format(Locale.ROOT, "rows/%d", r.columns());
        String shape = constant(OnnxTensor.ofLongs(0, -1, r.columns()).named(name));
        return new Tensor(emit(node.name(), "Reshape", List.of(last, shape)), 3);
    }

    private Tensor perChannel(Node node, Op.PerChannel p) {
        String type =
                switch (p.kind()) {
                    case ADD -> "Add";
                    case SUBTRACT -> "Sub";
                    case MULTIPLY -> "Mul";
                    case DIVIDE -> "Div";
                };
        String numbers = floats(node.name() + "/constant", p::values, 1, p.constant().size(), 1, 1);
        return new Tensor(emit(node.name(), type, List.of(as(node.input(), 4), numbers)), 4);
    }

    private String fused(Node node, Nonlinearity function, String y) {
        return function == Nonlinearity.IDENTITY
                ? y
                : function(node.name() + "/" + new Op.Activation(function).type(), function, y);
    }

    private String function(String name, Nonlinearity function, String x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> emit(name, "Relu", List.of(x));
            case RELU6 ->
                    emit(
                            name,
                            "Clip",
                            List.of(
                                    x,
                                    floats("zero", () -> new float[] {0}),
                                    floats("six", () -> new float[] {6})));
            case SIGMOID -> emit(name, "Sigmoid", List.of(x));
            case TANH -> emit(name, "Tanh", List.of(x));
            case SILU -> {
                String gate = emit(name + "/Sigmoid", "Sigmoid", List.of(x));
                yield emit(name, "Mul", List.of(x, gate));
            }
            case HARD_SIGMOID, PADDLE_HARD_SIGMOID ->
                    emit(
                            name,
                            "HardSigmoid",
                            List.of(x),
                            Attribute.of(
                                    "alpha", function == Nonlinearity.HARD_SIGMOID ? 1 / 6f : 0.2f),
                            Attribute.of("beta", 0.5f));
            case HARD_SWISH -> emit(name, "HardSwish", List.of(x));
        };
    }

    /** Appends an operation; its result has its name. */
    String emit(String name, String type, List<String> inputs, Attribute... attributes) {
        nodes.add(OnnxNode.of(name, type, inputs, name, attributes));
        return name;
    }

    /** Appends an operation that makes two values; the first has its name. */
    String emitTwo(String name, String type, List<String> inputs) {
        nodes.add(new OnnxNode(type, name, inputs, List.of(name, name + SECOND), Map.of()));
        return name;
    }

    private String weight(Weight weight, long... shape) {
        return floats(weight.name(), weight.values(), shape);
    }

    String floats(String name, Supplier<float[]> values, long... shape) {
        return constant(OnnxTensor.ofFloats(values.get()).named(name).withShape(shape));
    }

    String constant(OnnxTensor constant) {
        constants.putIfAbsent(constant.name(), constant);
        return constant.name();
    }

    private static Attribute both(String name, Op.Pair pair) {
        return Attribute.of(name, (long) pair.rows(), (long) pair.columns());
    }

    private static Attribute pads(long rows, long columns) {
        return Attribute.of("pads", rows, columns, rows, columns);
    }
}
