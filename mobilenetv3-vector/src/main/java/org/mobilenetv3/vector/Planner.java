package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;

/** Turns a graph into steps for one shape of input. */
final class Planner {

    /** Pixels of an image of which its own expansion fills the registers well. */
    private static final int FEW = 28;

    private final Graph graph;
    private final Kernels kernels;

    /** By node; null where one has none. */
    private final Packed[] weights;

    private final int threads;
    private final Map<Value, Tensor> tensors = new HashMap<>();

    /** 1×1 convolutions that wait for the depthwise one that reads them. */
    private final Map<Value, Integer> waiting = new HashMap<>();

    private final List<Step> steps = new ArrayList<>();
    private Tensor planes;

    private Planner(Graph graph, Kernels kernels, Packed[] weights, int threads) {
        this.graph = graph;
        this.kernels = kernels;
        this.weights = weights;
        this.threads = threads;
    }

    static Plan plan(Graph graph, Kernels kernels, Packed[] weights, int threads, Shape shape) {
        if (shape.dimension() != 4 || shape.get(1) != graph.input().channels()) {
            throw new IllegalArgumentException(
                    "The net takes images (N, %s, H, W), not %s."
                            .formatted(graph.input().channels(), shape));
        }
        try {
            return new Planner(graph, kernels, weights, threads).plan(shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "Images %s have more pixels than one array of floats holds.".formatted(shape),
                    e);
        }
    }

    private Plan plan(Shape shape) {
        // One plane after the other: what the caller gives.
        planes =
                Tensor.image(
                        Math.toIntExact(shape.get(0)),
                        Math.toIntExact(shape.get(2)),
                        Math.toIntExact(shape.get(3)),
                        Math.toIntExact(shape.get(1)),
                        1);
        tensors.put(graph.input(), planes);
        Tensor input = planes;
        for (int i = 0; i < graph.nodes().size(); i++) {
            if (!tensors.containsKey(graph.nodes().get(i).output())) {
                add(i);
            }
        }
        Tensor output = tensor(graph.output());
        Plan plan = new Plan(steps, input, output, kernels.lanes(), threads);
        long heap = Runtime.getRuntime().maxMemory();
        if (plan.bytes() > heap) {
            throw new IllegalArgumentException(
                    "Images %s need %s MB, but Java's heap holds %s MB; see java -Xmx."
                            .formatted(shape, plan.bytes() >> 20, heap >> 20));
        }
        return plan;
    }

    /** Refuses images of a size for which a layer has no result. */
    private void require(boolean fits, Node node) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "The net does not take images of %s x %s pixels: they do not fit %s (%s)."
                            .formatted(planes.height, planes.width, node.name(), node.op().type()));
        }
    }

    /** The value, its channels last; only convolutions and constants read planes. */
    private Tensor tensor(Value value) {
        Tensor tensor = tensors.get(value);
        if (tensor == null) {
            throw new IllegalStateException("Nothing made " + value);
        }
        if (tensor == planes) {
            tensor = image(planes.height, planes.width, planes, planes.channels);
            steps.add(new ElementStep.ChannelsLast(planes, tensor));
            tensors.put(value, tensor);
        }
        return tensor;
    }

    /** The nodes that read a value, and the caller as null. */
    private List<Node> readers(Value value) {
        List<Node> readers = new ArrayList<>();
        for (Node node : graph.nodes()) {
            for (Value input : node.inputs()) {
                if (input.equals(value)) {
                    readers.add(node);
                }
            }
        }
        if (graph.output().equals(value)) {
            readers.add(null);
        }
        return readers;
    }

    /** The only node that reads a value, or null. */
    private Node reader(Value value) {
        List<Node> readers = readers(value);
        return readers.size() == 1 ? readers.get(0) : null;
    }

    private Tensor image(int height, int width, Tensor like, int channels) {
        return Tensor.image(like.count, height, width, channels, kernels.lanes());
    }

    private Tensor like(Tensor in) {
        return switch (in.kind) {
            case IMAGE -> image(in.height, in.width, in, in.channels);
            case VECTOR -> Tensor.vector(in.count, in.channels, kernels.lanes());
            case ROWS -> Tensor.rows(in.count, in.height, in.channels);
        };
    }

    private void put(Node node, Step step) {
        steps.add(step);
        tensors.put(node.output(), step.output());
    }

    private void add(int index) {
        Node node = graph.nodes().get(index);
        Op op = node.op();
        if (op instanceof Op.Convolution convolution) {
            convolution(index, node, convolution);
        } else if (op instanceof Op.Linear linear) {
            pointwise(index, node, linear.function());
        } else if (op instanceof Op.PerChannel constant) {
            perChannel(node, constant);
        } else if (op instanceof Op.BatchNorm) {
            Tensor in = tensor(node.input());
            Kernels.Window pixel = new Kernels.Window(1, 1, 1, 1, 1, 1);
            Nonlinearity none = Nonlinearity.IDENTITY;
            Packed norm = weights[index];
            put(
                    node,
                    new DepthwiseStep(
                            kernels, null, none, pixel, norm, none, 0, 0, in, like(in), threads));
        } else if (op instanceof Op.Multiply) {
            multiply(node);
        } else if (op instanceof Op.Unflatten) {
            tensors.put(node.output(), tensor(node.input()).as(Tensor.Kind.IMAGE));
        } else if (op instanceof Op.Flatten) {
            flatten(node);
        } else {
            put(node, element(node, tensor(node.input())));
        }
    }

    private Step element(Node node, Tensor in) {
        Op op = node.op();
        if (op instanceof Op.Activation a) {
            return new ElementStep.Activate(kernels, a.function(), in, like(in));
        }
        if (op instanceof Op.Dropout) {
            return new ElementStep.Activate(kernels, Nonlinearity.IDENTITY, in, like(in));
        }
        if (op instanceof Op.Add) {
            Tensor other = tensor(node.inputs().get(1));
            require(in.hasShapeOf(other), node);
            return new ElementStep.Add(in, other, like(in));
        }
        if (op instanceof Op.GlobalAveragePool) {
            Tensor vector = Tensor.vector(in.count, in.channels, kernels.lanes());
            return new ElementStep.Mean(kernels, in, vector);
        }
        if (op instanceof Op.Pool pool) {
            Op.Pair kernel = pool.kernel();
            require(in.height + 2 * pool.padding().rows() >= kernel.rows(), node);
            require(in.width + 2 * pool.padding().columns() >= kernel.columns(), node);
            int rows = pooled(in.height, pool, true);
            int columns = pooled(in.width, pool, false);
            return new ElementStep.Pool(pool, in, image(rows, columns, in, in.channels));
        }
        if (op instanceof Op.Resize) {
            Tensor size = tensor(node.inputs().get(1));
            Tensor out = image(size.height, size.width, in, in.channels);
            return new ElementStep.Resize(in, size, out);
        }
        if (op instanceof Op.Rows rows) {
            int anchors = in.channels / rows.columns();
            Tensor out = Tensor.rows(in.count, in.pixels() * anchors, rows.columns());
            return new ElementStep.Rows(in, out);
        }
        if (op instanceof Op.Concatenate concatenate) {
            return concatenate(node, concatenate);
        }
        if (op instanceof Op.Softmax) {
            return new ElementStep.Softmax(in, like(in));
        }
        if (op instanceof Op.DecodeBoxes decode) {
            float[] anchors = decode.anchors().values().get();
            require(anchors.length == in.pixels() * in.channels, node);
            return new ElementStep.DecodeBoxes(anchors, in, like(in));
        }
        throw new IllegalArgumentException(
                "The vector engine has no kernel for %s (%s).".formatted(node.name(), op.type()));
    }

    private Step concatenate(Node node, Op.Concatenate op) {
        Tensor[] parts = node.inputs().stream().map(this::tensor).toArray(Tensor[]::new);
        boolean below = op.axis() == 1;
        for (Tensor part : parts) {
            boolean same = below || part.height == parts[0].height;
            require(same && (!below || part.channels == parts[0].channels), node);
        }
        int rows = IntStream.range(0, parts.length).map(i -> parts[i].height).sum();
        int columns = IntStream.range(0, parts.length).map(i -> parts[i].channels).sum();
        Tensor out =
                Tensor.rows(
                        parts[0].count,
                        below ? rows : parts[0].height,
                        below ? parts[0].channels : columns);
        return new ElementStep.Concatenate(op.axis(), out, parts);
    }

    /** As PyTorch: a last window that begins in the padding behind the image is left out. */
    private static int pooled(int size, Op.Pool pool, boolean rows) {
        int kernel = rows ? pool.kernel().rows() : pool.kernel().columns();
        int stride = rows ? pool.stride().rows() : pool.stride().columns();
        int padding = rows ? pool.padding().rows() : pool.padding().columns();
        int room = size + 2 * padding - kernel + (pool.ceil() ? stride - 1 : 0);
        int windows = room / stride + 1;
        return pool.ceil() && (windows - 1) * stride >= size + padding ? windows - 1 : windows;
    }

    private void perChannel(Node node, Op.PerChannel constant) {
        boolean first = tensors.get(node.input()) == planes;
        if (first && node.equals(reader(node.input()))) {
            steps.add(new ElementStep.Normalize(constant, planes));
            tensors.put(node.output(), planes);
        } else {
            Tensor in = tensor(node.input());
            put(node, new ElementStep.PerChannel(constant, in, like(in)));
        }
    }

    private void multiply(Node node) {
        Tensor first = tensor(node.inputs().get(0));
        Tensor second = tensor(node.inputs().get(1));
        boolean swap = first.pixels() < second.pixels() || first.channels < second.channels;
        Tensor in = swap ? second : first;
        Tensor gate = swap ? first : second;
        if (gate.pixels() == 1 && gate.channels == in.channels) {
            boolean last = isLastReader(node, node.inputs().get(swap ? 1 : 0));
            put(node, new ElementStep.Scale(kernels, in, gate, last ? in : like(in)));
        } else {
            require(
                    gate.hasSizeOf(in) && (gate.channels == 1 || gate.channels == in.channels),
                    node);
            put(node, new ElementStep.Multiply(in, gate, like(in)));
        }
    }

    /** Whether nothing reads a value, or its numbers under another name, behind a node. */
    private boolean isLastReader(Node node, Value value) {
        Tensor.Place place = tensors.get(value).place();
        return tensors.values().stream().filter(t -> t.place() == place).count() == 1
                && readers(value).stream()
                        .allMatch(
                                reader ->
                                        reader != null
                                                && (reader.equals(node)
                                                        || tensors.containsKey(reader.output())));
    }

    private void flatten(Node node) {
        Tensor in = tensor(node.input());
        if (in.pixels() == 1) {
            tensors.put(node.output(), in.as(Tensor.Kind.VECTOR));
        } else {
            Tensor out = Tensor.vector(in.count, in.channels * in.pixels(), kernels.lanes());
            put(node, new ElementStep.Flatten(in, out));
        }
    }

    private void convolution(int index, Node node, Op.Convolution op) {
        boolean plain = op.isPointwise() && op.stride().equals(Op.Pair.of(1));
        boolean fromPlanes = tensors.get(node.input()) == planes;
        if (plain && !fromPlanes) {
            Node next = reader(node.output());
            Tensor pixels = tensor(node.input());
            // Of several small images, all pixels together fill the registers better.
            boolean large = pixels.count == 1 || pixels.pixels() >= FEW;
            if (large
                    && next != null
                    && next.op() instanceof Op.Convolution reading
                    && reading.isDepthwise()) {
                waiting.put(node.output(), index);
                // Its place is nowhere; whoever reads it makes it.
                tensors.put(node.output(), pixels);
            } else {
                pointwise(index, node, op.function());
            }
            return;
        }
        Integer expansion = waiting.get(node.input());
        boolean planar = fromPlanes && !op.isDepthwise();
        Tensor in =
                planar
                        ? planes
                        : tensor(
                                expansion == null
                                        ? node.input()
                                        : graph.nodes().get(expansion).input());
        Kernels.Window window =
                new Kernels.Window(
                        op.kernel().rows(),
                        op.kernel().columns(),
                        op.stride().rows(),
                        op.stride().columns(),
                        op.dilation().rows(),
                        op.dilation().columns());
        Op.Padding padding = op.padding();
        int below = zeros(padding, in.height, op.reach().rows(), window.strideRows(), true);
        int right = zeros(padding, in.width, op.reach().columns(), window.strideColumns(), false);
        require(in.height + below >= op.reach().rows(), node);
        require(in.width + right >= op.reach().columns(), node);
        int height = (in.height + below - op.reach().rows()) / window.strideRows() + 1;
        int width = (in.width + right - op.reach().columns()) / window.strideColumns() + 1;
        Tensor out = image(height, width, in, Math.toIntExact(op.weight().shape().get(0)));
        int top = below / 2;
        int left = right / 2;
        if (op.isDepthwise()) {
            Op.Layer before =
                    expansion == null ? null : (Op.Layer) graph.nodes().get(expansion).op();
            Taps down =
                    Taps.of(
                            window.rows(),
                            window.strideRows(),
                            window.dilationRows(),
                            top,
                            in.height,
                            height);
            Taps across =
                    Taps.of(
                            window.columns(),
                            window.strideColumns(),
                            window.dilationColumns(),
                            left,
                            in.width,
                            width);
            put(
                    node,
                    new DepthwiseStep(
                            kernels,
                            before == null ? null : weights[expansion],
                            before == null ? Nonlinearity.IDENTITY : before.function(),
                            new Kernels.Window(
                                    down.count(),
                                    across.count(),
                                    window.strideRows(),
                                    window.strideColumns(),
                                    window.dilationRows(),
                                    window.dilationColumns()),
                            weights[index].crop(
                                    window.columns(),
                                    down.first,
                                    down.last,
                                    across.first,
                                    across.last),
                            op.function(),
                            top - down.first,
                            left - across.first,
                            in,
                            out,
                            threads));
        } else {
            put(
                    node,
                    new ConvolutionStep(
                            kernels,
                            window,
                            weights[index],
                            op.function(),
                            top,
                            left,
                            in,
                            planar,
                            out));
        }
    }

    /** The taps of a filter that meet the image, along one axis; the others only meet zeros. */
    private record Taps(int first, int last) {
        int count() {
            return last - first + 1;
        }

        static Taps of(int taps, int stride, int dilation, int before, int size, int windows) {
            if (dilation > 1) {
                return new Taps(0, taps - 1);
            }
            int first = Math.max(before - (windows - 1) * stride, 0);
            return new Taps(first, Math.min(before + size - 1, taps - 1));
        }
    }

    /** Zeros on both sides together. */
    private static int zeros(Op.Padding padding, int size, int reach, int stride, boolean rows) {
        if (padding.same()) {
            return Op.Padding.same(size, reach, stride);
        }
        return 2 * (rows ? padding.rows() : padding.columns());
    }

    private void pointwise(int index, Node node, Nonlinearity function) {
        Tensor in = tensor(node.input());
        require(in.channels == weights[index].inputs(), node);
        int outputs = Math.toIntExact(((Op.Layer) node.op()).weight().shape().get(0));
        Tensor out =
                in.kind == Tensor.Kind.VECTOR
                        ? Tensor.vector(in.count, outputs, kernels.lanes())
                        : image(in.height, in.width, in, outputs);
        Node next = reader(node.output());
        Tensor residual = null;
        if (next != null && next.op() instanceof Op.Add && function == Nonlinearity.IDENTITY) {
            boolean first = next.inputs().get(0).equals(node.output());
            Value other = next.inputs().get(first ? 1 : 0);
            residual = tensors.containsKey(other) ? tensor(other) : null;
            require(residual == null || residual.hasShapeOf(out), next);
        }
        Step step =
                new PointwiseStep(kernels, weights[index], function, in, out, residual, threads);
        put(residual == null ? node : next, step);
    }
}
