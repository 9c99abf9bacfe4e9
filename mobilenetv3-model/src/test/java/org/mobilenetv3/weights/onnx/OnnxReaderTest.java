package org.mobilenetv3.weights.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.Reader;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.OnnxWriter;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.weights.NetWeights;

class OnnxReaderTest {

    private static final double TOLERANCE = 1e-4;
    private static final Shape IMAGES = new Shape(2, 3, 64, 48);
    private static final Normalization NORMALIZATION =
            new Normalization(new float[] {.4f, .5f, .6f}, new float[] {.2f, .3f, .4f});

    @TempDir Path directory;

    /** What src/test/python/onnx_in.py wrote. */
    private record Golden(long[] shape, Map<String, double[]> logits) {
        float[] image() {
            float[] x = new float[(int) new Shape(shape).size()];
            for (int i = 0; i < x.length; i++) {
                x[i] = i * 37L % 101 / 50f - 1;
            }
            return x;
        }
    }

    @TestFactory
    Stream<DynamicTest> theNetOfAFileComputesPyTorchsLogits() throws Exception {
        List<Path> directories = new ArrayList<>();
        directories.add(golden());
        String more = System.getProperty("onnx.dir");
        if (more != null && !more.isBlank()) {
            directories.add(Path.of(more));
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Path from : directories) {
            Golden golden;
            try (Reader reader = Files.newBufferedReader(from.resolve("logits.json"))) {
                golden = new Gson().fromJson(reader, Golden.class);
            }
            golden.logits.forEach(
                    (name, logits) ->
                            tests.add(
                                    DynamicTest.dynamicTest(
                                            name, () -> check(from, name, golden, logits))));
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(3);
        return tests.stream();
    }

    private static Path golden() throws Exception {
        return Path.of(OnnxReaderTest.class.getResource("/golden/onnx").toURI());
    }

    private static void check(Path from, String name, Golden golden, double[] logits)
            throws IOException {
        NetWeights read = OnnxReader.read(from.resolve(name + ".onnx"));
        try (Model model = ImportedNet.of(read)) {
            float[] actual = ImportedNet.logits(model, golden.image(), new Shape(golden.shape));
            double difference = ImportedNet.difference(actual, logits);
            assertThat(difference)
                    .as("difference of %s", read.architecture())
                    .isLessThan(TOLERANCE);
            assertThat(read.architecture().name())
                    .startsWith(name.startsWith("timm") ? "mobilenetv3_" : "mobilenet_v3_");
        }
    }

    @Test
    void foldedBatchNormIsToldAndUnfoldedIsNot() throws Exception {
        NetWeights folded = OnnxReader.read(golden().resolve("torchvision-dynamo.onnx"));
        NetWeights plain = OnnxReader.read(golden().resolve("torchvision.onnx"));
        assertThat(folded.notes()).anyMatch(OnnxReaderTest::tellsOfFolding);
        assertThat(plain.notes()).isEmpty();
        assertThat(plain.tensors().keySet())
                .containsExactlyElementsOf(
                        MobileNetV3.of(plain.architecture()).getParameters().keys());
        assertThat(plain.architecture())
                .isEqualTo(Presets.of("mobilenet_v3_small", 0.1).withClasses(10));
    }

    private static boolean tellsOfFolding(String note) {
        return note.startsWith("Batch norm was folded");
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_small, false, 2",
        "mobilenet_v3_large, true, 1",
        "mobilenetv3_small_100, true, 2",
        "paddleocr_small, false, 2",
        "paddle_small_x0_35, true, 2",
        "mobilenetv3_rw, false, 2",
        "mobilenetv3_large_150d, true, 2",
        "tf_mobilenetv3_small_100, true, 2",
        "tf_mobilenetv3_large_minimal_100, false, 1",
        "mobilenet_v3_small_dilated, true, 2",
        "mobilenet_v3_large_reduced_tail, true, 2",
        "mobilenet_v2, true, 2",
        "article_small, true, 2",
        "article_large, false, 2"
    })
    void ourOwnFilesAreReadBackWithoutMetadata(String preset, boolean fold, int stemStride)
            throws IOException {
        Architecture config = Presets.of(preset, 0.35).withClasses(4).withStemStride(stemStride);
        if (preset.startsWith("paddle")) {
            // Its slope of h-sigmoid is taken into the weights.
            config = config.withConventions(config.conventions().withGate(Gate.PAPER));
        }
        float[] x = pixels();
        try (Model model = ImportedNet.random(config, null)) {
            NetWeights read = OnnxReader.read(write(graph(model, fold)));
            // Several widths or presets may give one table; then it is one net.
            assertThat(read.architecture().withName(config.name())).isEqualTo(config);
            assertThat(read.architecture().name())
                    .startsWith(preset.replaceFirst("_x[0-9_]+$", ""));
            assertThat(read.notes().stream().anyMatch(OnnxReaderTest::tellsOfFolding))
                    .isEqualTo(fold);
            assertThat(read.normalization()).isEmpty();
            try (Model again = ImportedNet.of(read)) {
                assertThat(
                                ImportedNet.difference(
                                        ImportedNet.logits(again, x, IMAGES),
                                        ImportedNet.logits(model, x, IMAGES)))
                        .isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.1})
    void aNarrowNetWhoseBlocksDoNotAllExpandIsReadBack(double width) throws IOException {
        Architecture net = Presets.of("mobilenet_v3_small", width).withClasses(4);
        try (Model model = ImportedNet.random(net, null)) {
            assertThat(OnnxReader.read(write(graph(model, true))).architecture()).isEqualTo(net);
        }
    }

    private static Architecture small() {
        return Presets.of("mobilenet_v3_small", 0.35).withClasses(4);
    }

    private static Graph graph(Model model, boolean fold) {
        Graph graph = Graph.trace(model.getBlock(), new Shape(1, 3, 224, 224));
        return fold ? Passes.forInference(graph) : graph;
    }

    private Path write(Graph graph) throws IOException {
        Path file = directory.resolve("net.onnx");
        return Files.write(file, OnnxWriter.write(graph, Map.of("note", "hello")));
    }

    private static float[] pixels() {
        Random random = new Random(3);
        float[] x = new float[(int) IMAGES.size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat();
        }
        return x;
    }

    @Test
    void normalizationOfTheInputIsReportedAndLeftOut() throws IOException {
        Architecture config = small();
        float[] x = pixels();
        try (Model model = ImportedNet.random(config, NORMALIZATION)) {
            NetWeights read = OnnxReader.read(write(graph(model, true)));
            assertThat(read.normalization()).contains(NORMALIZATION);
            assertThat(read.metadata()).containsEntry("note", "hello");
            float[] normalized = new float[x.length];
            int plane = (int) (IMAGES.get(2) * IMAGES.get(3));
            for (int i = 0; i < x.length; i++) {
                int c = i / plane % 3;
                normalized[i] = (x[i] - NORMALIZATION.mean()[c]) / NORMALIZATION.std()[c];
            }
            try (Model again = ImportedNet.of(read)) {
                assertThat(
                                ImportedNet.difference(
                                        ImportedNet.logits(again, normalized, IMAGES),
                                        ImportedNet.logits(model, x, IMAGES)))
                        .isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "101, 127.5, 153, 51, 76.5, 102", // (x - 101) / 51 ...
        "0, 0, 0, 255, 255, 255", // x / 255
        "127.5, 127.5, 127.5, 127.5, 127.5, 127.5", // x / 127.5 - 1
        "123, 117, 104, 1, 1, 1" // x - 123 ...
    })
    void aFileThatTakesPixelsTo255GivesItsOwnAnswerToPixelsTo1(
            float m0, float m1, float m2, float s0, float s1, float s2) throws IOException {
        Normalization bytes = new Normalization(new float[] {m0, m1, m2}, new float[] {s0, s1, s2});
        Architecture config = small();
        float[] x = pixels();
        float[] x255 = x.clone();
        for (int i = 0; i < x.length; i++) {
            x255[i] = 255 * x[i];
        }
        try (Model model = ImportedNet.random(config, bytes)) {
            Path file = write(graph(model, true));
            float[] theirs = ImportedNet.logits(model, x255, IMAGES);
            assertThat(OnnxReader.read(file).notes()).anyMatch(f -> f.contains("from 0 to 255"));
            try (PackageNet net = PackageNet.open(file, Device.cpu())) {
                float[] ours = net.logits(FloatBuffer.wrap(x), new Shape(2, 3, 64, 48));
                assertThat(ImportedNet.difference(ours, theirs)).isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"-0.03, 0.458", "2, 4", "300, 255", "0.5, 300"})
    void aNormalizationOfNoKnownPixelsIsRefused(float mean, float std) throws IOException {
        Architecture config = small();
        try (Model model = ImportedNet.random(config, Normalization.uniform(3, mean, std))) {
            Path file = write(graph(model, true));
            assertThatThrownBy(() -> OnnxReader.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("neither pixels from 0 to 1 nor pixels from 0 to");
        }
    }

    @Test
    void anInputOfBytesIsOfPixelsTo255() throws IOException {
        Architecture config = small();
        try (Model model = ImportedNet.random(config, null)) {
            byte[] bytes = OnnxWriter.write(graph(model, true), Map.of());
            Path file = directory.resolve("bytes.onnx");
            // The input's TypeProto: tensor_type { elem_type: 1, shape: ...} with UINT8 for FLOAT.
            Files.write(file, bytes);
            assertThat(OnnxReader.read(file).normalization()).isEmpty();
            Files.write(file, Renamed.inputType(bytes, 2));
            assertThat(OnnxReader.read(file).normalization())
                    .contains(Normalization.uniform(3, 0, 1 / 255f));
            Files.write(file, Renamed.inputType(bytes, 3));
            assertThatThrownBy(() -> OnnxReader.read(file))
                    .hasMessageContaining("has the data type 3, but pixels are expected");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HardSwish    | Sigmoid    | features.0",
                "HardSigmoid  | Sigmoid    | features.1.block.1",
                "Relu         | Tanh       | features.1",
                "HardSwish    | Gelu       | is an operation that no MobileNetV3 here has",
                "Add          | Mul        | residual sum",
                "strides      | stridez    | is expected, but the file has",
                "pads         | padz       | and padding 1",
                "GlobalAveragePool | GlobalMaxPool | is an operation that no MobileNetV3 here has"
            })
    void aNetOfTheSameShapesThatComputesSomethingElseIsRefused(String from, String to, String told)
            throws IOException {
        Architecture config = small();
        try (Model model = ImportedNet.random(config, null)) {
            byte[] bytes = OnnxWriter.write(graph(model, true), Map.of());
            Path file = directory.resolve("other.onnx");
            Files.write(file, Renamed.everywhere(bytes, from, to));
            assertThatThrownBy(() -> OnnxReader.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(file + " cannot be read as a MobileNetV3: ")
                    .hasMessageContaining(told);
        }
    }
}
