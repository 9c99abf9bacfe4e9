package org.mobilenetv3.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.Presets;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.WeightsFile;

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
        register(Checksums.sha256(weights).substring(0, 8));
    }

    private void register(String sum) throws IOException {
        String json =
                """
                {"form": 1, "models": [
                  {"name": "mine/net", "aliases": ["net"], "task": "classification",
                   "architecture": "mobilenet_v3_small", "parameters": %s, "classes": 7,
                   "input": {"size": 128, "resize": 140,
                     "normalization": {"mean": [0, 0, 0], "std": [1, 1, 1]}},
                   "files": [{"address": "%s", "sha256": "%s"}],
                   "source": "me", "license": "MIT"}]}
                """;
        long parameters = Files.size(weights) / 5;
        Path file = temporary.resolve("registry-" + sum + ".json");
        Files.writeString(file, json.formatted(parameters, weights.toUri(), sum));
        System.setProperty(Registry.VARIABLE, file.toString());
    }

    @AfterEach
    void forget() {
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
    void theUsersArchitectureHasTheLastWord() throws IOException {
        try (WeightsFile opened =
                WeightsFile.open(weights, Presets.of("mobilenet_v3_small_dilated"))) {
            assertThat(opened.description().architecture().name())
                    .startsWith("mobilenet_v3_small_dilated");
            assertThat(opened.description().provenance())
                    .doesNotContainKey(NetDescription.PRETRAINED);
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
