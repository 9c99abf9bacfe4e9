package org.mobilenetv3.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.TorchBlock;

class GraphTest {

    private static final Shape IMAGES = new Shape(2, 6, 11, 9);

    private Engine engine;

    @BeforeEach
    void start() {
        engine = new Engine();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    /** A block as a user writes it. */
    private static final class Custom extends TorchBlock {
        private final UnaryOperator<NDArray> function;

        Custom(UnaryOperator<NDArray> function) {
            this.function = function;
        }

        @Override
        protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
            return function.apply(x);
        }

        @Override
        protected Shape outputShape(Shape input) {
            return input;
        }

        @Override
        protected void initializeChildren(ChildInitializer init, Shape input) {}
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_large",
                "mobilenet_v3_small",
                "article_large",
                "article_small"
            })
    void theFourNetsTraceWithTheirStateDictAndWithoutMemory(String preset) {
        MobileNetV3 net = MobileNetV3.builder(preset).build();
        Graph graph = Graph.trace(net, new Shape(1, 3, 64, 96));
        assertThat(graph.weights().stream().map(w -> w.name() + " " + w.shape()))
                .containsExactlyElementsOf(
                        net.getParameters().stream()
                                .map(p -> p.getKey() + " " + p.getValue().getShape())
                                .toList());
        assertThat(graph.output().shape()).isEqualTo(new Shape(1, 1000));
        assertThat(net.getParameters().values()).noneMatch(Parameter::isInitialized);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_large",
                "mobilenet_v3_small",
                "article_large",
                "article_small"
            })
    void anyBatchAndAnyTraceGivesTheSameOperations(String preset) {
        MobileNetV3 net = MobileNetV3.builder(preset).build();
        List<String> one = structure(Graph.trace(net, new Shape(1, 3, 64, 64)));
        assertThat(structure(Graph.trace(net, new Shape(1, 3, 64, 64)))).isEqualTo(one);
        assertThat(structure(Graph.trace(net, new Shape(4, 3, 64, 64)))).isEqualTo(one);
        assertThat(one).doesNotHaveDuplicates();
    }

    @Test
    void anArticleNetComputesAsTraced() {
        MobileNetV3 net = MobileNetV3.builder("article_large").optWidth(0.25).optClasses(7).build();
        Shape shape = new Shape(2, 3, 32, 32);
        engine.filled(net, shape);
        engine.assertComputes(Graph.trace(net, shape), net);
    }

    @Test
    void aNetThatNormalizesItsInputBeginsWithConstants() {
        MobileNetV3 net =
                MobileNetV3.of(
                        MobileNetV3.small().optClasses(2).architecture(), Normalization.IMAGENET);
        Graph graph = Graph.trace(net, new Shape(1, 3, 32, 32));
        assertThat(graph.nodes().subList(0, 2).stream().map(Node::op))
                .containsExactly(
                        Op.PerChannel.of(
                                Op.PerChannel.Kind.SUBTRACT, Normalization.IMAGENET.mean()),
                        Op.PerChannel.of(Op.PerChannel.Kind.DIVIDE, Normalization.IMAGENET.std()));
    }

    @Test
    void djlsOwnLayersTraceWithNamesShapesAndNumbers() {
        SequentialBlock net = djls();
        engine.filled(net, IMAGES);
        Graph graph = Graph.trace(net, IMAGES);
        assertThat(graph.nodes().stream().map(n -> n.name() + " " + n.output().shape()))
                .containsExactly(
                        "01Conv2d (2, 8, 7, 9)",
                        "02BatchNorm (2, 8, 7, 9)",
                        "02BatchNorm/ReLU (2, 8, 7, 9)",
                        "02BatchNorm/MaxPool2d (2, 8, 4, 5)",
                        "05Conv2d (2, 8, 4, 5)",
                        "05Conv2d/Sigmoid (2, 8, 4, 5)",
                        "05Conv2d/Dropout (2, 8, 4, 5)",
                        "05Conv2d/AvgPool2d (2, 8, 3, 3)",
                        "05Conv2d/Flatten (2, 72)",
                        "10Linear (2, 5)",
                        "10Linear/Tanh (2, 5)",
                        "12Linear (2, 4)");
        assertThat(graph.weights().stream().map(Weight::name))
                .containsExactlyElementsOf(net.getParameters().keys());
        engine.assertComputes(graph, net);
    }

    @Test
    void aConvolutionKeepsItsAttributes() {
        SequentialBlock net = djls();
        engine.filled(net, IMAGES);
        List<Node> nodes = Graph.trace(net, IMAGES).nodes();
        Op.Convolution conv = (Op.Convolution) nodes.get(0).op();
        assertThat(conv.kernel()).isEqualTo(new Op.Pair(3, 2));
        assertThat(conv.stride()).isEqualTo(new Op.Pair(2, 1));
        assertThat(conv.padding()).isEqualTo(new Op.Padding(3, 1, false));
        assertThat(conv.dilation()).isEqualTo(new Op.Pair(2, 2));
        assertThat(conv.groups()).isEqualTo(2);
        assertThat(conv.bias().name()).isEqualTo("01Conv2d_bias");
        assertThat(((Op.Convolution) nodes.get(4).op()).bias()).isNull();
        assertThat(((Op.Convolution) nodes.get(4).op()).isDepthwise()).isTrue();
        Op.BatchNorm norm = (Op.BatchNorm) nodes.get(1).op();
        assertThat(norm.epsilon()).isEqualTo(0.01f);
        assertThat(norm.momentum()).isEqualTo(0.2f); // and not 0.19999999
    }

    private static SequentialBlock djls() {
        return new SequentialBlock()
                .add(
                        Conv2d.builder()
                                .setFilters(8)
                                .setKernelShape(new Shape(3, 2))
                                .optStride(new Shape(2, 1))
                                .optPadding(new Shape(3, 1))
                                .optDilation(new Shape(2, 2))
                                .optGroups(2)
                                .build())
                .add(BatchNorm.builder().optEpsilon(0.01f).optMomentum(0.8f).build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), true))
                .add(
                        Conv2d.builder()
                                .setFilters(8)
                                .setKernelShape(new Shape(3, 3))
                                .optPadding(new Shape(1, 1))
                                .optGroups(8)
                                .optBias(false)
                                .build())
                .add(Activation.sigmoidBlock())
                .add(Dropout.builder().optRate(0.4f).build())
                .add(
                        Pool.avgPool2dBlock(
                                new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), true, true))
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build())
                .add(Activation.tanhBlock())
                .add(Linear.builder().setUnits(4).optBias(false).build());
    }

    static Stream<Arguments> pools() {
        List<Arguments> pools = new ArrayList<>();
        for (int kernel = 1; kernel <= 4; kernel++) {
            for (int stride = 1; stride <= 4; stride++) {
                for (int padding = 0; padding <= kernel / 2; padding++) {
                    pools.add(Arguments.of(kernel, stride, padding));
                }
            }
        }
        return pools.stream();
    }

    @ParameterizedTest
    @MethodSource("pools")
    void poolsComputeAsDjls(int kernel, int stride, int padding) {
        Shape k = new Shape(kernel, Math.min(kernel + 1, 4));
        Shape s = new Shape(stride, 2);
        Shape p = new Shape(padding, padding);
        for (boolean ceil : new boolean[] {false, true}) {
            for (boolean count : new boolean[] {false, true}) {
                Block mean = Pool.avgPool2dBlock(k, s, p, ceil, count);
                engine.assertComputes(Graph.trace(mean, IMAGES), mean);
            }
            Block max = Pool.maxPool2dBlock(k, s, p, ceil);
            engine.assertComputes(Graph.trace(max, IMAGES), max);
        }
    }

    static Stream<Arguments> functions() {
        return Stream.of(
                Arguments.of(Activation.reluBlock(), Nonlinearity.RELU),
                Arguments.of(Activation.relu6Block(), Nonlinearity.RELU6),
                Arguments.of(Activation.sigmoidBlock(), Nonlinearity.SIGMOID),
                Arguments.of(Activation.tanhBlock(), Nonlinearity.TANH),
                Arguments.of(Activation.swishBlock(1), Nonlinearity.SILU),
                Arguments.of(Pool.globalAvgPool2dBlock(), null),
                Arguments.of(Blocks.batchFlattenBlock(), null),
                Arguments.of(new Custom(x -> x.flatten(1, -1)), null));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void aLayerWithoutWeightsIsOneOperation(Block layer, Nonlinearity function) {
        Graph graph = Graph.trace(layer, IMAGES);
        assertThat(graph.nodes()).hasSize(1);
        if (function != null) {
            assertThat(graph.nodes().get(0).op()).isEqualTo(new Op.Activation(function));
        }
        engine.assertComputes(graph, layer);
    }

    static Stream<UnaryOperator<NDArray>> sums() {
        return Stream.of(
                x -> x.add(x.mul(Activation.sigmoid(x))),
                x -> x.mul(gate(x)),
                x -> gate(x).mul(x),
                x -> Activation.relu6(x).add(Activation.relu(x)),
                x -> {
                    NDArray rectified = Activation.relu(x);
                    return rectified.add(rectified.minimum(6));
                },
                x -> x.duplicate().add(x));
    }

    private static NDArray gate(NDArray x) {
        NDArray pooled = x.getNDArrayInternal().globalAvgPool();
        return pooled.reshape(x.getShape().get(0), x.getShape().get(1), 1, 1);
    }

    @ParameterizedTest
    @MethodSource("sums")
    void aUsersSumsAndProductsTrace(UnaryOperator<NDArray> function) {
        Custom net = new Custom(function);
        engine.assertComputes(Graph.trace(net, IMAGES), net);
        assertThat(structure(Graph.trace(net, new Shape(1, 6, 1, 1)))).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(Nonlinearity.class)
    void aFunctionAppliedToAnArrayIsRecorded(Nonlinearity function) {
        Graph graph = Graph.trace(new Custom(x -> Graph.apply(function, x)), IMAGES);
        assertThat(graph.nodes().stream().map(Node::op))
                .containsExactly(new Op.Activation(function));
    }

    @Test
    void aLayerUsedTwiceIsTwoNodesOfOneWeightCountedOnce() {
        Block conv = Layers.pointwise(6, 6);
        Graph graph = Graph.trace(Chain.of(conv, conv), IMAGES);
        assertThat(graph.nodes().stream().map(Node::name)).doesNotHaveDuplicates().hasSize(2);
        assertThat(graph.weights()).hasSize(1);
        assertThat(graph.cost().stream().map(LayerCost::parameters)).containsExactly(36L, 0L);
        assertThat(graph.cost().stream().map(LayerCost::multiplyAdds))
                .containsOnly(2L * 11 * 9 * 36);
    }

    @Test
    void whatIsComputedInVainIsLeftOut() {
        Custom net =
                new Custom(
                        x -> {
                            Activation.tanh(x);
                            return Activation.relu(x);
                        });
        assertThat(Graph.trace(net, IMAGES).nodes()).hasSize(1);
    }

    @Test
    void aLayersCostIsReadFromItsShapes() {
        Graph graph =
                Graph.trace(
                        Chain.of(
                                Layers.pointwise(6, 10),
                                Layers.batchNorm(10, Norm.PAPER),
                                Pool.globalAvgPool2dBlock(),
                                Layers.linear(10, 3)),
                        IMAGES);
        assertThat(graph.cost())
                .containsExactly(
                        cost("0", "Conv2d", new Shape(2, 10, 11, 9), 60, 2 * 99 * 60),
                        cost("1", "BatchNorm2d", new Shape(2, 10, 11, 9), 20, 0),
                        cost("1/AdaptiveAvgPool2d", "AdaptiveAvgPool2d", new Shape(2, 10), 0, 0),
                        cost("3", "Linear", new Shape(2, 3), 33, 60));
    }

    private static LayerCost cost(String name, String type, Shape out, long weights, long adds) {
        return new LayerCost(name, type, out, weights, adds, 4 * out.size());
    }

    static Stream<Arguments> untraceable() {
        Block softmax = new Custom(x -> x.softmax(1));
        return Stream.of(
                Arguments.of(LayerNorm.builder().build(), "LayerNorm", "layerNorm"),
                Arguments.of(Activation.geluBlock(), "LambdaBlock", "gelu"),
                Arguments.of(Activation.swishBlock(2), "LambdaBlock", "beta 2"),
                Arguments.of(softmax, "GraphTest$Custom", "NDArray.softmax"),
                Arguments.of(Chain.of(softmax), "GraphTest$Custom", "NDArray.softmax"),
                Arguments.of(new Custom(x -> x.add(3)), "GraphTest$Custom", "and 3"),
                Arguments.of(new Custom(x -> x.reshape(1, -1)), "GraphTest$Custom", "reshape"),
                Arguments.of(new Custom(x -> x.flatten(1, 2)), "GraphTest$Custom", "flatten"),
                Arguments.of(new Custom(x -> x.minimum(6)), "GraphTest$Custom", "minimum"),
                Arguments.of(
                        new Custom(x -> Dropout.dropout(x, 0.5f, true).head()),
                        "Dropout",
                        "dropout in inference"),
                Arguments.of(
                        Pool.maxPool2dBlock(new Shape(20, 20)),
                        "LambdaBlock",
                        "window of 20 on 11"),
                Arguments.of(Layers.pointwise(5, 5), "Convolution", "(5, 5, 1, 1)"),
                Arguments.of(
                        Chain.of(Blocks.batchFlattenBlock(), Layers.linear(7, 3)),
                        "Linear",
                        "(3, 7) on (2, 594)"),
                Arguments.of(
                        new ParallelBlock(
                                lists ->
                                        new NDList(
                                                NDArrays.concat(
                                                        new NDList(
                                                                lists.stream()
                                                                        .map(NDList::head)
                                                                        .toList()),
                                                        1)),
                                List.of(Activation.reluBlock(), Activation.tanhBlock())),
                        "ParallelBlock",
                        "concat"),
                Arguments.of(
                        new LambdaBlock(x -> new NDList(x.head(), x.head())),
                        "LambdaBlock",
                        "not one array"));
    }

    @ParameterizedTest
    @MethodSource("untraceable")
    void whatAGraphCannotExpressIsRefusedByTheBlocksName(Block net, String block, String what) {
        if (net instanceof LayerNorm) {
            engine.filled(net, IMAGES);
        }
        assertThatThrownBy(() -> Graph.trace(net, new Shape(1, 6, 11, 9)))
                .isInstanceOf(UntraceableException.class)
                .hasMessageContaining(block + " cannot be compiled or exported")
                .hasMessageContaining(what);
    }

    @Test
    void aLayerOfUnknownShapeMustBeInitializedFirst() {
        Block net = new SequentialBlock().add(Linear.builder().setUnits(3).build());
        assertThatThrownBy(() -> Graph.trace(net, new Shape(1, 4)))
                .hasMessage("Parameter weight has no shape yet; initialize the block first.");
    }

    @Test
    void aSequenceIsNoInput() {
        assertThatThrownBy(() -> Graph.trace(Activation.reluBlock(), new Shape(1, 4, 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A graph takes (N, C, H, W) or (N, C) but was given (1, 4, 9)");
    }

    /** All of a graph but its weights' readers and the batch. */
    private static List<String> structure(Graph graph) {
        List<String> lines = new ArrayList<>();
        for (Node node : graph.nodes()) {
            String op = node.op().toString().replaceAll("values=[^\\]]*", "");
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%s %s %s %d %s",
                            node.name(),
                            op,
                            node.inputs().stream().map(Value::id).toList(),
                            node.output().id(),
                            node.output().shape().slice(1)));
        }
        return lines;
    }
}
