package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;

/** Feature maps and embedding beside the whole net. */
class FeaturePyramidTest {

    private NDManager manager;
    private ParameterStore store;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
        store = new ParameterStore(manager, false);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_large, 2, '2, 4, 8, 16, 32', '16, 24, 40, 112, 960'",
        "mobilenet_v3_small, 2, '2, 4, 8, 16, 32', '16, 16, 24, 48, 576'",
        "mobilenet_v3_large, 1, '1, 2, 4, 8, 16', '16, 24, 40, 112, 960'",
        "mobilenet_v3_small, 1, '1, 2, 4, 8, 16', '16, 16, 24, 48, 576'",
        "article_large, 2, '2, 4, 8, 16, 32', '16, 24, 40, 112, 960'",
        "article_small, 2, '2, 4, 8, 16, 32', '16, 16, 72, 96, 576'",
        "article_small, 1, '1, 2, 4, 8, 16', '16, 16, 72, 96, 576'"
    })
    void thereIsOneMapForEachStride(String preset, int stem, String strides, String channels) {
        MobileNetV3 net = builder(preset).optStemStride(stem).build();
        FeaturePyramid pyramid = net.features();
        assertThat(pyramid.strides()).hasToString("[" + strides + "]");
        assertThat(pyramid.channels()).hasToString("[" + channels + "]");

        Shape[] maps = pyramid.getOutputShapes(new Shape[] {new Shape(2, 3, 75, 97)});
        for (int i = 0; i < maps.length; i++) {
            int stride = pyramid.strides().get(i);
            assertThat(maps[i])
                    .isEqualTo(
                            new Shape(
                                    2,
                                    pyramid.channels().get(i),
                                    (75 + stride - 1) / stride,
                                    (97 + stride - 1) / stride));
        }
        Shape[] embedding = net.embedding().getOutputShapes(new Shape[] {new Shape(2, 3, 75, 97)});
        assertThat(embedding).containsExactly(new Shape(2, preset.contains("large") ? 1280 : 1024));
    }

    @ParameterizedTest
    @EnumSource(
            value = Execution.class,
            names = {"COMPILED", "EAGER"})
    void mapsAndEmbeddingAreTheLayersOwnOutputsInTheArticlesNetsToo(Execution how) {
        for (boolean large : new boolean[] {true, false}) {
            MobileNetV3 net =
                    builder(large ? "article_large" : "article_small").optWidth(0.25).build();
            net.setExecution(how);
            initialize(net);
            NDArray x = manager.randomUniform(0, 1, new Shape(2, 3, 33, 50));
            NDList maps = net.features().forward(store, new NDList(x), false);
            NDArray embedding =
                    net.embedding().forward(store, new NDList(x), false).singletonOrThrow();

            List<String> last =
                    large
                            ? List.of("bottlenecks.0", "bottlenecks.2", "bottlenecks.5")
                            : List.of("conv1", "bottlenecks.0", "bottlenecks.3");
            Map<String, NDArray> outputs = outputs(net, x);
            for (int i = 0; i < last.size(); i++) {
                assertClose(maps.get(i), outputs.get(last.get(i)));
            }
            assertClose(
                    maps.get("stride16"), outputs.get(large ? "bottlenecks.10" : "bottlenecks.6"));
            assertClose(maps.get("stride32"), outputs.get("conv2"));
            assertClose(embedding, outputs.get(large ? "fc.2" : "avgpool"));
        }
    }

    /** What each layer gives, run one after another. */
    private Map<String, NDArray> outputs(MobileNetV3 net, NDArray x) {
        Map<String, NDArray> outputs = new LinkedHashMap<>();
        NDArray current = x;
        for (Map.Entry<String, Block> layer : net.layers().entrySet()) {
            current =
                    layer.getValue().forward(store, new NDList(current), false).singletonOrThrow();
            outputs.put(layer.getKey(), current);
        }
        return outputs;
    }

    @ParameterizedTest
    @EnumSource(
            value = Execution.class,
            names = {"COMPILED", "EAGER"})
    void aNetThatNormalizesDoesSoForItsFeatures(Execution how) {
        Architecture config = builder("mobilenet_v3_small").optWidth(0.25).architecture();
        Normalization normalization =
                new Normalization(new float[] {0.2f, 0.4f, 0.6f}, new float[] {0.3f, 0.5f, 0.7f});
        MobileNetV3 plain = MobileNetV3.of(config).setExecution(how);
        MobileNetV3 own = MobileNetV3.of(config, normalization).setExecution(how);
        initialize(plain);
        initialize(own);
        NDArray pixels = manager.randomUniform(0, 1, new Shape(2, 3, 64, 64));
        Shape perChannel = new Shape(1, 3, 1, 1);
        NDArray normalized =
                pixels.sub(manager.create(normalization.mean(), perChannel))
                        .div(manager.create(normalization.std(), perChannel));

        NDList expected = plain.features().forward(store, new NDList(normalized), false);
        NDList actual = own.features().forward(store, new NDList(pixels), false);
        for (int i = 0; i < expected.size(); i++) {
            assertClose(actual.get(i), expected.get(i));
        }
        assertClose(
                own.embedding().forward(store, new NDList(pixels), false).get(0),
                plain.embedding().forward(store, new NDList(normalized), false).get(0));
    }

    @Test
    void theParametersAreTheNetsUnderItsNames() {
        for (String preset : List.of("mobilenet_v3_small", "article_small")) {
            MobileNetV3 net = builder(preset).build();
            ParameterList all = net.getParameters();
            ParameterList pyramid = net.features().getParameters();
            ParameterList embedding = net.embedding().getParameters();
            // In the net's order; what is left out is the head, or its last layer.
            assertThat(all.keys()).startsWith(pyramid.keys().toArray(new String[0]));
            assertThat(all.keys().subList(0, all.size() - 2)).isEqualTo(embedding.keys());
            for (Pair<String, Parameter> p : pyramid) {
                assertThat(p.getValue()).isSameAs(all.get(p.getKey()));
            }
            assertThat(pyramid.keys().get(pyramid.size() - 1))
                    .isEqualTo(
                            "article_small".equals(preset)
                                    ? "conv2.bn.running_var"
                                    : "features.12.1.running_var");
        }
    }

    @Test
    void aChangedWeightIsSeen() {
        MobileNetV3 net = builder("mobilenet_v3_small").optWidth(0.25).build();
        initialize(net);
        FeaturePyramid pyramid = net.features();
        NDArray x = manager.randomUniform(0, 1, new Shape(1, 3, 64, 64));
        pyramid.forward(store, new NDList(x), false);

        // As an optimizer does: in place.
        net.getParameters().get("features.1.block.0.0.weight").getArray().muli(2);
        assertSameAsOperations(net, pyramid, x);
        // As loading does.
        NDArray gamma = net.getParameters().get("features.12.1.weight").getArray();
        gamma.set(new float[(int) gamma.size()]);
        assertSameAsOperations(net, pyramid, x);
    }

    @Test
    void statisticsThatChangeWhileTheNetIsTrainedAreSeenByTheFeaturesAndTheOtherWayRound() {
        MobileNetV3 net = builder("mobilenet_v3_small").optWidth(0.25).build();
        initialize(net);
        FeaturePyramid pyramid = net.features();
        NDArray x = manager.randomUniform(0, 1, new Shape(4, 3, 64, 64));
        pyramid.forward(store, new NDList(x), false);
        net.forward(store, new NDList(x), true);
        assertSameAsOperations(net, pyramid, x);

        NDArray before = net.forward(store, new NDList(x), false).singletonOrThrow();
        pyramid.forward(store, new NDList(x), true);
        NDArray after = net.forward(store, new NDList(x), false).singletonOrThrow();
        assertThat(after.sub(before).abs().max().getFloat()).isPositive();
    }

    private void assertSameAsOperations(MobileNetV3 net, FeaturePyramid pyramid, NDArray x) {
        NDList compiled = pyramid.forward(store, new NDList(x), false);
        // A pyramid that has remembered nothing.
        Map<String, NDArray> outputs = outputs(net, x);
        assertClose(compiled.get("stride4"), outputs.get("features.1"));
        assertClose(compiled.get("stride32"), outputs.get("features.12"));
    }

    @Test
    void theNetsExecutionIsFollowed() {
        MobileNetV3 net = builder("mobilenet_v3_small").optWidth(0.25).build();
        initialize(net);
        FeaturePyramid pyramid = net.features();
        NDArray x = manager.randomUniform(0, 1, new Shape(1, 3, 64, 64));
        float[] exact = pyramid.forward(store, new NDList(x), false).get(0).toFloatArray();
        net.setExecution(Execution.BF16);
        float[] rounded = pyramid.forward(store, new NDList(x), false).get(0).toFloatArray();
        assertThat(difference(rounded, exact)).isBetween(1e-6, 0.05 * largest(exact));
    }

    @Test
    void imagesThatTheNetRefusesAreRefusedWithItsWords() {
        MobileNetV3 net = builder("mobilenet_v3_small").build();
        initialize(net);
        for (Block block : List.of(net.features(), net.embedding())) {
            assertThatThrownBy(() -> block.getOutputShapes(new Shape[] {new Shape(1, 3, 31, 64)}))
                    .hasMessageContaining("at least 32x32 pixels but was given 64x31");
            NDArray gray = manager.zeros(new Shape(1, 1, 64, 64));
            assertThatThrownBy(() -> block.forward(store, new NDList(gray), false))
                    .hasMessageContaining("takes (N, 3, H, W), but was given (1, 1, 64, 64)");
        }
    }

    private static MobileNetV3.Builder builder(String preset) {
        return MobileNetV3.builder(preset).optClasses(10);
    }

    private void initialize(MobileNetV3 net) {
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
        SeededWeights.fill(net);
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float v : values) {
            largest = Math.max(largest, Math.abs(v));
        }
        return largest;
    }

    private static void assertClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float[] values = expected.toFloatArray();
        assertThat(difference(actual.toFloatArray(), values))
                .isLessThan(1e-5 * Math.max(1e-3, largest(values)));
    }

    private static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference; // NaN stays
        }
        return worst;
    }
}
