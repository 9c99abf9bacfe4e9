package org.mobilenetv3.torchscript;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import org.mobilenetv3.detection.BoxCoder;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;

/**
 * Writes a graph as TorchScript statements.
 *
 * <p>Images lie in memory pixel by pixel (channels_last). One value may have several names: as
 * {@code (N, C, H, W)} for convolutions, as {@code (N, H, W, C)} for linear layers and products, as
 * {@code (N, C)} where images are one pixel; going from one to another copies nothing.
 */
final class Emitter {

    /** How the axes of a tensor are ordered. */
    private enum Form {
        NCHW,
        NHWC,
        NC,
        /** Neither image nor vector: rows of three axes. */
        ROWS
    }

    /**
     * How to write.
     *
     * @param kernels chooses convolutions
     * @param mode what batch norm and dropout do
     * @param fixedSize whether images are of the traced size always
     * @param precision what to compute in, null for 32 bits throughout
     */
    record Style(Kernels kernels, Mode mode, boolean fixedSize, Precision precision) {
        boolean inference() {
            return mode == Mode.INFERENCE;
        }

        /** The tensor in the type to compute in. */
        String cast(String x) {
            return precision == null || !precision.isHalf()
                    ? x
                    : String.format(Locale.ROOT, "torch.to(%s, %d)", x, precision.scalarType());
        }
    }

    /** Whether to learn. */
    enum Mode {
        /**
         * Batch statistics, but for layers that are frozen, and dropout; nothing is overwritten
         * that backward needs.
         */
        TRAINING("True"),
        /** Running statistics; what nobody else reads is overwritten. */
        INFERENCE("False"),
        /** As the module's attribute {@code training} says when it runs. */
        EITHER("self.training");

        private final String expression;

        Mode(String expression) {
            this.expression = expression;
        }
    }

    private final Graph graph;
    private final Style style;
    private final Function<Weight, String> weights;
    private final Function<Weight, String> casts;
    private final Function<Op.PerChannel, String> constants;
    private final StringBuilder out = new StringBuilder();
    private final Map<Value, EnumMap<Form, String>> forms = new HashMap<>();
    private int names;

    /**
     * Prepares to write.
     *
     * @param graph what to write
     * @param style how
     * @param weights the expression that gives a weight
     * @param casts the same in the type to compute in
     * @param constants the expression that gives an operation's constant, {@code (1, C, 1, 1)}
     */
    Emitter(
            Graph graph,
            Style style,
            Function<Weight, String> weights,
            Function<Weight, String> casts,
            Function<Op.PerChannel, String> constants) {
        this.graph = graph;
        this.style = style;
        this.weights = weights;
        this.casts = casts;
        this.constants = constants;
    }

    /** The statements; input {@code x}, result in {@code y} (32-bit floats). */
    String write() {
        boolean normalizes =
                !graph.nodes().isEmpty() && graph.nodes().get(0).op() instanceof Op.PerChannel;
        put(graph.input(), Form.NCHW, normalizes ? "x" : entering("x"));
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            write(node);
            boolean next =
                    i + 1 < graph.nodes().size()
                            && graph.nodes().get(i + 1).op() instanceof Op.PerChannel;
            if (node.op() instanceof Op.PerChannel && !next) {
                String normalized = forms.get(node.output()).get(Form.NCHW);
                forms.remove(node.output());
                put(node.output(), Form.NCHW, entering(normalized));
            }
        }
        String result = get(graph.output(), whole(graph.output()));
        boolean half = style.precision != null && style.precision.isHalf();
        line("y", half ? "torch.to(%s, 6)".formatted(result) : result);
        return out.toString();
    }

    private static Form whole(Value value) {
        return switch (value.shape().dimension()) {
            case 2 -> Form.NC;
            case 3 -> Form.ROWS;
            default -> Form.NCHW;
        };
    }

    private String entering(String x) {
        return assign("torch.contiguous(%s, memory_format=2)".formatted(style.cast(x)));
    }

    private void write(Node node) {
        Value in = node.input();
        Op op = node.op();
        if (op instanceof Op.Convolution conv) {
            convolution(node, conv);
        } else if (op instanceof Op.BatchNorm norm) {
            Form form = in.isVector() ? Form.NC : Form.NCHW;
            put(node.output(), form, assign(batchNorm(get(in, form), norm)));
        } else if (op instanceof Op.Linear linear) {
            String y =
                    Expressions.linear(
                            get(in, Form.NC), casts.apply(linear.weight()), bias(linear.bias()));
            put(node.output(), Form.NC, function(assign(y), linear.function()));
        } else if (op instanceof Op.Activation a) {
            activation(node, a);
        } else if (op instanceof Op.Add) {
            Form form = form(in);
            String sum = "torch.add(%s, %s)".formatted(get(in, form), get(other(node), form));
            put(node.output(), form, assign(sum));
        } else if (op instanceof Op.Multiply) {
            Form form = in.isVector() ? Form.NC : Form.NHWC;
            String product = "torch.mul(%s, %s)".formatted(get(in, form), get(other(node), form));
            put(node.output(), form, assign(product));
        } else if (op instanceof Op.GlobalAveragePool) {
            globalPool(node);
        } else if (op instanceof Op.Pool pool) {
            put(node.output(), Form.NCHW, pool(get(in, Form.NCHW), pool));
        } else if (op instanceof Op.Resize) {
            put(node.output(), Form.NCHW, assign(resize(node)));
        } else if (op instanceof Op.Unflatten) {
            alias(node);
        } else if (op instanceof Op.Flatten) {
            if (in.isVector()) {
                alias(node);
            } else {
                String flat = "torch.flatten(%s, 1)".formatted(get(in, Form.NCHW));
                put(node.output(), Form.NC, assign(flat));
            }
        } else if (op instanceof Op.Rows rows) {
            String x = get(in, Form.NHWC);
            put(
                    node.output(),
                    Form.ROWS,
                    assign(
                            String.format(
                                    Locale.ROOT,
                                    "torch.reshape(%s, [torch.size(%s, 0), -1, %d])",
                                    x,
                                    x,
                                    rows.columns())));
        } else if (op instanceof Op.Concatenate concatenate) {
            StringJoiner parts = new StringJoiner(", ", "[", "]");
            node.inputs().forEach(part -> parts.add(get(part, Form.ROWS)));
            put(
                    node.output(),
                    Form.ROWS,
                    assign(
                            String.format(
                                    Locale.ROOT, "torch.cat(%s, %d)", parts, concatenate.axis())));
        } else if (op instanceof Op.Softmax) {
            put(
                    node.output(),
                    Form.ROWS,
                    assign("torch.softmax(%s, 2)".formatted(get(in, Form.ROWS))));
        } else if (op instanceof Op.DecodeBoxes decode) {
            String anchors = weights.apply(decode.anchors());
            put(node.output(), Form.ROWS, boxes(get(in, Form.ROWS), anchors));
        } else if (op instanceof Op.Dropout dropout) {
            dropout(node, dropout);
        } else if (op instanceof Op.PerChannel constant) {
            String verb =
                    switch (constant.kind()) {
                        case ADD -> "add";
                        case SUBTRACT -> "sub";
                        case MULTIPLY -> "mul";
                        case DIVIDE -> "div";
                    };
            put(
                    node.output(),
                    Form.NCHW,
                    assign(
                            "torch.%s(%s, %s)"
                                    .formatted(
                                            verb, get(in, Form.NCHW), constants.apply(constant))));
        } else {
            throw new AssertionError(op);
        }
    }

    private void convolution(Node node, Op.Convolution conv) {
        Value in = node.input();
        String bias = bias(conv.bias());
        String w = casts.apply(conv.weight());
        Kernels.Kind kind = style.kernels.choose(node, style.fixedSize, !style.inference());
        Form form = kind == Kernels.Kind.CENTER_TAP ? Form.NC : Form.NCHW;
        String y;
        switch (kind) {
            case PIXELWISE -> {
                form = Form.NHWC;
                y =
                        Expressions.linear(
                                Expressions.strided(get(in, form), conv.stride(), 1),
                                Expressions.matrix(w, conv),
                                bias);
            }
            case CENTER_TAP -> y = Expressions.centerTap(get(in, form), w, conv, bias);
            case ALL_TAPS -> {
                form = Form.NHWC;
                String sums = new AllTaps(node, conv, this::assign).of(get(in, form), w);
                y = "None".equals(bias) ? sums : "torch.add(%s, %s)".formatted(sums, bias);
            }
            default -> y = plain(padded(node, conv), w, bias, conv);
        }
        put(node.output(), form, function(assign(y), conv.function()));
    }

    /** What a convolution reads: for TensorFlow's padding, the image with zeros around it. */
    private String padded(Node node, Op.Convolution conv) {
        String x = get(node.input(), Form.NCHW);
        if (!conv.padding().same()) {
            return x;
        }
        List<String> sides = new ArrayList<>(same(node, x, conv, 3));
        sides.addAll(same(node, x, conv, 2));
        return "[0, 0, 0, 0]".equals(sides.toString())
                ? x
                : assign("torch.constant_pad_nd(%s, %s, 0)".formatted(x, sides));
    }

    /** Zeros before and after an axis: numbers where its size is known, otherwise expressions. */
    private List<String> same(Node node, String x, Op.Convolution conv, int axis) {
        int reach = axis == 2 ? conv.reach().rows() : conv.reach().columns();
        int stride = axis == 2 ? conv.stride().rows() : conv.stride().columns();
        if (style.fixedSize) {
            int all = Op.Padding.same(node.input().shape().get(axis), reach, stride);
            return List.of(Integer.toString(all / 2), Integer.toString(all - all / 2));
        }
        // (ceil(n / s) - 1) * s + reach - n is reach - s for a multiple of s, and grows by what n
        // lacks to the next one.
        String lacks =
                String.format(
                        Locale.ROOT,
                        "torch.remainder(torch.neg(torch.size(%s, %d)), %d)",
                        x,
                        axis,
                        stride);
        String all =
                assign(
                        String.format(
                                Locale.ROOT,
                                "ops.prim.max(torch.add(%s, %d), 0)",
                                lacks,
                                reach - stride));
        String before = assign("torch.floordiv(%s, 2)".formatted(all));
        return List.of(before, "torch.sub(%s, %s)".formatted(all, before));
    }

    private String plain(String x, String w, String bias, Op.Convolution conv) {
        // oneDNN's strided 1×1 backward corrupts memory (few channels): stride beforehand.
        boolean ahead =
                style.kernels.processor()
                        && conv.kernel().equals(Op.Pair.of(1))
                        && conv.padding().equals(Op.Padding.NONE);
        return String.format(
                Locale.ROOT,
                "torch.conv2d(%s, %s, %s, %s, %s, %s, %d)",
                ahead ? Expressions.strided(x, conv.stride(), 2) : x,
                w,
                bias,
                Expressions.list(ahead ? Op.Pair.of(1) : conv.stride()),
                Expressions.list(conv.padding().rows(), conv.padding().columns()),
                Expressions.list(conv.dilation()),
                conv.groups());
    }

    private String batchNorm(String x, Op.BatchNorm norm) {
        return "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, True)"
                .formatted(
                        x,
                        weights.apply(norm.weight()),
                        weights.apply(norm.bias()),
                        weights.apply(norm.mean()),
                        weights.apply(norm.variance()),
                        learns(norm) ? style.mode.expression : "False",
                        Expressions.number(norm.momentum()),
                        Expressions.number(norm.epsilon()));
    }

    /** A frozen layer stays as it is: it uses its running statistics and leaves them alone. */
    private boolean learns(Op.BatchNorm norm) {
        return style.mode != Mode.TRAINING || norm.weight().trainable() || norm.bias().trainable();
    }

    private String resize(Node node) {
        Value like = other(node);
        String size =
                style.fixedSize
                        ? String.format(Locale.ROOT, "[%d, %d]", like.height(), like.width())
                        : "[torch.size(%1$s, 2), torch.size(%1$s, 3)]"
                                .formatted(get(like, Form.NCHW));
        return "torch.upsample_bilinear2d(%s, %s, False)"
                .formatted(get(node.input(), Form.NCHW), size);
    }

    private void activation(Node node, Op.Activation a) {
        Form form = form(node.input());
        String x = get(node.input(), form);
        // Batch norm's backward does not read its result, and relu's reads its own.
        boolean overwrite =
                a.function() == Nonlinearity.RELU
                        && readers(node.input()) == 1
                        && makes(node.input(), Op.BatchNorm.class);
        put(node.output(), form, assign(Expressions.call(a.function(), x, overwrite)));
    }

    private String function(String x, Nonlinearity function) {
        // What a convolution has just written belongs to nobody else.
        return function == Nonlinearity.IDENTITY
                ? x
                : assign(Expressions.call(function, x, style.inference()));
    }

    private String pool(String x, Op.Pool pool) {
        if (style.kernels.processor() || pool.max()) {
            return assign(Expressions.pool(x, pool));
        }
        // libtorch 2.11 computes wrong gradients of average pools of channels_last images on GPUs.
        String channels = assign("torch.contiguous(%s, memory_format=0)".formatted(x));
        String y = assign(Expressions.pool(channels, pool));
        return assign("torch.contiguous(%s, memory_format=2)".formatted(y));
    }

    private void globalPool(Node node) {
        Value in = node.input();
        if (in.isVector() && style.fixedSize) {
            alias(node);
            return;
        }
        String mean = "torch.mean(torch.flatten(%s, 1, 2), [1])".formatted(get(in, Form.NHWC));
        put(node.output(), Form.NC, assign(mean));
    }

    private void dropout(Node node, Op.Dropout dropout) {
        if (style.inference() || dropout.rate() == 0) {
            alias(node);
            return;
        }
        Form form = form(node.input());
        String x = get(node.input(), form);
        put(
                node.output(),
                form,
                assign(
                        "torch.dropout(%s, %s, %s)"
                                .formatted(
                                        x,
                                        Expressions.number(dropout.rate()),
                                        style.mode.expression)));
    }

    private String boxes(String codes, String anchors) {
        String first = "torch.slice(%s, 2, 0, 2, 1)";
        String last = "torch.slice(%s, 2, 2, 4, 1)";
        String size = assign(last.formatted(anchors));
        String move = "torch.div(%s, %s)".formatted(first.formatted(codes), BoxCoder.CENTER);
        String center =
                assign(
                        "torch.add(torch.mul(%s, %s), %s)"
                                .formatted(move, size, first.formatted(anchors)));
        String log =
                "torch.clamp(torch.div(%s, %s), None, %s)"
                        .formatted(last.formatted(codes), BoxCoder.SIZE, BoxCoder.LARGEST_LOG);
        String half = assign("torch.mul(torch.mul(torch.exp(%s), %s), 0.5)".formatted(log, size));
        return assign(
                "torch.clamp(torch.cat([torch.sub(%1$s, %2$s), torch.add(%1$s, %2$s)], 2), 0., 1.)"
                        .formatted(center, half));
    }

    private static Value other(Node node) {
        return node.inputs().get(1);
    }

    private long readers(Value value) {
        return graph.nodes().stream().filter(n -> n.inputs().contains(value)).count()
                + (graph.output().equals(value) ? 1 : 0);
    }

    private boolean makes(Value value, Class<? extends Op> type) {
        return graph.nodes().stream()
                .anyMatch(n -> n.output().equals(value) && type.isInstance(n.op()));
    }

    private String bias(Weight weight) {
        return weight == null ? "None" : casts.apply(weight);
    }

    /** The result has the input's names. */
    private void alias(Node node) {
        forms.put(node.output(), forms.get(node.input()));
    }

    private Form form(Value value) {
        EnumMap<Form, String> known = forms.get(value);
        for (Form form : new Form[] {Form.NC, Form.NHWC, Form.NCHW, Form.ROWS}) {
            if (known.containsKey(form)) {
                return form;
            }
        }
        throw new IllegalStateException("Value " + value + " was never made.");
    }

    private void put(Value value, Form form, String name) {
        forms.computeIfAbsent(value, v -> new EnumMap<>(Form.class)).put(form, name);
    }

    private String get(Value value, Form wanted) {
        EnumMap<Form, String> known = forms.get(value);
        String name = known.get(wanted);
        if (name == null) {
            Form from = form(value);
            name = assign(convert(known.get(from), from, wanted));
            known.put(wanted, name);
        }
        return name;
    }

    private static String convert(String x, Form from, Form to) {
        return switch (to) {
            case NC -> "torch.flatten(%s, 1)".formatted(x);
            case NHWC ->
                    from == Form.NCHW
                            ? "torch.permute(%s, [0, 2, 3, 1])".formatted(x)
                            : "torch.unsqueeze(torch.unsqueeze(%s, 1), 1)".formatted(x);
            case NCHW ->
                    from == Form.NHWC
                            ? "torch.permute(%s, [0, 3, 1, 2])".formatted(x)
                            : "torch.unsqueeze(torch.unsqueeze(%s, 2), 3)".formatted(x);
            case ROWS -> throw new IllegalStateException("Rows are made by Op.Rows only.");
        };
    }

    private String assign(String expression) {
        String name = "v" + names++;
        line(name, expression);
        return name;
    }

    private void line(String name, String expression) {
        out.append("    ").append(name).append(" = ").append(expression).append('\n');
    }
}
