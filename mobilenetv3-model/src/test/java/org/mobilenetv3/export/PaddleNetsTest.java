package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.StateDict;

/** Files that Paddle's nets were saved to ({@code src/test/python/paddle_files.py}). */
class PaddleNetsTest {

    private static final String GOLDEN = "/golden/nets/";

    @TempDir private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "paddle-clas.pdparams, paddle_small_x1_0_w0.05, 64, 64",
        "paddle-vision.pdparams, mobilenet_v3_small_w0.05, 64, 64",
        "paddle-ocr.pdparams, paddleocr_small_w0.05, 48, 96"
    })
    void theNetIsFoundAndGivesPaddlesLogits(String name, String net, int height, int width)
            throws IOException {
        assertThat(FileKind.of(golden(name))).isEqualTo(FileKind.PADDLE);
        try (WeightsFile file = WeightsFile.open(golden(name), null)) {
            NetDescription described = file.description();
            assertThat(described.architecture().name()).isEqualTo(net);
            assertThat(described.provenance()).containsEntry("weightsFormat", "Paddle");
            boolean line = described.preprocessing().fit() instanceof Fit.PadRight;
            assertThat(line).isEqualTo(name.contains("ocr"));
        }
        assertLogits(golden(name), name, height, width);
    }

    @Test
    void paddleClassStateDictSaysWhatItLeavesOpen() throws IOException {
        try (WeightsFile file = WeightsFile.open(golden("paddle-clas.pdparams"), null)) {
            assertThat(file.description().provenance().toString())
                    .contains("dropout of 0.2", "OpenCV's bilinear");
            assertThat(file.description().preprocessing().fit())
                    .isEqualTo(new Fit.CenterCrop(224, 256, Interpolation.OPENCV_BILINEAR));
        }
        try (WeightsFile file = WeightsFile.open(golden("paddle-vision.pdparams"), null)) {
            assertThat(file.description().provenance().toString()).doesNotContain("dropout of");
        }
    }

    /** The names tell, not the file's form. */
    @ParameterizedTest
    @ValueSource(strings = {"paddle-clas.pdparams", "paddle-vision.pdparams"})
    void theSameNamesInAnotherFormatMeanTheSameNet(String name) throws IOException {
        Path copy = temporary.resolve("copy.safetensors");
        try (StateDict dict = StateDict.open(golden(name))) {
            SafeTensors.write(copy, dict.tensors(), Map.of());
        }
        assertLogits(copy, name, 64, 64);
    }

    /** The share of dropout is taken in once, however often the weights are written. */
    @Test
    void whatIsWrittenGivesTheSameLogits() throws IOException {
        String name = "paddle-clas.pdparams";
        Path written = temporary.resolve("1.safetensors");
        Path again = temporary.resolve("2.safetensors");
        for (List<Path> step : List.of(List.of(golden(name), written), List.of(written, again))) {
            try (PackageNet net = PackageNet.open(step.get(0), Device.cpu())) {
                new WeightsExporter(WeightsFormat.SAFETENSORS).export(net, step.get(1));
            }
        }
        assertLogits(again, name, 64, 64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"article_small", "mobilenet_v2", "mobilenetv3_large_150d"})
    void anArchitectureThatPaddleHasNoNamesForIsRefused(String arch) {
        assertThatThrownBy(() -> WeightsFile.open(golden("paddle-clas.pdparams"), Presets.of(arch)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Paddle has no names for a net like %s.", arch);
    }

    @Test
    void noOtherLibraryHasPaddleClassNet() throws IOException {
        try (PackageNet net = PackageNet.open(golden("paddle-clas.pdparams"), Device.cpu())) {
            for (WeightsFormat format : List.of(WeightsFormat.TORCHVISION, WeightsFormat.TIMM)) {
                assertThatThrownBy(
                                () ->
                                        new WeightsExporter(format)
                                                .export(net, temporary.resolve("x.pth")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageEndingWith("use --format safetensors.");
            }
        }
    }

    /** paddle.vision's net is torchvision's by other names. */
    @Test
    void torchvisionHasPaddleVisionsNet() throws IOException {
        String name = "paddle-vision.pdparams";
        Path written = temporary.resolve("vision.pth");
        try (PackageNet net = PackageNet.open(golden(name), Device.cpu())) {
            new WeightsExporter(WeightsFormat.TORCHVISION).export(net, written);
        }
        assertLogits(written, name, 64, 64);
    }

    /** Whoever turned the last layer, as converters to PyTorch do, has other names too. */
    @Test
    void aTurnedLastLayerIsRefused() throws IOException {
        Path turned = temporary.resolve("turned.safetensors");
        try (StateDict dict = StateDict.open(golden("paddle-clas.pdparams"))) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(dict.tensors());
            Tensor weight = tensors.get("fc.weight");
            tensors.put(
                    "fc.weight",
                    Tensor.of(
                            new Shape(weight.shape().get(1), weight.shape().get(0)),
                            weight.floats()));
            SafeTensors.write(turned, tensors, Map.of());
        }
        assertThatThrownBy(() -> WeightsFile.open(turned, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("fc.weight is (1280, 7) instead of")
                .hasMessageEndingWith(".");
    }

    private static void assertLogits(Path file, String name, int height, int width)
            throws IOException {
        float[] pixels = new float[2 * 3 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i * 7919L % 1009 / 1009f;
        }
        List<Double> expected = new ArrayList<>();
        try (Reader json =
                new InputStreamReader(
                        PaddleNetsTest.class.getResourceAsStream(GOLDEN + "paddle-logits.json"),
                        StandardCharsets.UTF_8)) {
            JsonUtils.GSON
                    .fromJson(json, JsonObject.class)
                    .getAsJsonArray(name)
                    .forEach(value -> expected.add(value.getAsDouble()));
        }
        double largest = expected.stream().mapToDouble(Math::abs).max().orElseThrow();
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            float[] logits = net.logits(FloatBuffer.wrap(pixels), new Shape(2, 3, height, width));
            assertThat(logits).hasSize(expected.size());
            for (int i = 0; i < logits.length; i++) {
                assertThat((double) logits[i]).isCloseTo(expected.get(i), within(1e-5 * largest));
            }
        }
    }

    private static Path golden(String name) {
        try {
            return Path.of(PaddleNetsTest.class.getResource(GOLDEN + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
