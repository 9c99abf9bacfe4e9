package org.mobilenetv3.export.int8;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.OnnxLowering;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.graph.Value;

class OnnxQuantizerTest {

    private static final Shape IMAGES = new Shape(8, 3, 48, 48);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_small",
                "mobilenet_v3_large",
                "article_small",
                "article_large",
                "mobilenet_v3_small_dilated",
                "mobilenet_v2",
                "tf_mobilenetv3_small_100",
                "paddle_small_x0_35"
            })
    void aStretchWithThreeSumsAnswersAlmostAsInFloat(String preset)
            throws OrtException, IOException {
        // Untrained, the whole net would double every error in every block.
        OnnxModel floats = lowered(preset, OnnxQuantizerTest::stretch);
        float[] seen = TestNets.patterns(8, 1);
        OnnxModel bytes = OnnxQuantizer.quantize(floats, ranges(floats, seen));
        float[] other = TestNets.patterns(8, 2);
        float[] expected = run(floats, other);
        float[] answer = run(bytes, other);
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * expected[i];
            noise += (answer[i] - expected[i]) * (answer[i] - expected[i]);
        }
        assertThat(Math.sqrt(noise / signal)).isBetween(1e-5, 0.25);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_small",
                "article_large",
                "mobilenet_v2",
                "tf_mobilenetv3_small_100",
                "paddle_small_x0_35"
            })
    void everyLayerReadsAndMakesBytes(String preset) throws IOException {
        OnnxModel floats = lowered(preset);
        OnnxModel model = OnnxQuantizer.quantize(floats, ranges(floats, TestNets.patterns(8, 1)));
        Map<String, OnnxNode> makers = new HashMap<>();
        model.nodes().forEach(node -> makers.put(node.output(), node));
        Set<String> rounded =
                model.nodes().stream()
                        .filter(node -> node.type().equals("QuantizeLinear"))
                        .map(node -> node.inputs().get(0))
                        .collect(Collectors.toSet());
        List<OnnxNode> layers =
                model.nodes().stream()
                        .filter(node -> Set.of("Conv", "Gemm", "Add").contains(node.type()))
                        .toList();
        assertThat(layers).hasSizeGreaterThan(20);
        for (OnnxNode layer : layers) {
            assertThat(layer.inputs())
                    .as(layer.name())
                    .allSatisfy(
                            input ->
                                    assertThat(makers.get(input).type())
                                            .isEqualTo("DequantizeLinear"));
            boolean rectified = layer.output().equals("logits"); // or a rectifier's is rounded
            for (OnnxNode reader : model.nodes()) {
                rectified |=
                        reader.inputs().contains(layer.output())
                                && rounded.contains(reader.output());
            }
            assertThat(rectified || rounded.contains(layer.output())).as(layer.name()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobilenet_v3_small"})
    void weightsKeepTheirNamesAndAreWithinHalfAStep(String preset) throws IOException {
        OnnxModel floats = lowered(preset);
        OnnxModel model = OnnxQuantizer.quantize(floats, ranges(floats, TestNets.patterns(8, 1)));
        Map<String, org.mobilenetv3.format.onnx.OnnxTensor> before = floats.constants();
        Map<String, org.mobilenetv3.format.onnx.OnnxTensor> after = model.constants();
        float[] expected = before.get("features.0.0.weight").floats();
        float[] weights = after.get("features.0.0.weight").floats();
        float[] scales = after.get("features.0.0.weight/scale").floats();
        assertThat(weights).hasSameSizeAs(expected);
        int filter = weights.length / scales.length;
        for (int c = 0; c < scales.length; c++) {
            float largest = 0;
            for (int i = c * filter; i < (c + 1) * filter; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                assertThat(Math.abs(weights[i] * scales[c] - expected[i]))
                        .isLessThanOrEqualTo(scales[c] * 0.5001f);
            }
            assertThat(scales[c]).isEqualTo((float) ((double) largest / 127));
        }
    }

    /** The net up to its third sum. */
    private static Graph stretch(Graph whole) {
        List<Node> nodes = new ArrayList<>();
        int sums = 0;
        for (Node node : whole.nodes()) {
            nodes.add(node);
            sums += node.op() instanceof Op.Add ? 1 : 0;
            if (sums == 3) {
                break;
            }
        }
        Value last = nodes.get(nodes.size() - 1).output();
        Shape map = last.shape();
        Value flat = new Value(-1, new Shape(map.get(0), map.size() / map.get(0)));
        nodes.add(new Node("flat", new Op.Flatten(), List.of(last), flat));
        return new Graph(whole.input(), flat, nodes);
    }

    private static OnnxModel lowered(String preset) {
        return lowered(preset, whole -> whole);
    }

    private static OnnxModel lowered(String preset, UnaryOperator<Graph> edit) {
        try (Model model =
                TestNets.settled(
                        MobileNetV3.builder(preset).optWidth(0.35).optClasses(4).architecture())) {
            Graph traced = Graph.trace(model.getBlock(), new Shape(1, 3, 48, 48));
            return OnnxLowering.lower(edit.apply(Passes.forInference(traced)));
        }
    }

    private static Map<String, QuantizedRange> ranges(OnnxModel model, float... images)
            throws IOException {
        try (Calibration calibration = new Calibration(model, 1)) {
            FloatBuffer input =
                    ByteBuffer.allocateDirect(images.length * Float.BYTES)
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer()
                            .put(images)
                            .flip();
            calibration.see(new ImageBatches.Batch(List.of(), input, IMAGES.getShape()));
            return calibration.ranges();
        }
    }

    private static float[] run(OnnxModel model, float... images) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        byte[] file = model.write(List.of());
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            // Without it, sums saturate at 16 bits on x86 processors that have no VNNI.
            options.addConfigEntry("session.x64quantprecision", "1");
            try (OrtSession session = environment.createSession(file, options);
                    OnnxTensor input =
                            OnnxTensor.createTensor(
                                    environment, FloatBuffer.wrap(images), IMAGES.getShape());
                    OrtSession.Result result = session.run(Map.of(OnnxModel.INPUT, input))) {
                FloatBuffer logits = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] copy = new float[logits.remaining()];
                logits.get(copy);
                return copy;
            }
        }
    }
}
