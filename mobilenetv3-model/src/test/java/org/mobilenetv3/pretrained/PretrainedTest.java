package org.mobilenetv3.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.download.HubModel;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.Pretrained.RemoteWeights;
import org.mobilenetv3.pretrained.Pretrained.Task;

class PretrainedTest {

    private static final Pattern SUM_IN_NAME = Pattern.compile("-([0-9a-f]{8})\\.pth$");

    @TempDir private Path temporary;

    static List<Pretrained> all() {
        return Registry.read(null);
    }

    @Test
    void everyLibraryIsThereAndEveryNameIsOnes() {
        Set<String> names = new HashSet<>();
        for (Pretrained one : all()) {
            assertThat(names.add(one.name().toLowerCase(Locale.ROOT))).as(one.name()).isTrue();
            one.aliases()
                    .forEach(
                            alias ->
                                    assertThat(names.add(alias.toLowerCase(Locale.ROOT)))
                                            .as(alias)
                                            .isTrue());
        }
        assertThat(all().stream().map(Pretrained::library))
                .containsOnly("torchvision", "timm", "paddle");
        assertThat(Pretrained.find("LARGE").orElseThrow().name())
                .isEqualTo("torchvision/mobilenet_v3_large.imagenet1k_v2");
        assertThat(Pretrained.find("large").orElseThrow().input())
                .isEqualTo(new Preprocessing(224, 232, Normalization.IMAGENET));
        assertThat(Pretrained.find("small").orElseThrow().top1()).isEqualTo(67.668);
        assertThat(Pretrained.find("larg")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyNetBuildsWithAsManyParametersAsPublished(Pretrained one) {
        if (!one.isRunnable()) {
            assertThat(one.task()).isNotEqualTo(Task.CLASSIFICATION);
            return;
        }
        Architecture net = Presets.of(one.architecture()).withClasses(one.classes());
        Shape shape =
                new Shape(1, one.input().channels(), one.input().height(), one.input().width());
        long parameters =
                Graph.trace(MobileNetV3.of(net), shape).cost().stream()
                        .mapToLong(LayerCost::parameters)
                        .sum();
        assertThat(parameters).isEqualTo(one.parameters());
        if (one.top1() != null) {
            assertThat(one.top1()).isBetween(50.0, one.top5());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyFileHasAnAddressAndTheChecksumOfItsName(Pretrained one) {
        assertThat(one.files()).isNotEmpty();
        for (RemoteWeights file : one.files()) {
            if (file.address().startsWith("hf:")) {
                assertThat(HubModel.of(file.address()).repository()).isNotEmpty();
                continue;
            }
            assertThat(URI.create(file.address())).hasScheme("https");
            Matcher name = SUM_IN_NAME.matcher(file.address());
            assertThat(name.find()).isEqualTo(file.sha256() != null);
            if (file.sha256() != null) {
                assertThat(file.sha256()).startsWith(name.group(1));
                assertThat(Pretrained.ofFileName("my-" + name.group(1) + ".safetensors"))
                        .contains(one);
            }
            if (file.bytes() != null) {
                assertThat(file.bytes() / 4.0)
                        .isBetween(1.0 * one.parameters(), 1.1 * one.parameters());
            }
        }
    }

    @Test
    void recordsOfOnesOwnComeFirstAndReplaceThoseOfTheSameName() throws IOException {
        Path file =
                Files.writeString(
                        temporary.resolve("mine.json"),
                        """
                        {"form": 1, "models": [
                          {"name": "me/flowers", "task": "classification", "classes": 5,
                           "architecture": "mobilenet_v3_small", "parameters": 1522981,
                           "input": {"size": 192, "resize": 219,
                             "normalization": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}},
                           "files": [{"address": "https://example.org/flowers.safetensors"}],
                           "source": "me", "license": "MIT"},
                          {"name": "torchvision/MobileNet_v3_small.imagenet1k_v1", "task": "detection",
                           "architecture": "other", "parameters": 1, "classes": 2,
                           "files": [{"address": "hf:me/other"}],
                           "source": "me", "license": "MIT"}]}
                        """);
        List<Pretrained> read = Registry.read(file.toString());
        assertThat(read).hasSize(all().size() + 1);
        assertThat(read.get(0).name()).isEqualTo("me/flowers");
        assertThat(read.get(0).shortName()).isEqualTo("me/flowers");
        assertThat(read.get(0).size()).isEqualTo("6 MB");
        assertThat(
                        read.stream()
                                .filter(
                                        one ->
                                                one.name()
                                                        .equalsIgnoreCase(
                                                                "torchvision/mobilenet_v3_small.imagenet1k_v1")))
                .singleElement()
                .matches(one -> one.task() == Task.DETECTION);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"form\": 2, \"models\": []} | it has form 2, where 1 is read",
                "{\"form\": 1} | it lists no models",
                "{\"form\": 1, \"models\": [null]} | it lists no models",
                "{\"form\": 1, \"models\": [{\"task\": \"detection\"}]} | A record has no name",
                "{\"form\": 1, \"models\": [{\"name\": \"x\", \"task\": \"detection\", \"architecture\": \"y\", \"files\": [], \"source\": \"s\", \"license\": \"l\"}]} | x has no files",
                "{\"form\": 1, \"models\": [{\"name\": \"x\", \"task\": \"detection\", \"architecture\": \"y\", \"files\": [{\"address\": \"z\"}]}]} | 'z' is not an address",
                "[] | it is no such JSON",
                "{\"form\": 1, \"models\": [{\"name\": \"x\"}]} | x has no task.",
                "{\"form\": 1, \"models\": [{\"name\": \"x\", \"task\": \"detection\", \"architecture\": \"y\", \"files\": [{\"address\": \"hf:a/z\", \"sha256\": \"5C\"}]}]} | The SHA-256 of hf:a/z is '5C'"
            })
    void aRegistryThatCannotBeUsedIsOneSentence(String json, String told) throws IOException {
        Path file = Files.writeString(temporary.resolve("mine.json"), json);
        assertThatThrownBy(() -> Registry.read(file.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MOBILENETV3_REGISTRY names " + file)
                .hasMessageContaining(told);
    }

    @Test
    void aRegistryThatIsNotThereIsOneSentence() {
        assertThatThrownBy(() -> Registry.read(temporary.resolve("none.json").toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none.json does not exist");
    }
}
