package org.mobilenetv3.torchscript;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
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
        IMAGE,
        PIXELS,
        MATRIX
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
        put(graph.input(), Form.IMAGE, normalizes ? "x" : entering("x"));
        for (int i = 0; i < graph.nodes().size(); i++) {
            Node node = graph.nodes().get(i);
            write(node);
            boolean next =
                    i + 1 < graph.nodes().size()
                            && graph.nodes().get(i + 1).op() instanceof Op.PerChannel;
            if (node.op() instanceof Op.PerChannel && !next) {
                String normalized = forms.get(node.output()).get(Form.IMAGE);
                forms.remove(node.output());
                put(node.output(), Form.IMAGE, entering(normalized));
            }
        }
        Form form = graph.output().shape().dimension() == 2 ? Form.MATRIX : Form.IMAGE;
        String result = get(graph.output(), form);
        boolean half = style.precision != null && style.precision.isHalf();
        line("y", half ? "torch.to(%s, 6)".formatted(result) : result);
        return out.toString();
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
            Form form = in.isVector() ? Form.MATRIX : Form.IMAGE;
            put(node.output(), form, assign(batchNorm(get(in, form), norm)));
        } else if (op instanceof Op.Linear linear) {
            String y =
                    Expressions.linear(
                            get(in, Form.MATRIX),
                            casts.apply(linear.weight()),
                            bias(linear.bias()));
            put(node.output(), Form.MATRIX, function(assign(y), linear.function()));
        } else if (op instanceof Op.Activation a) {
            activation(node, a);
        } else if (op instanceof Op.Add) {
            Form form = form(in);
            String sum = "torch.add(%s, %s)".formatted(get(in, form), get(other(node), form));
            put(node.output(), form, assign(sum));
        } else if (op instanceof Op.Multiply) {
            Form form = in.isVector() ? Form.MATRIX : Form.PIXELS;
            String product = "torch.mul(%s, %s)".formatted(get(in, form), get(other(node), form));
            put(node.output(), form, assign(product));
        } else if (op instanceof Op.GlobalAveragePool) {
            globalPool(node);
        } else if (op instanceof Op.Pool pool) {
            put(node.output(), Form.IMAGE, pool(get(in, Form.IMAGE), pool));
        } else if (op instanceof Op.Unflatten) {
            alias(node);
        } else if (op instanceof Op.Flatten) {
            if (in.isVector()) {
                alias(node);
            } else {
                String flat = "torch.flatten(%s, 1)".formatted(get(in, Form.IMAGE));
                put(node.output(), Form.MATRIX, assign(flat));
            }
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
                    Form.IMAGE,
                    assign(
                            "torch.%s(%s, %s)"
                                    .formatted(
                                            verb, get(in, Form.IMAGE), constants.apply(constant))));
        }
    }

    private void convolution(Node node, Op.Convolution conv) {
        Value in = node.input();
        String bias = bias(conv.bias());
        String w = casts.apply(conv.weight());
        Kernels.Kind kind = style.kernels.choose(node, style.fixedSize, !style.inference());
        Form form = kind == Kernels.Kind.MIDDLE ? Form.MATRIX : Form.IMAGE;
        String y;
        switch (kind) {
            case PIXELWISE -> {
                form = Form.PIXELS;
                y =
                        Expressions.linear(
                                Expressions.strided(get(in, form), conv.stride(), 1),
                                Expressions.matrix(w, conv),
                                bias);
            }
            case MIDDLE -> y = Expressions.middle(get(in, form), w, conv, bias);
            case PRODUCTS -> {
                form = Form.PIXELS;
                y = products(node, conv, w, bias);
            }
            default -> y = plain(get(in, form), w, bias, conv);
        }
        put(node.output(), form, function(assign(y), conv.function()));
    }

    private String plain(String x, String w, String bias, Op.Convolution conv) {
        // oneDNN's strided 1×1 backward corrupts memory (few channels): stride beforehand.
        boolean ahead =
                style.kernels.processor()
                        && conv.kernel().equals(Op.Pair.of(1))
                        && conv.padding().equals(Op.Pair.of(0));
        return String.format(
                Locale.ROOT,
                "torch.conv2d(%s, %s, %s, %s, %s, %s, %d)",
                ahead ? Expressions.strided(x, conv.stride(), 2) : x,
                w,
                bias,
                Expressions.list(ahead ? Op.Pair.of(1) : conv.stride()),
                Expressions.list(conv.padding()),
                Expressions.list(conv.dilation()),
                conv.groups());
    }

    /** A depthwise convolution as the sum over input pixels of products, for each output pixel. */
    private String products(Node node, Op.Convolution conv, String w, String bias) {
        Value in = node.input();
        Value result = node.output();
        String kernel = assign("torch.permute(torch.squeeze(%s, 1), [1, 2, 0])".formatted(w));
        StringJoiner taps = new StringJoiner(", ", "[", "]");
        for (int py = 0; py < result.height(); py++) {
            for (int px = 0; px < result.width(); px++) {
                long top = conv.padding().rows() - (long) conv.stride().rows() * py;
                long left = conv.padding().columns() - (long) conv.stride().columns() * px;
                taps.add(
                        String.format(
                                Locale.ROOT,
                                "torch.slice(torch.slice(%s, 0, %d, %d), 1, %d, %d)",
                                kernel,
                                top,
                                top + in.height(),
                                left,
                                left + in.width()));
            }
        }
        long q = in.height() * in.width();
        String matrix =
                assign(
                        String.format(
                                Locale.ROOT,
                                "torch.reshape(torch.stack(%s, 0), [%d, %d, %d])",
                                taps,
                                result.height() * result.width(),
                                q,
                                in.channels()));
        String x =
                String.format(
                        Locale.ROOT,
                        "torch.reshape(%s, [-1, 1, %d, %d])",
                        get(in, Form.PIXELS),
                        q,
                        in.channels());
        String sum =
                String.format(
                        Locale.ROOT,
                        "torch.reshape(torch.sum(torch.mul(%s, %s), [2]), [-1, %d, %d, %d])",
                        x,
                        matrix,
                        result.height(),
                        result.width(),
                        in.channels());
        return "None".equals(bias) ? sum : "torch.add(%s, %s)".formatted(sum, bias);
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

    private void activation(Node node, Op.Activation a) {
        Form form = form(node.input());
        String x = get(node.input(), form);
        // Batch norm's backward does not read its result, and relu's reads its own.
        boolean overwrite =
                a.function() == org.mobilenetv3.graph.Function.RELU
                        && readers(node.input()) == 1
                        && makes(node.input(), Op.BatchNorm.class);
        put(node.output(), form, assign(Expressions.call(a.function(), x, overwrite)));
    }

    private String function(String x, org.mobilenetv3.graph.Function function) {
        // What a convolution has just written belongs to nobody else.
        return function == org.mobilenetv3.graph.Function.IDENTITY
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
        String mean = "torch.mean(torch.flatten(%s, 1, 2), [1])".formatted(get(in, Form.PIXELS));
        put(node.output(), Form.MATRIX, assign(mean));
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
        for (Form form : new Form[] {Form.MATRIX, Form.PIXELS, Form.IMAGE}) {
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
            case MATRIX -> "torch.flatten(%s, 1)".formatted(x);
            case PIXELS ->
                    from == Form.IMAGE
                            ? "torch.permute(%s, [0, 2, 3, 1])".formatted(x)
                            : "torch.unsqueeze(torch.unsqueeze(%s, 1), 1)".formatted(x);
            case IMAGE ->
                    from == Form.PIXELS
                            ? "torch.permute(%s, [0, 3, 1, 2])".formatted(x)
                            : "torch.unsqueeze(torch.unsqueeze(%s, 2), 3)".formatted(x);
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
