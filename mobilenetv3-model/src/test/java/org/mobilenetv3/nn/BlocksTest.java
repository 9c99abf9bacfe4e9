package org.mobilenetv3.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.InvertedResidual.Spec;
import org.mobilenetv3.runtime.TorchRuntime;

class BlocksTest {

    private static final Shape INPUT = new Shape(2, 16, 9, 7);

    private NDManager manager;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    static Stream<Arguments> blocks() {
        Spec strided = Spec.of(16, 5, 32, 24, 8, Nonlinearity.HARD_SWISH, 2);
        Spec kept = Spec.of(16, 3, 16, 16, 0, Nonlinearity.RELU, 1);
        return Stream.of(
                Arguments.of(new HardSwish(), INPUT),
                Arguments.of(new HardSigmoid(), INPUT),
                Arguments.of(
                        ConvBlock.builder(16, 24, 3).optStride(2).optGroups(8).build(),
                        new Shape(2, 24, 5, 4)),
                Arguments.of(
                        SqueezeExcitation.article(16, 32, 4, Gate.ARTICLE), new Shape(2, 32, 1, 1)),
                Arguments.of(SqueezeExcitation.paper(16, 8, Gate.PAPER), INPUT),
                Arguments.of(new SeModule(16), INPUT),
                Arguments.of(new SpatialSqueezeExcitation(16), INPUT),
                Arguments.of(
                        article(new ResidualBlock.Spec(5, 24, 24, 6, 2)), new Shape(2, 24, 5, 4)),
                Arguments.of(article(new ResidualBlock.Spec(3, 16, 16, 0, 1)), INPUT),
                Arguments.of(
                        new InvertedResidual(16, strided, Conventions.TORCHVISION),
                        new Shape(2, 24, 5, 4)),
                Arguments.of(new InvertedResidual(16, kept, Conventions.TORCHVISION), INPUT),
                Arguments.of(
                        new InvertedResidual(16, kept.withSpatial(true), Conventions.TORCHVISION),
                        INPUT),
                Arguments.of(new GlobalAveragePool(), new Shape(2, 16)),
                Arguments.of(Chain.of(), INPUT));
    }

    private static ResidualBlock article(ResidualBlock.Spec row) {
        return new ResidualBlock(16, row, Conventions.ARTICLE);
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void promisesTheShapeThatItGives(TorchBlock block, Shape expected) {
        assertThat(block.getOutputShapes(new Shape[] {INPUT})).containsExactly(expected);
        block.initialize(manager, DataType.FLOAT32, INPUT);
        for (boolean training : new boolean[] {false, true}) {
            NDArray x = manager.randomNormal(INPUT);
            assertThat(run(block, x, training).getShape()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void leavesItsInputAsItWas(TorchBlock block, Shape unused) {
        block.initialize(manager, DataType.FLOAT32, INPUT);
        NDArray x = manager.randomNormal(INPUT);
        float[] before = x.toFloatArray();
        run(block, x, false);
        assertThat(x.toFloatArray()).containsExactly(before);
    }

    static Stream<TorchBlock> blocksOfSixteenChannels() {
        return blocks().map(a -> (TorchBlock) a.get()[0]).filter(b -> !b.getChildren().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("blocksOfSixteenChannels")
    void refusesOtherChannelCounts(TorchBlock block) {
        Shape wrong = new Shape(2, 15, 9, 7);
        assertThatThrownBy(() -> block.getOutputShapes(new Shape[] {wrong}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes (N, 16, H, W) but was given (2, 15, 9, 7)");
        block.initialize(manager, DataType.FLOAT32, INPUT);
        assertThatThrownBy(() -> run(block, manager.ones(wrong), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(2, 15, 9, 7)");
    }

    @Test
    void groupsThatDoNotDivideTheChannelsAreRefused() {
        ConvBlock.Builder builder = ConvBlock.builder(16, 24, 3).optGroups(16);
        assertThatThrownBy(builder::build)
                .hasMessage("16 groups do not divide 16 input and 24 output channels");
    }

    @Test
    void seModuleEqualsItsFormula() {
        SeModule block = new SeModule(4, 0.5);
        Shape shape = new Shape(1, 4, 2, 2);
        block.initialize(manager, DataType.FLOAT32, shape);
        assertThat(block.getParameters().keys())
                .isEqualTo(List.of("reduce.weight", "reduce.bias", "expand.weight", "expand.bias"));
        NDArray x = manager.arange(16f).reshape(shape);
        double[] means = {1.5, 5.5, 9.5, 13.5};
        float[] reduce = block.getParameters().get("reduce.weight").getArray().toFloatArray();
        float[] expand = block.getParameters().get("expand.weight").getArray().toFloatArray();
        double[] hidden = new double[2];
        for (int j = 0; j < 2; j++) {
            for (int c = 0; c < 4; c++) {
                hidden[j] += reduce[4 * j + c] * means[c];
            }
            hidden[j] = Math.max(0, hidden[j]);
        }
        float[] actual = run(block, x, false).toFloatArray();
        for (int i = 0; i < 16; i++) {
            int c = i / 4;
            double z = expand[2 * c] * hidden[0] + expand[2 * c + 1] * hidden[1];
            assertThat((double) actual[i]).isCloseTo(i / (1 + Math.exp(-z)), within(1e-4));
        }
    }

    private NDArray run(TorchBlock block, NDArray x, boolean training) {
        return block.forward(new ParameterStore(manager, false), new NDList(x), training)
                .singletonOrThrow();
    }
}
