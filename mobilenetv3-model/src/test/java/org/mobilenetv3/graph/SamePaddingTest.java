package org.mobilenetv3.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;

/** TensorFlow's padding, which with stride 2 depends on the image's size. */
class SamePaddingTest {

    private static final Conventions TF = Presets.of("tf_mobilenetv3_small_100").conventions();

    private Engine engine;

    @BeforeEach
    void start() {
        engine = new Engine();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({
        "3, 2, 8, 8",
        "3, 2, 9, 7",
        "3, 2, 8, 7",
        "5, 2, 8, 8",
        "5, 2, 9, 7",
        "5, 2, 7, 10",
        "5, 2, 1, 2",
        "3, 1, 9, 8",
        "5, 1, 7, 6",
        "1, 2, 9, 8"
    })
    void theBlockAndItsGraphComputeTensorFlowsDefinition(
            int kernel, int stride, int height, int width) {
        Shape shape = new Shape(2, 6, height, width);
        ConvBlock block =
                ConvBlock.builder(6, 6, kernel)
                        .optConventions(TF)
                        .optGroups(6)
                        .optStride(stride)
                        .optActivation(Nonlinearity.RELU6)
                        .build();
        engine.filled(block, shape);
        Graph graph = Graph.trace(block, shape);
        Shape expected =
                new Shape(2, 6, (height + stride - 1) / stride, (width + stride - 1) / stride);
        assertThat(block.getOutputShapes(new Shape[] {shape})).containsExactly(expected);
        assertThat(graph.output().shape()).isEqualTo(expected);
        engine.assertComputes(graph, block);
        engine.assertComputes(Passes.forInference(graph), block);
    }

    @Test
    void anEvenImageGetsItsZerosBelowAndToTheRightAndAnOddOneOnAllSides() {
        // Nine ones count the pixels under the kernel.
        assertThat(counted(4)).containsExactly(9, 6, 6, 4);
        assertThat(counted(3)).containsExactly(4, 4, 4, 4);
        assertThat(counted(5)).containsExactly(4, 6, 4, 6, 9, 6, 4, 6, 4);
    }

    private float[] counted(int side) {
        Shape shape = new Shape(1, 1, side, side);
        ConvBlock block =
                ConvBlock.builder(1, 1, 3)
                        .optConventions(TF)
                        .optStride(2)
                        .optActivation(Nonlinearity.IDENTITY)
                        .build();
        engine.filled(block, shape);
        for (var p : block.getParameters()) {
            NDArray array = p.getValue().getArray();
            boolean one = p.getKey().endsWith("weight") || p.getKey().endsWith("running_var");
            array.set(filled((int) array.size(), one ? 1 : 0));
        }
        float[] counted = engine.forward(block, shape, filled(side * side, 1));
        for (int i = 0; i < counted.length; i++) {
            counted[i] = Math.round(counted[i]); // but for batch norm's epsilon
        }
        return counted;
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }
}
