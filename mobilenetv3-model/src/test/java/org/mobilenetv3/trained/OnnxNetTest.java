package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.google.gson.Gson;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.OnnxWriter;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;

class OnnxNetTest {

    private static final Architecture CONFIG =
            MobileNetV3.small().optWidth(0.35).optClasses(3).architecture();
    private static final NetDescription DESCRIPTION =
            new NetDescription(
                    CONFIG,
                    new Preprocessing(32, 32, TestNets.NORMALIZATION),
                    true,
                    TestNets.CLASSES,
                    Map.of());

    private static Model model;
    private static Graph graph;

    @TempDir private Path temporary;

    @BeforeAll
    static void trace() {
        model = TestNets.model(CONFIG);
        graph = Passes.forInference(Graph.trace(model.getBlock(), new Shape(1, 3, 32, 32)));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void aFileCutOffAnywhereIsRefused() throws IOException {
        byte[] whole = OnnxWriter.write(graph, DESCRIPTION.toMetadata());
        for (int i = 1; i < 24; i++) {
            byte[] part = Arrays.copyOf(whole, whole.length * i / 24);
            assertRefused(part, "cannot be opened: it is damaged or no ONNX file");
        }
        for (int length = 2; length < 1200; length += 13) { // through the metadata
            int cut = length;
            assertThatThrownBy(() -> open(Arrays.copyOf(whole, cut)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void garbageIsRefused() throws IOException {
        assertRefused(
                "this is no net".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "is neither a package directory nor a whole zip of one");
        assertRefused(new byte[0], "is empty");
        byte[] noise = new byte[5000];
        new java.util.Random(1).nextBytes(noise);
        noise[0] = 8;
        noise[1] = 8;
        assertRefused(noise, "cannot be opened: it is damaged or no ONNX file");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = temporary.resolve("missing.onnx");
        assertThatThrownBy(() -> TrainedNet.open(missing, Device.cpu(), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("There is no model package or file of weights at " + missing + ".");
    }

    @Test
    void anOnnxFileOfAnotherProgramIsRefused() throws IOException {
        Path file = temporary.resolve("net");
        Files.write(file, OnnxWriter.write(graph, Map.of("author", "somebody")));
        assertThat(FileKind.of(file)).isEqualTo(FileKind.ONNX);
        assertThatThrownBy(() -> OnnxNet.open(file, 1))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " was not exported by this project");
    }

    @Test
    void metadataThatDoNotFitTheNetAreRefused() throws IOException {
        assertRefused(describedAs(List.of("cat", "dog"), 3), "names 2 classes but its output is");
        assertRefused(describedAs(TestNets.CLASSES, 1), "images of 1 channels but its input is");
        Map<String, String> metadata = DESCRIPTION.toMetadata();
        metadata.put("preprocessing", "{\"size\": 64, \"resize\": 32}");
        assertRefused(
                OnnxWriter.write(graph, metadata),
                "damaged metadata: its preprocessing is missing or cannot be read");
        metadata.put(NetDescription.VERSION, "3");
        assertRefused(OnnxWriter.write(graph, metadata), "has format 3 but this version reads 2");
    }

    @Test
    void aFileOfBeforeThereWerePaddedImagesIsRead() throws IOException {
        Map<String, String> metadata = DESCRIPTION.toMetadata();
        metadata.put(
                "preprocessing",
                "{\"size\":64,\"resize\":73,\"normalization\":{\"mean\":[0.5,0.5,0.5],\"std\":[0.5,0.5,0.5]}}");
        try (TrainedNet net = open(OnnxWriter.write(graph, metadata))) {
            assertThat(net.description().preprocessing())
                    .isEqualTo(new Preprocessing(64, 73, Normalization.uniform(3, 0.5f, 0.5f)));
        }
    }

    private byte[] describedAs(List<String> classes, int channels) {
        Preprocessing input = new Preprocessing(32, 32, Normalization.unit(channels));
        return OnnxWriter.write(
                graph, new NetDescription(CONFIG, input, true, classes, Map.of()).toMetadata());
    }

    @Test
    void imagesThatTheNetDoesNotTakeAreRefused() throws IOException {
        byte[] bytes = OnnxWriter.write(graph, DESCRIPTION.toMetadata());
        FloatBuffer images = FloatBuffer.allocate(3 * 32 * 32);
        try (TrainedNet net = open(bytes)) {
            assertThatThrownBy(() -> net.logits(images, new Shape(3, 1, 32, 32)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes (N, 3, H, W)")
                    .hasMessageContaining("was given (3, 1, 32, 32)");
            assertThatThrownBy(() -> net.logits(images, new Shape(1, 3, 16, 64)))
                    .hasMessageContaining("H and W at least 32");
            assertThatThrownBy(() -> net.logits(images, new Shape(2, 3, 32, 32)))
                    .hasMessage(
                            "Images of (2, 3, 32, 32) have 6144 values but the buffer holds 3072.");
        }
        assertThatThrownBy(() -> OnnxNet.open(temporary.resolve("net"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("number of threads is 0");
    }

    private void assertRefused(byte[] content, String message) {
        assertThatThrownBy(() -> open(content))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message)
                .hasMessageStartingWith(temporary.resolve("net").toString());
    }

    private TrainedNet open(byte[] content) throws IOException {
        return TrainedNet.open(Files.write(temporary.resolve("net"), content), Device.cpu(), 1);
    }

    @Test
    void charactersOfFourBytesAreKeptInNamesAndInPaths() throws IOException {
        List<String> classes = List.of("\uD83D\uDE00", "\uD842\uDFB7", "caf\u00E9");
        byte[] bytes = describedAs(classes, 3);
        Path directory = temporary.resolve(nameable("\uD83D\uDE00"));
        Path file = Files.write(Files.createDirectory(directory).resolve("net.onnx"), bytes);
        assertThat(FileKind.of(file)).isEqualTo(FileKind.ONNX_EXPORT);
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            assertThat(net.description().classes()).isEqualTo(classes);
            assertThat(net.logits(FloatBuffer.allocate(3 * 32 * 32), new Shape(1, 3, 32, 32)))
                    .hasSize(3);
        }
        // What wrote the names as they are, without escapes, is read, too.
        Map<String, String> metadata = DESCRIPTION.toMetadata();
        metadata.put("classes", "[\"\uD83D\uDE00\",\"\uD842\uDFB7\",\"c\"]");
        try (TrainedNet net = open(OnnxWriter.write(graph, metadata))) {
            assertThat(net.description().classes()).startsWith("\uD83D\uDE00", "\uD842\uDFB7");
        }
    }

    /** A name, or another where the locale has no such letters. */
    private static String nameable(String name) {
        return "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? name : "plain";
    }

    @Test
    void onnxRuntimeReadsTheSameNamesFromTheMetadata() throws Exception {
        byte[] bytes = describedAs(List.of("\uD83D\uDE00", "b", "c"), 3);
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(bytes)) {
            String json = session.getMetadata().getCustomMetadata().get("classes");
            assertThat(new Gson().fromJson(json, String[].class))
                    .containsExactly("\uD83D\uDE00", "b", "c");
        }
    }

    @Test
    void aForeignFileThatCannotBeReadAsAWholeIsStillToldFromOurs() throws IOException {
        // A graph with a tensor outside of the file, as PyTorch's exporter writes from 2.9 on.
        byte[] foreign = {
            8,
            8, // IR version 8
            0x3A,
            8, // graph of 8 bytes
            0x2A,
            6, // initializer of 6 bytes
            0x42,
            1,
            'w', // its name
            0x70,
            1, // data_location: EXTERNAL
            0x40 // and damaged beyond
        };
        Path file = Files.write(temporary.resolve("foreign.onnx"), foreign);
        assertThat(FileKind.of(file)).isEqualTo(FileKind.ONNX);
    }
}
