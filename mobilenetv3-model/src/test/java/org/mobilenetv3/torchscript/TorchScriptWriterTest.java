package org.mobilenetv3.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.runtime.TorchRuntime;

class TorchScriptWriterTest {

    @TempDir private Path temporary;
    private NDManager manager;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_large, false",
        "mobilenet_v3_large, true",
        "article_large, false",
        "article_large, true",
        "mobilenet_v3_small_dilated, false",
        "mobilenet_v2, false",
        "mobilenet_v2, true",
        "tf_mobilenetv3_large_100, false",
        "tf_mobilenetv3_large_100, true",
        "paddle_small_x0_35, false",
        "paddle_small_x0_35, true"
    })
    void djlLoadsTheFileAndItAnswersAsTheOperationsForAnyBatchAndSize(
            String preset, boolean trainable) throws Exception {
        MobileNetV3 net = net(preset);
        Path file = write(net, trainable);
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.load(file.getParent(), "net.pt");
            for (Shape shape :
                    new Shape[] {
                        new Shape(1, 3, 32, 32), new Shape(3, 3, 80, 64), new Shape(2, 3, 47, 65)
                    }) {
                NDArray x = manager.randomUniform(-2, 2, shape);
                float[] expected = forward(net, x);
                float[] actual =
                        model.getBlock()
                                .forward(new ParameterStore(manager, false), new NDList(x), false)
                                .singletonOrThrow()
                                .toFloatArray();
                float largest = 0;
                for (float v : expected) {
                    largest = Math.max(largest, Math.abs(v));
                }
                assertThat(actual).containsExactly(expected, within(1e-5f * largest));
            }
        }
    }

    /** PyTorch upgrades div of files before version 4 by what other converters do not know. */
    @ParameterizedTest
    @CsvSource({"mobilenet_v3_large, false", "mobilenet_v3_large, true", "article_large, false"})
    void noOperationIsUpgradedWhenTheFileIsRead(String preset, boolean trainable)
            throws IOException {
        try (ZipFile zip = new ZipFile(write(net(preset), trainable).toFile())) {
            for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
                if (entry.getName().endsWith("/version")) {
                    String version =
                            new String(
                                    zip.getInputStream(entry).readAllBytes(),
                                    StandardCharsets.UTF_8);
                    assertThat(Integer.parseInt(version.strip())).isGreaterThanOrEqualTo(4);
                    return;
                }
            }
            throw new AssertionError("The file has no version.");
        }
    }

    @Test
    void tensorsBeginAtMultiplesOf64BytesAsPyTorchMapsThem() throws IOException {
        Path file = write(net("mobilenet_v3_large"), true);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int position = 0;
        int tensors = 0;
        while (bytes.getInt(position) == 0x04034b50) {
            int name = bytes.getShort(position + 26);
            int extra = bytes.getShort(position + 28);
            int data = position + 30 + name + extra;
            String entry = new String(bytes.array(), position + 30, name, StandardCharsets.UTF_8);
            assertThat(data % 64).as(entry).isZero();
            assertThat(bytes.getShort(position + 8)).as("method of " + entry).isZero();
            tensors += entry.contains("/data/") ? 1 : 0;
            position = data + bytes.getInt(position + 18);
        }
        assertThat(tensors).isEqualTo(net("mobilenet_v3_large").getParameters().size());
    }

    @Test
    void filesInsideAreReadBackAndAMissingOneIsNone() throws IOException {
        Path file = write(net("mobilenet_v3_large"), false);
        assertThat(TorchScriptWriter.extra(file, "note.txt")).isEqualTo("Gänse");
        assertThat(TorchScriptWriter.extra(file, "other.txt")).isNull();
    }

    @Test
    void aTrainableFileNamesItsTensorsAsTheStateDictAndAFoldedOneHasNoBatchNorm()
            throws IOException {
        String trainable = source(write(net("mobilenet_v3_large"), true));
        assertThat(trainable)
                .contains("torch.batch_norm", "self.training", "__buffers__ = [\"running_mean\"");
        assertThat(source(write(net("mobilenet_v3_large"), false)))
                .doesNotContain("batch_norm", "dropout")
                .contains("torch.hardswish_");
    }

    private static String source(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry("mobilenetv3/code/__torch__.py");
            return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private MobileNetV3 net(String preset) {
        MobileNetV3 net =
                MobileNetV3.builder(preset)
                        .optWidth(0.35)
                        .optClasses(7)
                        .build()
                        .setExecution(Execution.EAGER);
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
        net.getParameters()
                .forEach(
                        p -> {
                            if (p.getKey().contains("running_")) {
                                p.getValue().getArray().addi(0.25f);
                            }
                        });
        return net;
    }

    private Path write(MobileNetV3 net, boolean trainable) throws IOException {
        Graph graph = Graph.trace(net, new Shape(1, 3, 224, 224));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TorchScriptWriter.write(
                trainable ? graph : Passes.forInference(graph),
                trainable,
                Map.of("note.txt", "Gänse"),
                out);
        return Files.write(temporary.resolve("net.pt"), out.toByteArray());
    }

    private float[] forward(MobileNetV3 net, NDArray x) {
        return net.forward(new ParameterStore(manager, false), new NDList(x), false)
                .singletonOrThrow()
                .toFloatArray();
    }
}
