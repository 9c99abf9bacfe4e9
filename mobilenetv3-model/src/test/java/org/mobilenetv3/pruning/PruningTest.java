package org.mobilenetv3.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ResidualBlock;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.PackageNet;

class PruningTest {

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    /** One of each kind; bench/PrunedPresets.java does the same for every preset. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_small",
                "mobilenet_v2",
                "article_large",
                "tf_mobilenetv3_small_075",
                "mobilenetv3_large_150d",
                "paddleocr_small"
            })
    void theRemovedChannelsAreGoneAndNothingElseHasChanged(String preset) throws IOException {
        Architecture net = small(preset);
        try (PackageNet whole = RandomNets.of(net, 64)) {
            Cut cut = half(net);
            Pruning pruning = Pruning.of(whole, cut, Map.of("by", "test"));
            try (PackageNet pruned = pruning.net()) {
                assertThat(pruning.difference()).isLessThanOrEqualTo(1e-5);
                assertThat(logits(pruned)).isNotEqualTo(logits(whole));
                assertThat(pruned.description().architecture().name()).endsWith("_pruned");
                assertThat(pruned.description().provenance())
                        .containsEntry("pruned", Map.of("by", "test"))
                        .doesNotContainKey("metrics");
                List<ChannelGroup> before = ChannelGroup.of(net);
                List<ChannelGroup> after = ChannelGroup.of(pruned.description().architecture());
                for (int i = 0; i < before.size(); i++) {
                    assertThat(after.get(i).width()).isEqualTo(before.get(i).width() / 2);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobilenet_v3_small", "article_small"})
    void aPrunedNetSurvivesPackagesAndFilesOfWeights(String preset) throws IOException {
        Architecture net = small(preset);
        float[] logits;
        Path directory = temporary.resolve("package");
        try (PackageNet whole = RandomNets.of(net, 64);
                PackageNet pruned = Pruning.of(whole, half(net), Map.of()).net()) {
            logits = logits(pruned);
            pruned.save(directory);
        }
        assertThat(logits(directory)).isEqualTo(logits);
        Path file = temporary.resolve("net.safetensors");
        try (PackageNet pruned = PackageNet.open(directory, Device.cpu())) {
            new WeightsExporter(WeightsFormat.SAFETENSORS).export(pruned, file);
        }
        assertThat(logits(file)).isEqualTo(logits);
    }

    @Test
    void theKeptNumbersAreThoseOfTheKeptChannels() throws IOException {
        Architecture net = small("mobilenet_v3_small");
        try (PackageNet whole = RandomNets.of(net, 64)) {
            Map<String, Tensor> tensors = Pruning.tensors(whole);
            Cut cut = new Cut(net, ChannelGroup.of(net), Map.of("features.4", new int[] {1, 5}));
            Map<String, Tensor> pruned = cut.pruned(tensors);
            // The reduction of the gate is (squeeze, channels, 1, 1): columns 1 and 5 stay.
            float[] before = tensors.get("features.4.block.2.fc1.weight").floats();
            float[] after = pruned.get("features.4.block.2.fc1.weight").floats();
            int channels = (int) tensors.get("features.4.block.2.fc1.weight").shape().get(1);
            for (int row = 0; row < after.length / 2; row++) {
                assertThat(after[2 * row]).isEqualTo(before[row * channels + 1]);
                assertThat(after[2 * row + 1]).isEqualTo(before[row * channels + 5]);
            }
            // The depthwise kernels are (channels, 1, 5, 5): whole kernels 1 and 5 stay.
            before = tensors.get("features.4.block.1.0.weight").floats();
            after = pruned.get("features.4.block.1.0.weight").floats();
            for (int tap = 0; tap < 25; tap++) {
                assertThat(after[tap]).isEqualTo(before[25 + tap]);
                assertThat(after[25 + tap]).isEqualTo(before[5 * 25 + tap]);
            }
            assertThat(pruned.get("features.5.block.0.0.weight"))
                    .isSameAs(tensors.get("features.5.block.0.0.weight"));
        }
    }

    @Test
    void aRowKeepsAllButItsMiddle() {
        Architecture net = Presets.of("mobilenet_v3_small");
        Architecture narrow = ChannelGroup.narrowed(net, Map.of("features.4", 40));
        assertThat(narrow.blocks().get(3))
                .isEqualTo(((InvertedResidual.Spec) net.blocks().get(3)).withExpanded(40));
        assertThat(narrow.blocks().get(4)).isEqualTo(net.blocks().get(4));
        Architecture article = Presets.of("article_large");
        ResidualBlock.Spec row = (ResidualBlock.Spec) article.blocks().get(2);
        Architecture dense = ChannelGroup.narrowed(article, Map.of("bottlenecks.2", 7));
        assertThat(dense.blocks().get(2)).isEqualTo(row.withInner(7));
        // Blocks without expansion, and the repeated or grouped last convolutions, stay whole.
        assertThat(ChannelGroup.of(net))
                .extracting(ChannelGroup::name)
                .doesNotContain("features.1");
        Architecture repeated = Presets.of("mobilenetv3_large_150d");
        assertThat(ChannelGroup.of(repeated))
                .extracting(ChannelGroup::name)
                .contains("features." + repeated.blocks().size(), "classifier.0")
                .doesNotContain("features." + (repeated.blocks().size() + 1));
    }

    @Test
    void whatCannotBeKeptIsRefused() {
        Architecture net = Presets.of("mobilenet_v3_small");
        List<ChannelGroup> groups = ChannelGroup.of(net);
        for (int[] channels : new int[][] {{}, {96}, {3, 2}, {2, 2}, {-1}}) {
            assertThatThrownBy(() -> new Cut(net, groups, Map.of("features.4", channels)))
                    .hasMessageContaining("ascending channels")
                    .hasMessageContaining("features.4");
        }
        assertThatThrownBy(() -> ChannelGroup.narrowed(net, Map.of("features.1", 8)))
                .hasMessageContaining("no channels to remove in features.1");
        assertThatThrownBy(() -> ChannelGroup.narrowed(net, Map.of("features.4", 97)))
                .hasMessageContaining("cannot keep 97");
    }

    private static Architecture small(String preset) {
        return Presets.of(preset, 0.5).withClasses(5);
    }

    /** Every second channel. */
    private static Cut half(Architecture net) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        List<ChannelGroup> groups = ChannelGroup.of(net);
        for (ChannelGroup group : groups) {
            kept.put(
                    group.name(),
                    IntStream.range(0, group.width() / 2).map(c -> 2 * c + 1).toArray());
        }
        return new Cut(net, groups, kept);
    }

    private static float[] logits(Path path) throws IOException {
        try (PackageNet net = PackageNet.open(path, Device.cpu())) {
            return logits(net);
        }
    }

    private static float[] logits(PackageNet net) {
        int channels = net.description().architecture().inputChannels();
        float[] images = new float[channels * 64 * 64];
        for (int i = 0; i < images.length; i++) {
            images[i] = i * 7919 % 256 / 255f;
        }
        return net.logits(FloatBuffer.wrap(images), new Shape(1, channels, 64, 64));
    }
}
