package org.mobilenetv3.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.NameScheme;

class WeightsLocatorTest {

    @TempDir private Path temporary;
    private Path weights;

    /** A registry whose one file lies here. */
    @BeforeEach
    void register() throws IOException {
        weights = temporary.resolve("net.pth");
        try (InputStream in =
                WeightsLocatorTest.class.getResourceAsStream(
                        "/golden/nets/torchvision-small.pth")) {
            Files.write(weights, in.readAllBytes());
        }
        System.setProperty("DJL_CACHE_DIR", temporary.resolve("cache").toString());
        register(Checksums.sha256(weights).substring(0, 8));
    }

    private void register(String sum) throws IOException {
        register("mine/net", "mobilenet_v3_small", weights, sum);
    }

    private void register(String name, String architecture, Path file, String sum)
            throws IOException {
        String json =
                """
                {"form": 1, "models": [
                  {"name": "%s", "aliases": ["net"], "task": "classification",
                   "architecture": "%s", "parameters": %s, "classes": 7,
                   "input": {"size": 128, "resize": 140,
                     "normalization": {"mean": [0, 0, 0], "std": [1, 1, 1]}},
                   "files": [{"address": "%s"%s}],
                   "source": "me", "license": "MIT"}]}
                """;
        long parameters = Files.size(file) / 5;
        String checked = sum == null ? "" : ", \"sha256\": \"" + sum + "\"";
        Path registry = Files.createTempFile(temporary, "registry", ".json");
        Files.writeString(
                registry, json.formatted(name, architecture, parameters, file.toUri(), checked));
        System.setProperty(Registry.VARIABLE, registry.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("DJL_CACHE_DIR");
        System.clearProperty(Registry.VARIABLE);
    }

    private static Path locate(String text) throws IOException {
        return new WeightsLocator(DownloadListener.SILENT).locate(text);
    }

    private static NetDescription read(Path file) throws IOException {
        try (WeightsFile opened = WeightsFile.open(file, null)) {
            return opened.description();
        }
    }

    @Test
    void aPathComesBeforeANameAndANameInAnyCaseIsFound() throws IOException {
        assertThat(locate(weights.toString())).isEqualTo(weights);
        assertThat(locate("Mine/Net")).isEqualTo(weights);
        assertThat(locate("net")).isEqualTo(weights);
        assertThat(locate(weights.toUri().toString())).isEqualTo(weights);
        Pretrained net = Pretrained.find("net").orElseThrow();
        assertThat(new WeightsLocator(DownloadListener.SILENT).find(net)).contains(weights);
        assertThat(new WeightsLocator(DownloadListener.SILENT).locateHere("net"))
                .isEqualTo(weights);
    }

    @Test
    void whatIsNoNameIsOneSentenceThatNamesTheLikeliest() {
        assertThatThrownBy(() -> locate("mobilenetv3_small_100"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("There is no model package or file of weights at")
                .hasMessageContaining("timm/mobilenetv3_small_100.lamb_in1k")
                .hasMessageEndingWith("'models' lists them.");
        assertThatThrownBy(
                        () ->
                                new WeightsLocator(DownloadListener.SILENT)
                                        .locateHere("timm/mobilenetv3_small_100"))
                .hasMessageContaining("is not here; 'mobilenetv3 models get");
    }

    @Test
    void aPublishedFileIsKnownByItsContentWhateverItIsCalled() throws IOException {
        Path renamed = Files.copy(weights, temporary.resolve("tf_mobilenetv3_large_100.bin"));
        NetDescription read = read(renamed);
        assertThat(read.preprocessing())
                .isEqualTo(new Preprocessing(128, 140, Normalization.unit(3)));
        assertThat(read.architecture())
                .isEqualTo(Presets.of("mobilenet_v3_small", 0.1).withClasses(7));
        assertThat(read.provenance()).containsEntry(NetDescription.PRETRAINED, "mine/net");
        assertThat(read.notes()).isEmpty();
    }

    @Test
    void aFileOfOtherContentIsNot() throws IOException {
        register("0123456789abcdef");
        NetDescription read = read(weights);
        assertThat(read.provenance()).doesNotContainKey(NetDescription.PRETRAINED);
        assertThat(read.notes()).isNotEmpty();
        assertThatThrownBy(() -> locate("net"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("net.pth");
    }

    @Test
    void theUsersArchitectureHasTheLastWordAndThePublishedInputStays() throws IOException {
        try (WeightsFile opened = WeightsFile.open(weights, Presets.of("mobilenet_v3_large"))) {
            throw new AssertionError("opened as " + opened.description().architecture().name());
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("net.pth");
        }
        try (WeightsFile opened =
                WeightsFile.open(weights, Presets.of("mobilenet_v3_small_dilated"))) {
            NetDescription read = opened.description();
            assertThat(read.architecture().name()).startsWith("mobilenet_v3_small_dilated");
            assertThat(read.preprocessing().fit()).isEqualTo(new Fit.CenterCrop(128, 140));
            assertThat(read.provenance()).doesNotContainKey(NetDescription.PRETRAINED);
        }
    }

    @Test
    void aFileWithoutAPublishedChecksumIsKnownOnceItWasFoundByName() throws IOException {
        Path full = temporary.resolve("full.safetensors");
        writeWhole(full, "mobilenetv3_small_050");
        register("timm/whole", "mobilenetv3_small_050", full, null);
        assertThat(read(full).provenance()).doesNotContainKey(NetDescription.PRETRAINED);
        assertThat(locate("timm/whole")).isEqualTo(full);
        Path copy = Files.copy(full, temporary.resolve("copy.bin"));
        assertThat(read(copy).provenance()).containsEntry(NetDescription.PRETRAINED, "timm/whole");
        assertThat(read(copy).notes()).isEmpty();
    }

    @Test
    void anotherNetUnderAPublishedNameIsNotTakenForIt() throws IOException {
        Path full = temporary.resolve("other.safetensors");
        writeWhole(full, "mobilenetv3_small_050");
        register("timm/other", "mobilenetv3_small_075", full, null);
        assertThat(locate("timm/other")).isEqualTo(full);
        NetDescription read = read(full);
        assertThat(read.architecture().name()).isEqualTo("mobilenetv3_small_100_w0.5");
        assertThat(read.provenance()).doesNotContainKey(NetDescription.PRETRAINED);
    }

    /** A state dict of random numbers, which differ each time, as its checksum does. */
    private static void writeWhole(Path file, String preset) throws IOException {
        MobileNetV3 net = MobileNetV3.of(Presets.of(preset).withClasses(7));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Random random = new Random();
        List<String> ours = net.getParameters().keys();
        Map<String, String> names = NameScheme.TIMM.of(net.architecture(), ours);
        for (Pair<String, Parameter> p : net.getParameters()) {
            Shape shape = p.getValue().getShape();
            float[] values = new float[(int) shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat();
            }
            tensors.put(names.get(p.getKey()), Tensor.of(shape, values));
        }
        SafeTensors.write(file, tensors, Map.of());
    }

    @Test
    void aDirectoryThatHidesANameIsTold() throws IOException {
        Path hiding = Path.of("net"); // the working directory is the module's
        Files.createDirectory(hiding);
        try {
            assertThatThrownBy(() -> locate("net"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("hides the published weights of that name")
                    .hasMessageContaining("mine/net");
        } finally {
            Files.delete(hiding);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.org/x.pth#sha256=zz", "hf:nobody", "https:///x"})
    void whatIsNoAddressIsOneSentence(String text) {
        assertThatThrownBy(() -> locate(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addressesThatAreNotHereAreToldToWhoeverMayNotFetch() {
        for (String text : List.of("hf:o/n", "https://example.org/x.pth", "large_v1")) {
            assertThatThrownBy(() -> new WeightsLocator(DownloadListener.SILENT).locateHere(text))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is not here; 'mobilenetv3 models get " + text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "large, large",
        "timm/mobilenetv3_small_100.lamb_in1k, mobilenetv3_small_100.lamb_in1k",
        "hf:me/flowers@v1.0/x, flowers",
        "https://example.org/a/net.safetensors?download=true#sha256=01, net",
        "runs/best, best",
        "runs/best.zip, best",
        "net.pdparams, net"
    })
    void aNetIsCalledByTheLastPartOfWhatWasAskedFor(String text, String label) {
        assertThat(WeightsLocator.label(text)).isEqualTo(label);
    }
}
