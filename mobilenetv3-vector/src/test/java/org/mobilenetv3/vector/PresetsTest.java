package org.mobilenetv3.vector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.FeaturePyramid;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.graph.Graph;

class PresetsTest {

    private final Nets nets = new Nets();

    @AfterEach
    void close() {
        nets.close();
    }

    static Stream<String> names() {
        return Presets.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPresetComputesWhatLibtorchDoes(String name) {
        computes(Presets.of(name), new Shape(3, Presets.of(name).inputChannels(), 75, 53));
    }

    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_large, 1.0, 224",
        "mobilenet_v3_small, 1.4, 224",
        "mobilenet_v3_large, 0.35, 160",
        "mobilenet_v3_small, 0.35, 160",
        "mobilenet_v2, 1.4, 160"
    })
    void imagesOfUsualSizesAreComputedInAllWidths(String name, double width, int size) {
        computes(Presets.of(name, width), new Shape(1, 3, size, size));
    }

    private void computes(Architecture architecture, Shape shape) {
        MobileNetV3 net = nets.net(architecture, shape);
        float[] x = Nets.gaussian(shape, 1);
        Nets.assertComputes(Nets.graph(net, shape), x, shape, nets.libtorch(net, x, shape));
    }

    @Test
    void oneNetTakesImagesOfOtherSizesThanItWasTracedWith() {
        Shape traced = new Shape(1, 3, 64, 64);
        Shape shape = new Shape(2, 3, 45, 70);
        MobileNetV3 net = nets.net(Presets.of("mobilenet_v3_small"), traced);
        float[] x = Nets.gaussian(shape, 1);
        Nets.assertComputes(Nets.graph(net, traced), x, shape, nets.libtorch(net, x, shape));
    }

    @Test
    void embeddingsAreComputed() {
        Shape shape = new Shape(2, 3, 48, 64);
        MobileNetV3 net = nets.net(Presets.of("mobilenet_v3_small"), shape);
        float[] x = Nets.gaussian(shape, 1);
        float[] expected = nets.libtorch(net.embedding(), x, shape);
        Nets.assertComputes(Nets.graph(net.embedding(), shape), x, shape, expected);
    }

    @Test
    void featureMapsOfEachStrideAreComputed() {
        Shape shape = new Shape(2, 3, 75, 53);
        FeaturePyramid pyramid = nets.net(Presets.of("mobilenet_v3_small"), shape).features();
        float[] x = Nets.gaussian(shape, 1);
        for (Block stage : pyramid.getChildren().values()) {
            float[] map = nets.libtorch(stage, x, shape);
            Nets.assertComputes(Nets.graph(stage, shape), x, shape, map);
            shape = stage.getOutputShapes(new Shape[] {shape})[0];
            x = map;
        }
        assertThat(shape).isEqualTo(new Shape(2, 576, 3, 2));
    }

    @Test
    void aDetectorAnswersWithBoxesAndProbabilities() {
        Shape shape = new Shape(2, 3, 96, 128);
        Architecture architecture = Presets.of("ssdlite320_large");
        MobileNetV3 net = nets.net(architecture, shape);
        Graph codes = Nets.graph(net, shape);
        Graph answers = Answers.of(codes, architecture.anchors(96, 128));
        float[] x = Nets.gaussian(shape, 1);
        float[] expected =
                Answers.of(
                        nets.libtorch(net, x, shape),
                        architecture.anchors(96, 128),
                        architecture.classes() + 1);
        Nets.assertComputes(answers, x, shape, expected);
    }
}
