package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;

class MobileNetV3Test {

    /**
     * Paper: torchvision 0.22.1 with width_mult and num_classes set (the count of parameters that
     * require gradients). Article: its golden figures.
     */
    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_large, 1.0, 1000, 5483032",
        "mobilenet_v3_small, 1.0, 1000, 2542856",
        "mobilenet_v3_large, 1.0, 10, 4214842",
        "mobilenet_v3_small, 1.0, 10, 1528106",
        "article_large, 1.0, 10, 6869792",
        "article_small, 1.0, 10, 41533816",
        "mobilenet_v3_large, 0.35, 10, 552554",
        "mobilenet_v3_large, 0.5, 1000, 1734576",
        "mobilenet_v3_large, 0.75, 100, 2512676",
        "mobilenet_v3_large, 1.25, 10, 6579754",
        "mobilenet_v3_small, 0.35, 10, 201354",
        "mobilenet_v3_small, 0.5, 1000, 917264",
        "mobilenet_v3_small, 0.75, 100, 961820",
        "mobilenet_v3_small, 1.25, 10, 2376722"
    })
    void hasAsManyParametersAsPyTorchs(String preset, double width, int classes, long parameters) {
        MobileNetV3 net = MobileNetV3.builder(preset).optWidth(width).optClasses(classes).build();
        assertThat(total(net, 224, LayerCost::parameters)).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"large, 216589760", "small, 56510400"})
    void costsThePublishedMultiplyAddsAt224(String size, long multiplyAdds) {
        MobileNetV3.Builder builder =
                "large".equals(size) ? MobileNetV3.large() : MobileNetV3.small();
        assertThat(total(builder.build(), 224, LayerCost::multiplyAdds)).isEqualTo(multiplyAdds);
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "12, 16", "11, 16", "4, 8", "20, 24", "19, 24", "84, 88", "64.8, 64"})
    void widthsAreRoundedAsTorchvisions(double value, int expected) {
        assertThat(Presets.makeDivisible(value)).isEqualTo(expected);
    }

    @Test
    void weightsAreInitializedAsTorchvisions() {
        TorchRuntime.start();
        MobileNetV3 net = MobileNetV3.large().build();
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
            // Fan out of a depthwise convolution is its kernel times all its channels.
            assertDeviation(net, "features.5.block.1.0.weight", Math.sqrt(2.0 / (120 * 25)));
            assertDeviation(net, "features.16.0.weight", Math.sqrt(2.0 / 960));
            assertDeviation(net, "features.15.block.2.fc1.weight", Math.sqrt(2.0 / 240));
            assertDeviation(net, "classifier.0.weight", 0.01);
            for (Pair<String, Parameter> p : net.getParameters()) {
                if (p.getKey().endsWith("bias") || p.getKey().endsWith("running_mean")) {
                    assertThat(p.getValue().getArray().toFloatArray()).containsOnly(0f);
                } else if (p.getKey().endsWith("running_var")) {
                    assertThat(p.getValue().getArray().toFloatArray()).containsOnly(1f);
                }
            }
        }
    }

    /** Normalized by the batch, the layers see the same numbers whatever the momentum. */
    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_small, 0.01, EAGER",
        "mobilenet_v3_large, 0.01, COMPILED",
        "mobilenetv3_small_100, 0.1, COMPILED",
        "article_small, 0.1, COMPILED",
        "article_large, 0.1, EAGER"
    })
    void runningStatisticsMoveByTheMomentumThatTheNetWasBuiltWith(
            String preset, float own, MobileNetV3.Execution how) {
        Map<String, float[]> expected = afterABatch(preset, how, 0);
        for (float momentum : new float[] {own, 0.5f}) {
            Map<String, float[]> actual = afterABatch(preset, how, momentum);
            assertThat(expected).isNotEmpty();
            expected.forEach(
                    (name, means) -> {
                        for (int i = 0; i < means.length; i++) {
                            float mean = means[i] * momentum / own;
                            assertThat(actual.get(name)[i])
                                    .as(name)
                                    .isCloseTo(mean, within(1e-6f + 1e-4f * Math.abs(mean)));
                        }
                    });
        }
    }

    private static Map<String, float[]> afterABatch(
            String preset, MobileNetV3.Execution how, float momentum) {
        TorchRuntime.start();
        Architecture config = Presets.of(preset, 0.1).withClasses(3).withDropout(0);
        MobileNetV3 net = MobileNetV3.of(config, Normalization.unit(3), momentum).setExecution(how);
        Map<String, float[]> means = new TreeMap<>();
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Engine.getEngine("PyTorch").setRandomSeed(3);
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
            NDArray x = manager.randomUniform(0, 1, new Shape(4, 3, 64, 64));
            net.forward(new ParameterStore(manager, false), new NDList(x), true);
            for (Pair<String, Parameter> p : net.getParameters()) {
                if (p.getKey().endsWith("running_mean")) {
                    means.put(p.getKey(), p.getValue().getArray().toFloatArray());
                }
            }
        }
        return means;
    }

    @Test
    void aMomentumThatIsNoShareIsRefused() {
        assertThatThrownBy(
                        () ->
                                MobileNetV3.of(
                                        MobileNetV3.small().architecture(),
                                        Normalization.IMAGENET,
                                        2))
                .hasMessage("Batch norm's momentum is 2.0, but it is a share of 0 to 1.");
    }

    @Test
    void imagesSmallerThanAllStridesTogetherAreRefused() {
        MobileNetV3 net = MobileNetV3.small().build();
        assertThatThrownBy(() -> shape(net, 1, 3, 31, 64))
                .hasMessage(
                        "MobileNetV3 with stem stride 2 takes images of at least 32x32 pixels but was given 64x31");
        MobileNetV3 small = MobileNetV3.small().optStemStride(1).optClasses(7).build();
        assertThat(shape(small, 5, 3, 28, 20)).isEqualTo(new Shape(5, 7));
    }

    @Test
    void imagesOfOtherChannelsAreRefused() {
        MobileNetV3 net = MobileNetV3.large().build();
        assertThatThrownBy(() -> shape(net, 1, 1, 64, 64))
                .hasMessage(
                        "MobileNetV3 was built for 3 input channels, so it takes (N, 3, H, W), but was given (1, 1, 64, 64)");
    }

    @Test
    void choicesOutOfRangeAreRefused() {
        List<MobileNetV3.Builder> wrong =
                List.of(
                        MobileNetV3.small().optClasses(1),
                        MobileNetV3.small().optWidth(0),
                        MobileNetV3.small().optDropout(1),
                        MobileNetV3.builder("article_small").optDropout(0.1f),
                        MobileNetV3.small().optInputChannels(0),
                        MobileNetV3.small().optStemStride(3));
        for (MobileNetV3.Builder builder : wrong) {
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("but must be");
        }
    }

    private static Shape shape(MobileNetV3 net, long... input) {
        return net.getOutputShapes(new Shape[] {new Shape(input)})[0];
    }

    private static long total(
            MobileNetV3 net, int size, java.util.function.ToLongFunction<LayerCost> cost) {
        return Graph.trace(net, new Shape(1, 3, size, size)).cost().stream().mapToLong(cost).sum();
    }

    private static void assertDeviation(MobileNetV3 net, String name, double expected) {
        float[] values = net.getParameters().get(name).getArray().toFloatArray();
        double squares = 0;
        double sum = 0;
        for (float v : values) {
            squares += v * v;
            sum += v;
        }
        double deviation = Math.sqrt(squares / values.length);
        // Four standard errors of a sample deviation.
        double tolerance = expected * 4 / Math.sqrt(2.0 * values.length);
        assertThat(deviation).as(name).isCloseTo(expected, within(tolerance));
        assertThat(sum / values.length)
                .as("mean of " + name)
                .isCloseTo(0, within(4 * expected / Math.sqrt(values.length)));
    }
}
