package org.mobilenetv3.vector;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.TorchScriptWriter;

/** A graph put together by hand, with random weights. */
final class TestGraph {

    private final Random random = new Random(11);
    private final List<Node> nodes = new ArrayList<>();
    private final Value input;

    TestGraph(long... shape) {
        input = new Value(0, new Shape(shape));
    }

    /** Every kind of step once; takes images of any size. */
    static Graph small() {
        TestGraph g = new TestGraph(2, 3, 20, 17);
        Value x = g.constant(g.input(), Op.PerChannel.Kind.SUBTRACT);
        x = g.convolution(x, Layer.of(16, 3, 2).with(Nonlinearity.HARD_SWISH));
        Value wide = g.convolution(x, Layer.of(40, 1, 1).with(Nonlinearity.RELU));
        Value filtered = g.depthwise(wide, 5, 1);
        Value gate = g.linear(g.mean(filtered), 40, Nonlinearity.HARD_SIGMOID);
        x = g.sum(g.pointwise(g.product(filtered, g.unflatten(gate)), 16), x);
        return g.to(g.linear(g.mean(g.convolution(x, Layer.of(70, 3, 2))), 9, Nonlinearity.TANH));
    }

    Value input() {
        return input;
    }

    Graph to(Value output) {
        return new Graph(input, output, nodes);
    }

    Value add(Op op, Shape shape, Value... inputs) {
        Value output = new Value(nodes.size() + 1, shape);
        nodes.add(new Node("n" + output.id(), op, List.of(inputs), output));
        return output;
    }

    Weight weight(String name, double scale, double shift, long... shape) {
        float[] values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (shift + scale * random.nextGaussian());
        }
        return new Weight(
                "n" + (nodes.size() + 1) + "." + name, new Shape(shape), true, () -> values);
    }

    /** What a convolution is like; 1×1 with bias unless changed. */
    record Layer(
            int outputs,
            Op.Pair kernel,
            Op.Pair stride,
            Op.Padding padding,
            Op.Pair dilation,
            int groups,
            boolean bias,
            Nonlinearity function) {

        static Layer of(int outputs, int kernel, int stride) {
            return new Layer(
                    outputs,
                    Op.Pair.of(kernel),
                    Op.Pair.of(stride),
                    new Op.Padding(kernel / 2, kernel / 2, false),
                    Op.Pair.of(1),
                    1,
                    true,
                    Nonlinearity.IDENTITY);
        }

        Layer in(int newGroups) {
            return new Layer(outputs, kernel, stride, padding, dilation, newGroups, bias, function);
        }

        Layer padded(Op.Padding newPadding) {
            return new Layer(outputs, kernel, stride, newPadding, dilation, groups, bias, function);
        }

        Layer dilated(int newDilation) {
            int padding = newDilation * (kernel.rows() / 2);
            return new Layer(
                    outputs,
                    kernel,
                    stride,
                    new Op.Padding(padding, padding, false),
                    Op.Pair.of(newDilation),
                    groups,
                    bias,
                    function);
        }

        Layer with(Nonlinearity newFunction) {
            return new Layer(outputs, kernel, stride, padding, dilation, groups, bias, newFunction);
        }

        Layer unbiased() {
            return new Layer(outputs, kernel, stride, padding, dilation, groups, false, function);
        }

        Layer with(Op.Pair newKernel, Op.Pair newStride) {
            Op.Padding around =
                    new Op.Padding(newKernel.rows() / 2, newKernel.columns() / 2, false);
            return new Layer(
                    outputs, newKernel, newStride, around, dilation, groups, bias, function);
        }
    }

    Value convolution(Value in, Layer layer) {
        long inputs = in.channels() / layer.groups;
        long rows = layer.kernel.rows();
        long columns = layer.kernel.columns();
        double scale = 1 / Math.sqrt((double) inputs * rows * columns);
        Op.Convolution op =
                new Op.Convolution(
                        weight("weight", scale, 0, layer.outputs, inputs, rows, columns),
                        layer.bias ? weight("bias", 0.3, 0, layer.outputs) : null,
                        layer.stride,
                        layer.padding,
                        layer.dilation,
                        layer.groups,
                        layer.function);
        long height = size(in.height(), op.reach().rows(), layer.stride.rows(), op, true);
        long width = size(in.width(), op.reach().columns(), layer.stride.columns(), op, false);
        return add(op, new Shape(in.shape().get(0), layer.outputs, height, width), in);
    }

    private static long size(long size, int reach, int stride, Op.Convolution op, boolean rows) {
        if (op.padding().same()) {
            return (size + stride - 1) / stride;
        }
        long zeros = 2L * (rows ? op.padding().rows() : op.padding().columns());
        return (size + zeros - reach) / stride + 1;
    }

    /** Each channel alone. */
    Value depthwise(Value in, int kernel, int stride) {
        int channels = Math.toIntExact(in.channels());
        return convolution(in, Layer.of(channels, kernel, stride).in(channels));
    }

    Value pointwise(Value in, int outputs) {
        return convolution(in, Layer.of(outputs, 1, 1));
    }

    Value linear(Value in, int outputs, Nonlinearity function) {
        double scale = 1 / Math.sqrt((double) in.channels());
        Op op =
                new Op.Linear(
                        weight("weight", scale, 0, outputs, in.channels()),
                        weight("bias", 0.3, 0, outputs),
                        function);
        return add(op, new Shape(in.shape().get(0), outputs), in);
    }

    Value norm(Value in) {
        long channels = in.channels();
        Op op =
                new Op.BatchNorm(
                        weight("weight", 0.2, 1, channels),
                        weight("bias", 0.2, 0, channels),
                        weight("running_mean", 0.3, 0, channels),
                        weight("running_var", 0.1, 1, channels),
                        1e-3f,
                        0.1f);
        return add(op, in.shape(), in);
    }

    Value constant(Value in, Op.PerChannel.Kind kind) {
        List<Float> values = new ArrayList<>();
        for (int c = 0; c < in.channels(); c++) {
            values.add(0.5f + random.nextFloat());
        }
        return add(new Op.PerChannel(kind, values), in.shape(), in);
    }

    Value function(Value in, Nonlinearity function) {
        return add(new Op.Activation(function), in.shape(), in);
    }

    Value sum(Value one, Value other) {
        return add(new Op.Add(), one.shape(), one, other);
    }

    Value product(Value one, Value other) {
        return add(new Op.Multiply(), one.shape(), one, other);
    }

    Value mean(Value in) {
        return add(new Op.GlobalAveragePool(), in.shape().slice(0, 2), in);
    }

    Value unflatten(Value in) {
        return add(new Op.Unflatten(), in.shape().addAll(new Shape(1, 1)), in);
    }

    Value flatten(Value in) {
        long values = in.shape().slice(1).size();
        return add(new Op.Flatten(), new Shape(in.shape().get(0), values), in);
    }

    Value resize(Value in, Value like) {
        return add(new Op.Resize(), in.shape().slice(0, 2).addAll(like.shape().slice(2)), in, like);
    }

    Value rows(Value in, int columns) {
        long rows = in.shape().slice(1).size() / columns;
        return add(new Op.Rows(columns), new Shape(in.shape().get(0), rows, columns), in);
    }

    Value concatenate(int axis, Value... parts) {
        Shape first = parts[0].shape();
        long sum = 0;
        for (Value part : parts) {
            sum += part.shape().get(axis);
        }
        Shape shape =
                axis == 1
                        ? new Shape(first.get(0), sum, first.get(2))
                        : new Shape(first.get(0), first.get(1), sum);
        return add(new Op.Concatenate(axis), shape, parts);
    }

    /** What libtorch computes with the graph, written as TorchScript. */
    static float[] libtorch(Graph graph, float[] x, Path directory) throws IOException {
        TorchRuntime.start();
        try (OutputStream out = Files.newOutputStream(directory.resolve("net.pt"))) {
            TorchScriptWriter.write(graph, false, Map.of(), out);
        }
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.load(directory, "net.pt");
            try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
                    NDArray input = model.getNDManager().create(x, graph.input().shape())) {
                return predictor.predict(new NDList(input)).singletonOrThrow().toFloatArray();
            } catch (ai.djl.translate.TranslateException e) {
                throw new IllegalStateException(e);
            }
        } catch (ai.djl.MalformedModelException e) {
            throw new IllegalStateException(e);
        }
    }
}
