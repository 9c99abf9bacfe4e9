package org.mobilenetv3.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.nn.HardSwish;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.Norm;

class PassesTest {

    private static final Shape IMAGES = new Shape(2, 6, 5, 4);

    private static final Shape PICTURES = new Shape(2, 3, 32, 40);

    private Engine engine;

    @BeforeEach
    void start() {
        engine = new Engine();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    /** A chain that ends with a function of the results of its first block and of all blocks. */
    private static final class Branched extends Chain {
        private final transient Join join;

        /** Joins two arrays. */
        private interface Join {
            NDArray of(NDArray first, NDArray last);
        }

        Branched(Join join, Block... blocks) {
            super(numbered(blocks));
            this.join = join;
        }

        private static Map<String, Block> numbered(Block... blocks) {
            Map<String, Block> numbered = new LinkedHashMap<>();
            for (Block block : blocks) {
                numbered.put(Integer.toString(numbered.size()), block);
            }
            return numbered;
        }

        @Override
        protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
            List<Block> blocks = getChildren().values();
            NDArray first = run(blocks.get(0), store, x);
            NDArray last = first;
            for (Block block : blocks.subList(1, blocks.size())) {
                last = run(block, store, last);
            }
            return join.of(first, last);
        }

        private static NDArray run(Block block, ParameterStore store, NDArray x) {
            return block.forward(store, new NDList(x), false).singletonOrThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_large",
                "mobilenet_v3_small",
                "article_large",
                "mobilenet_v3_small_dilated",
                "mobilenet_v2",
                "tf_mobilenetv3_small_100",
                "paddle_small_x0_35"
            })
    void aNetPreparedForInferenceComputesTheSameWithoutNormsDropoutAndFunctions(String preset) {
        MobileNetV3 net = MobileNetV3.builder(preset).optWidth(0.25).optClasses(7).build();
        Graph traced = Graph.trace(engine.filled(net, PICTURES), PICTURES);
        Graph ready = Passes.forInference(traced);
        engine.assertComputes(ready, net);
        assertThat(count(traced, Op.BatchNorm.class)).isPositive();
        assertThat(count(ready, Op.BatchNorm.class)).isZero();
        assertThat(count(ready, Op.Dropout.class)).isZero();
        // The article's blocks end with a function of a sum, which no layer can write.
        assertThat(count(ready, Op.Activation.class))
                .isEqualTo(preset.startsWith("article") ? count(traced, Op.Add.class) : 0);
        assertThat(ready.weights().stream().map(Weight::name)).doesNotHaveDuplicates();
        assertThat(ready.output().shape()).isEqualTo(new Shape(2, 7));
    }

    @Test
    void passesLeaveTheGraphTheyWereGiven() {
        Block net = engine.filled(convNormAct(), IMAGES);
        Graph traced = Graph.trace(net, IMAGES);
        Graph copy = new Graph(traced.input(), traced.output(), traced.nodes());
        Passes.forInference(traced);
        assertThat(traced).isEqualTo(copy);
        engine.assertComputes(traced, net);
    }

    private static Chain convNormAct() {
        return Chain.of(Layers.pointwise(6, 8), Layers.batchNorm(8, Norm.PAPER), new HardSwish());
    }

    @Test
    void aFoldedConvolutionHasItsNameABiasAndTheFunction() {
        Graph ready = prepared(convNormAct(), "Conv2d hard_swish");
        Op.Convolution conv = (Op.Convolution) ready.nodes().get(0).op();
        assertThat(conv.weights().stream().map(Weight::name)).containsExactly("0.weight", "0.bias");
        assertThat(ready.output()).isEqualTo(ready.nodes().get(0).output());
    }

    @Test
    void aLinearLayerTakesNormAndFunction() {
        prepared(
                Chain.of(
                        new GlobalAveragePool(),
                        Layers.linear(6, 3),
                        Layers.batchNorm(3, Norm.PYTORCH),
                        new HardSwish()),
                "AdaptiveAvgPool2d",
                "Linear hard_swish");
    }

    @Test
    void severalNormsFoldIntoOneConvolution() {
        prepared(
                Chain.of(
                        Layers.pointwise(6, 8),
                        Layers.batchNorm(8, Norm.PAPER),
                        Layers.batchNorm(8, Norm.PYTORCH),
                        Layers.batchNorm(8, Norm.PAPER)),
                "Conv2d identity");
    }

    @Test
    void aConvolutionUsedTwiceFoldsIntoTwoWeights() {
        Block conv = Layers.pointwise(6, 6);
        Graph ready =
                prepared(
                        Chain.of(
                                conv,
                                Layers.batchNorm(6, Norm.PAPER),
                                conv,
                                Layers.batchNorm(6, Norm.PAPER)),
                        "Conv2d identity",
                        "Conv2d identity");
        assertThat(ready.weights().stream().map(Weight::name)).doesNotHaveDuplicates().hasSize(4);
    }

    @Test
    void aConvolutionReadTwiceKeepsItsNorm() {
        prepared(
                new Branched(NDArray::add, Layers.pointwise(6, 8), Layers.batchNorm(8, Norm.PAPER)),
                "Conv2d identity",
                "BatchNorm2d",
                "Add");
    }

    @Test
    void aNormReadTwiceFoldsAndTheNormAfterItStays() {
        Block folds = Chain.of(Layers.pointwise(6, 8), Layers.batchNorm(8, Norm.PAPER));
        prepared(
                new Branched(NDArray::add, folds, Layers.batchNorm(8, Norm.PAPER)),
                "Conv2d identity",
                "BatchNorm2d",
                "Add");
    }

    @Test
    void aNormOfAFunctionIsNotFoldedIntoTheConvolutionBeforeThat() {
        Chain net =
                Chain.of(
                        Layers.pointwise(6, 8),
                        Activation.reluBlock(),
                        Layers.batchNorm(8, Norm.PAPER));
        prepared(net, "Conv2d relu", "BatchNorm2d");
        Graph other = Passes.foldBatchNorm(Passes.fuseFunctions(Graph.trace(net, IMAGES)));
        assertThat(operations(other)).containsExactly("Conv2d relu", "BatchNorm2d");
        engine.assertComputes(other, net);
    }

    @Test
    void aNormWithoutAConvolutionStays() {
        prepared(Chain.of(Layers.batchNorm(6, Norm.PAPER)), "BatchNorm2d");
    }

    @Test
    void aResultReadTwiceKeepsItsFunctionApart() {
        prepared(
                new Branched(NDArray::mul, Layers.pointwise(6, 8), Activation.sigmoidBlock()),
                "Conv2d identity",
                "Sigmoid",
                "Multiply");
    }

    @Test
    void theGraphsOutputIsNotChangedByAFunctionOfIt() {
        Value in = new Value(0, new Shape(1, 2));
        Value out = new Value(1, new Shape(1, 2));
        Weight weight = Weight.of("weight", new Shape(2, 2), new float[] {1, 2, 3, 4});
        Node linear =
                new Node(
                        "fc", new Op.Linear(weight, null, Nonlinearity.IDENTITY), List.of(in), out);
        Node relu =
                new Node(
                        "relu",
                        new Op.Activation(Nonlinearity.RELU),
                        List.of(out),
                        new Value(2, new Shape(1, 2)));
        Graph graph = new Graph(in, out, List.of(linear, relu));
        assertThat(Passes.fuseFunctions(graph)).isEqualTo(graph);
    }

    @Test
    void onlyTheFirstOfTwoFunctionsIsFused() {
        prepared(
                Chain.of(Layers.pointwise(6, 8), Activation.tanhBlock(), Activation.reluBlock()),
                "Conv2d tanh",
                "ReLU");
    }

    @Test
    void aLinearLayerTakesAFunctionAndAPoolDoesNot() {
        prepared(
                Chain.of(
                        new GlobalAveragePool(),
                        Activation.tanhBlock(),
                        Layers.linear(6, 3),
                        Activation.swishBlock(1)),
                "AdaptiveAvgPool2d",
                "Tanh",
                "Linear silu");
    }

    @Test
    void droppedLayersMayBeTheWholeNet() {
        Block net = Dropout.builder().build();
        Graph ready = prepared(net);
        assertThat(ready.output()).isEqualTo(ready.input());
    }

    @Test
    void theInputsNormalizationIsRemovedAndOtherConstantsStay() {
        Normalization normalization = Normalization.IMAGENET;
        MobileNetV3.Builder small = MobileNetV3.small().optWidth(0.25).optClasses(2);
        Block net = engine.filled(MobileNetV3.of(small.architecture(), normalization), PICTURES);
        Graph graph = Graph.trace(net, PICTURES);
        engine.assertComputes(graph, net);
        assertThat(Passes.withoutNormalization(graph).nodes())
                .hasSize(graph.nodes().size() - 2)
                .noneMatch(n -> n.op() instanceof Op.PerChannel);

        Block later =
                new Branched(
                        (first, last) ->
                                last.mul(
                                        last.getManager()
                                                .create(
                                                        new float[] {2, 3, 4, 5, 6, 7},
                                                        new Shape(1, 6, 1, 1))),
                        Activation.reluBlock());
        Graph scaled = Graph.trace(later, IMAGES);
        assertThat(operations(scaled)).containsExactly("ReLU", "Normalize");
        assertThat(Passes.withoutNormalization(scaled)).isEqualTo(scaled);
        engine.assertComputes(scaled, later);
    }

    /** Prepares a net for inference and requires its operations and results. */
    private Graph prepared(Block net, String... operations) {
        Graph ready = Passes.forInference(Graph.trace(engine.filled(net, IMAGES), IMAGES));
        assertThat(operations(ready)).containsExactly(operations);
        engine.assertComputes(ready, net);
        return ready;
    }

    private static List<String> operations(Graph graph) {
        return graph.nodes().stream()
                .map(
                        n ->
                                n.op() instanceof Op.Convolution c
                                        ? "Conv2d " + c.function()
                                        : n.op() instanceof Op.Linear l
                                                ? "Linear " + l.function()
                                                : n.op().type())
                .toList();
    }

    private static long count(Graph graph, Class<? extends Op> type) {
        return graph.nodes().stream().map(Node::op).filter(type::isInstance).count();
    }
}
