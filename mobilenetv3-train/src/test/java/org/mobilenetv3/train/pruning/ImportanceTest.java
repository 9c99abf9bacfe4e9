package org.mobilenetv3.train.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.pruning.Importance.Scores;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

class ImportanceTest {

    private static final ImageSet IMAGES = SyntheticShapes.generate("train", 32, 1);
    private static final float STEP = 0.005f;

    @TempDir private static Path shared;

    private static Path weights;

    @BeforeAll
    static void save() throws IOException {
        TorchRuntime.start();
        weights = shared.resolve("net");
        Architecture architecture =
                Presets.of("mobilenet_v3_small", 0.35)
                        .withClasses(IMAGES.classes().size())
                        .withDropout(0)
                        .withStemStride(1);
        Preprocessing input = new Preprocessing(new Fit.CenterCrop(32, 32), Normalization.unit(3));
        try (Model model = Model.newInstance("net", Device.cpu(), "PyTorch")) {
            MobileNetV3 net = MobileNetV3.of(architecture, input.normalization());
            Replica.of(model, net, new Shape(1, 3, 32, 32), 1, null);
            // Slopes that rounding does not hide, and shifts that count.
            spread(net, "classifier.3.weight", 40, 0);
            for (String layer : List.of("features.4.block.1.1", "features.12.1", "classifier.0")) {
                spread(net, layer + ".bias", 1, 0.3f);
            }
            // One channel does nothing, and one is not read.
            zero(net, "features.4.block.1.1.weight", 0, 3);
            zero(net, "features.4.block.1.1.bias", 0, 3);
            zero(net, "features.5.block.2.fc1.weight", 1, 4);
            zero(net, "features.5.block.3.0.weight", 1, 4);
            ModelPackage.save(
                    weights,
                    model,
                    new NetDescription(architecture, input, true, IMAGES.classes(), Map.of()),
                    ModelPackage.Extra.NONE);
        }
    }

    private static void spread(MobileNetV3 net, String name, float factor, float shift) {
        NDArray array = net.getParameters().get(name).getArray();
        float[] values = array.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = factor * values[i] + shift * (float) Math.sin(i);
        }
        array.set(values);
    }

    private static void zero(MobileNetV3 net, String name, int axis, int channel) {
        NDArray array = net.getParameters().get(name).getArray();
        float[] values = array.toFloatArray();
        var slice = new ChannelGroup.Slice(name, axis, array.getShape());
        for (int i = 0; i < values.length; i++) {
            values[i] = slice.channel(i) == channel ? 0 : values[i];
        }
        array.set(values);
    }

    /** Its root is how fast the loss changes while the channel fades. */
    @Test
    void taylorIsTheSquareOfTheLossesSlope() throws IOException {
        Importance importance;
        try (PackageNet net = open()) {
            importance = Importance.taylor(net, IMAGES, 32, 1);
        }
        assertThat(importance.groups()).hasSize(12).allMatch(Scores::isJudged);
        check(importance, "features.4", "features.4.block.1.1");
        check(importance, "features.12", "features.12.1");
        check(importance, "classifier.0", "classifier.0");
    }

    @Test
    void judgingLeavesTheNetAsItWas() throws IOException {
        try (PackageNet net = open()) {
            Map<String, Tensor> before = Pruning.tensors(net);
            double[] scores = Importance.taylor(net, IMAGES, 32, 1).groups().get(0).scores();
            Map<String, Tensor> after = Pruning.tensors(net);
            for (Map.Entry<String, Tensor> tensor : before.entrySet()) {
                assertThat(after.get(tensor.getKey()).floats())
                        .as(tensor.getKey())
                        .isEqualTo(tensor.getValue().floats());
            }
            assertThat(Importance.taylor(net, IMAGES, 32, 1).groups().get(0).scores())
                    .isEqualTo(scores);
        }
    }

    private static void check(Importance importance, String group, String layer)
            throws IOException {
        Scores scores =
                importance.groups().stream()
                        .filter(g -> g.group().name().equals(group))
                        .findFirst()
                        .orElseThrow();
        int[] ranking = scores.ranking();
        for (int place : new int[] {0, 1, ranking.length / 2}) {
            int channel = ranking[place];
            double slope =
                    (loss(layer, channel, 1 + STEP) - loss(layer, channel, 1 - STEP)) / (2 * STEP);
            double score = scores.scores()[channel];
            assertThat(Math.sqrt(score))
                    .as("%s, channel %s", group, channel)
                    .isCloseTo(Math.abs(slope), within(0.05 * Math.abs(slope) + 1e-4));
        }
    }

    /** Of the batch, with what makes a channel multiplied with a factor. */
    private static double loss(String layer, int channel, float factor) throws IOException {
        try (PackageNet net = open();
                BatchLoader loader = loader();
                NDManager scope = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (String name : List.of(layer + ".weight", layer + ".bias")) {
                NDArray array = net.block().getParameters().get(name).getArray();
                float[] values = array.toFloatArray();
                int each = values.length / (int) array.getShape().get(0);
                for (int i = channel * each; i < (channel + 1) * each; i++) {
                    values[i] *= factor;
                }
                array.set(values);
            }
            net.block()
                    .getParameters()
                    .values()
                    .forEach(p -> p.getArray().setRequiresGradient(p.requiresGradient()));
            Batch batch = loader.epoch(0).iterator().next();
            int classes = IMAGES.classes().size();
            float[] targets = new float[batch.size() * classes];
            for (int i = 0; i < batch.size(); i++) {
                targets[i * classes + (int) batch.labels()[i]] = -1f / batch.size();
            }
            NDArray t = scope.create(targets, new Shape(batch.size(), classes));
            return net.block()
                    .compiled()
                    .orElseThrow()
                    .learn(new ParameterStore(scope, false), batch.toTensor(scope), t)
                    .loss()
                    .getFloat();
        }
    }

    @Test
    void magnitudesCountEachLayerAlike() throws IOException {
        try (PackageNet net = open()) {
            Scores scores = Importance.of(net, Criterion.L1, 1).groups().get(2);
            assertThat(scores.group().name()).isEqualTo("features.4");
            // Expansion, depthwise, two of the gate, projection: each is 1 on average.
            assertThat(Arrays.stream(scores.scores()).average().orElseThrow())
                    .isCloseTo(5, within(1e-6));
            double[] scale = Importance.of(net, Criterion.BN_SCALE, 1).groups().get(2).scores();
            assertThat(scale[3]).isZero();
            assertThat(scale[2]).isEqualTo(1);
        }
    }

    @Test
    void theControlIsRandomButRepeatable() throws IOException {
        try (PackageNet net = open()) {
            double[] one = Importance.of(net, Criterion.RANDOM, 1).groups().get(0).scores();
            assertThat(Importance.of(net, Criterion.RANDOM, 1).groups().get(0).scores())
                    .isEqualTo(one);
            assertThat(Importance.of(net, Criterion.RANDOM, 2).groups().get(0).scores())
                    .isNotEqualTo(one);
        }
    }

    @Test
    void deadChannelsAreFound() throws IOException {
        try (PackageNet net = open()) {
            Map<String, int[]> dead = Importance.dead(net);
            assertThat(dead).containsOnlyKeys("features.4", "features.5");
            assertThat(dead.get("features.4")).containsExactly(3);
            assertThat(dead.get("features.5")).containsExactly(4);
        }
    }

    private static PackageNet open() throws IOException {
        return PackageNet.open(weights, Device.cpu());
    }

    private static BatchLoader loader() {
        return BatchLoader.builder().setSet(IMAGES).setBatchSize(32).build();
    }
}
