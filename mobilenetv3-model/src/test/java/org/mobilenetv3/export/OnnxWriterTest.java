package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Op.PerChannel.Kind;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;

class OnnxWriterTest {

    private static final Shape[] INPUTS = {
        new Shape(1, 3, 32, 32),
        new Shape(3, 3, 32, 32),
        new Shape(2, 3, 64, 48),
        new Shape(1, 3, 47, 65)
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_small",
                "mobilenet_v3_large",
                "article_small",
                "article_large",
                "mobilenet_v3_small_dilated",
                "mobilenet_v2",
                "mobilenetv3_rw",
                "tf_mobilenetv3_small_100",
                "paddle_small_x0_35"
            })
    void everyNetComputesInOnnxRuntimeWhatItComputesInDjl(String preset) throws OrtException {
        try (Model model =
                TestNets.model(
                        MobileNetV3.builder(preset).optWidth(0.35).optClasses(4).architecture())) {
            Graph traced = Graph.trace(model.getBlock(), INPUTS[0]);
            byte[] plain = OnnxWriter.write(traced, Map.of());
            byte[] folded = OnnxWriter.write(Passes.forInference(traced), Map.of());
            assertThat(folded).hasSizeLessThan(plain.length);
            for (Shape shape : INPUTS) { // batch and image size are free, whatever was traced
                float[] x = TestNets.pixels(shape.size(), shape.size());
                float[] expected = TestNets.logits(model, x, shape);
                float largest = 0;
                for (float logit : expected) {
                    largest = Math.max(largest, Math.abs(logit));
                }
                assertThat(expected).hasSize(4 * (int) shape.get(0));
                assertThat(run(plain, x, shape)).containsExactly(expected, within(1e-5f * largest));
                assertThat(run(folded, x, shape))
                        .containsExactly(expected, within(1e-5f * largest));
            }
        }
    }

    @Test
    void weightsAndNodesCarryPyTorchsNames() {
        try (Model model = TestNets.model(MobileNetV3.small().optWidth(0.35).architecture())) {
            Graph graph = Graph.trace(model.getBlock(), INPUTS[0]);
            OnnxModel onnx = OnnxLowering.lower(graph);
            assertThat(onnx.constants().keySet())
                    .containsAll(graph.weights().stream().map(Weight::name).toList());
            assertThat(onnx.nodes().stream().map(OnnxNode::name))
                    .contains("features.0.0", "features.1.block.1.fc1", "classifier.3")
                    .doesNotHaveDuplicates();
            assertThat(onnx.nodes().get(onnx.nodes().size() - 1).output()).isEqualTo("logits");
        }
    }

    @Test
    void squeezeAndExcitationOfAnyNetNeedsNoReshaping() throws OrtException {
        // pool -> linear (2 to 1) -> relu -> linear (1 to 2) -> unflatten -> multiply
        Steps steps = new Steps(new Shape(1, 2, 1, 2));
        Value pooled = steps.add(new Op.GlobalAveragePool(), new Shape(1, 2), steps.input);
        Op.Linear reduce =
                new Op.Linear(
                        weight("a.weight", new Shape(1, 2), 1, 2),
                        weight("a.bias", new Shape(1), 1),
                        Nonlinearity.RELU);
        Value reduced = steps.add(reduce, new Shape(1, 1), pooled);
        Op.Linear expand =
                new Op.Linear(
                        weight("b.weight", new Shape(2, 1), 3, -4), null, Nonlinearity.IDENTITY);
        Value expanded = steps.add(expand, new Shape(1, 2), reduced);
        Value gate = steps.add(new Op.Unflatten(), new Shape(1, 2, 1, 1), expanded);
        steps.add(new Op.Multiply(), new Shape(1, 2, 1, 2), steps.input, gate);

        assertThat(OnnxLowering.lower(steps.graph()).nodes().stream().map(OnnxNode::type))
                .containsExactly("GlobalAveragePool", "Conv", "Relu", "Conv", "Mul");
        // means 2 and 6; relu(1 * 2 + 2 * 6 + 1) = 15; gates 45 and -60
        assertThat(run(steps.bytes(), new float[] {1, 3, 5, 7}, new Shape(1, 2, 1, 2)))
                .containsExactly(45, 135, -300, -420);
    }

    @Test
    void aVectorThatBecomesAnImageAgainIsReshaped() throws OrtException {
        Steps steps = new Steps(new Shape(1, 1, 2, 2));
        Value flat = steps.add(new Op.Flatten(), new Shape(1, 4), steps.input);
        Op.Linear sum =
                new Op.Linear(
                        weight("a.weight", new Shape(1, 4), 1, 1, 1, 1),
                        null,
                        Nonlinearity.IDENTITY);
        Value linear = steps.add(sum, new Shape(1, 1), flat);
        Value image = steps.add(new Op.Unflatten(), new Shape(1, 1, 1, 1), linear);
        steps.add(new Op.Multiply(), new Shape(1, 1, 2, 2), steps.input, image);
        assertThat(run(steps.bytes(), new float[] {1, 2, 3, 4}, new Shape(1, 1, 2, 2)))
                .containsExactly(10, 20, 30, 40);
    }

    @Test
    void everyFunctionIsItsFormula() throws OrtException {
        assertComputes(Nonlinearity.IDENTITY, x -> x);
        assertComputes(Nonlinearity.RELU, x -> Math.max(x, 0));
        assertComputes(Nonlinearity.RELU6, x -> Math.min(Math.max(x, 0), 6));
        assertComputes(Nonlinearity.SIGMOID, x -> 1 / (1 + Math.exp(-x)));
        assertComputes(Nonlinearity.TANH, Math::tanh);
        assertComputes(Nonlinearity.SILU, x -> x / (1 + Math.exp(-x)));
        assertComputes(
                Nonlinearity.PADDLE_HARD_SIGMOID, x -> Math.min(Math.max(0.2 * x + 0.5, 0), 1));
        assertComputes(Nonlinearity.HARD_SIGMOID, x -> Math.min(Math.max(x + 3, 0), 6) / 6);
        assertComputes(Nonlinearity.HARD_SWISH, x -> x * Math.min(Math.max(x + 3, 0), 6) / 6);
    }

    private static void assertComputes(Nonlinearity function, DoubleUnaryOperator formula)
            throws OrtException {
        float[] x = {-9, -3, -1.5f, 0, 0.5f, 3, 8};
        Shape shape = new Shape(1, 1, 1, x.length);
        Steps steps = new Steps(shape);
        steps.add(new Op.Activation(function), shape, steps.input);
        float[] y = run(steps.bytes(), x, shape);
        for (int i = 0; i < x.length; i++) {
            assertThat((double) y[i])
                    .as(function + " of " + x[i])
                    .isCloseTo(formula.applyAsDouble(x[i]), within(1e-6));
        }
    }

    @Test
    void poolsTakeTheLargestOrTheMeanOfEachWindow() throws OrtException {
        float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(pooled(x, new Op.Pool(true, two(), one(), zero(), false, false), 2))
                .containsExactly(5, 6, 8, 9);
        assertThat(pooled(x, new Op.Pool(false, two(), two(), one(), false, true), 2))
                .containsExactly(0.25f, 1.25f, 2.75f, 7);
        assertThat(pooled(x, new Op.Pool(false, two(), two(), one(), false, false), 2))
                .containsExactly(1, 2.5f, 5.5f, 7);
        assertThat(pooled(x, new Op.Pool(true, two(), two(), zero(), true, false), 2))
                .containsExactly(5, 6, 8, 9);
    }

    private static float[] pooled(float[] x, Op.Pool pool, int side) throws OrtException {
        Steps steps = new Steps(new Shape(1, 1, 3, 3));
        steps.add(pool, new Shape(1, 1, side, side), steps.input);
        return run(steps.bytes(), x, new Shape(1, 1, 3, 3));
    }

    @Test
    void constantsPerChannelAreAddedSubtractedMultipliedAndDivided() throws OrtException {
        Shape shape = new Shape(1, 2, 1, 1);
        Steps steps = new Steps(shape);
        Value x = steps.input;
        for (Kind kind : List.of(Kind.ADD, Kind.MULTIPLY, Kind.SUBTRACT, Kind.DIVIDE)) {
            x = steps.add(new Op.PerChannel(kind, List.of(2f, 4f)), shape, x);
        }
        steps.add(new Op.Add(), shape, x, steps.input);
        assertThat(run(steps.bytes(), new float[] {1, 2}, shape))
                .containsExactly(((1 + 2) * 2 - 2) / 2 + 1, ((2 + 4) * 4 - 4) / 4 + 2);
    }

    /** A graph made by hand. */
    private static final class Steps {
        private final List<Node> nodes = new ArrayList<>();
        private final Value input;

        Steps(Shape input) {
            this.input = new Value(0, input);
        }

        Value add(Op op, Shape shape, Value... inputs) {
            Value output = new Value(nodes.size() + 1, shape);
            nodes.add(new Node("step" + nodes.size(), op, List.of(inputs), output));
            return output;
        }

        Graph graph() {
            return new Graph(input, nodes.get(nodes.size() - 1).output(), nodes);
        }

        byte[] bytes() {
            return OnnxWriter.write(graph(), Map.of());
        }
    }

    private static Weight weight(String name, Shape shape, float... values) {
        return new Weight(name, shape, true, () -> values);
    }

    private static Op.Pair zero() {
        return Op.Pair.of(0);
    }

    private static Op.Pair one() {
        return Op.Pair.of(1);
    }

    private static Op.Pair two() {
        return Op.Pair.of(2);
    }

    private static float[] run(byte[] model, float[] x, Shape shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(model, options);
                    OnnxTensor input =
                            OnnxTensor.createTensor(
                                    environment, FloatBuffer.wrap(x), shape.getShape());
                    OrtSession.Result result = session.run(Map.of("input", input))) {
                return ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer().array();
            }
        }
    }
}
