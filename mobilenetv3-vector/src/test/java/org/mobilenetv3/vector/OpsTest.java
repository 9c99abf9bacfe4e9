package org.mobilenetv3.vector;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.vector.TestGraph.Layer;

/** Operations in graphs as no net of ours has them, too, against libtorch. */
class OpsTest {

    @TempDir Path directory;

    @ParameterizedTest(name = "{0}")
    @MethodSource({"convolutions", "fused", "maps", "inputs", "rows"})
    void isWhatLibtorchComputes(String name, Graph graph) throws IOException {
        Shape shape = graph.input().shape();
        float[] x = Nets.gaussian(shape, 5);
        Nets.assertComputes(graph, x, shape, TestGraph.libtorch(graph, x, directory));
    }

    private static Arguments graph(String name, Function<TestGraph, Value> net) {
        return graph(name, new TestGraph(2, 3, 13, 10), net);
    }

    private static Arguments graph(String name, TestGraph graph, Function<TestGraph, Value> net) {
        return arguments(name, graph.to(net.apply(graph)));
    }

    /** The layer behind another one, so that it reads pixels. */
    private static Arguments behind(String name, Layer layer) {
        return graph(name, g -> g.convolution(g.convolution(g.input(), Layer.of(24, 3, 1)), layer));
    }

    static Stream<Arguments> convolutions() {
        List<Arguments> all = new ArrayList<>();
        all.add(behind("3x3", Layer.of(20, 3, 1)));
        all.add(behind("3x3, stride 2", Layer.of(33, 3, 2).unbiased()));
        all.add(behind("5x5, dilated", Layer.of(17, 5, 1).dilated(2)));
        all.add(behind("1x1, stride 2", Layer.of(40, 1, 2)));
        all.add(behind("1x1, stride 3", Layer.of(3, 1, 3)));
        all.add(behind("1x1, padded", Layer.of(7, 1, 1).padded(new Op.Padding(1, 2, false))));
        all.add(behind("4 groups", Layer.of(32, 3, 1).in(4)));
        all.add(behind("1x1 in groups", Layer.of(36, 1, 1).in(12)));
        all.add(behind("depthwise, two filters each", Layer.of(48, 3, 1).in(24)));
        all.add(behind("1x3", Layer.of(8, 3, 1).with(new Op.Pair(1, 3), new Op.Pair(1, 2))));
        all.add(behind("4x4", Layer.of(8, 4, 2)));
        for (int kernel : new int[] {1, 3, 5, 7}) {
            for (int stride = 1; stride <= 3; stride++) {
                Layer layer = Layer.of(24, kernel, stride).in(24);
                String name = "depthwise %sx%s, stride %s".formatted(kernel, kernel, stride);
                all.add(behind(name, layer));
                all.add(behind(name + ", SAME", layer.padded(Op.Padding.SAME)));
                all.add(behind(name + ", dilated", layer.dilated(2)));
                all.add(
                        graph(
                                name + ", expanded",
                                g -> {
                                    Layer expand = Layer.of(40, 1, 1).with(Nonlinearity.HARD_SWISH);
                                    Value x = g.convolution(g.input(), Layer.of(24, 3, 1));
                                    Value wide = g.convolution(x, expand);
                                    return g.convolution(wide, layer40(kernel, layer));
                                }));
            }
        }
        for (int size = 8; size <= 11; size++) {
            for (int kernel = 2; kernel <= 5; kernel++) {
                Layer same = Layer.of(9, kernel, 2).padded(Op.Padding.SAME);
                all.add(
                        graph(
                                "SAME %s of %s pixels".formatted(kernel, size),
                                new TestGraph(1, 3, size, size + 1),
                                g -> g.convolution(g.convolution(g.input(), same), same)));
            }
        }
        for (int outputs : new int[] {1, 15, 16, 17, 31, 33, 64, 65, 130}) {
            all.add(behind("1x1 to " + outputs, Layer.of(outputs, 1, 1)));
            all.add(
                    graph(
                            "linear to " + outputs,
                            new TestGraph(1, 3, 9, 9),
                            g -> g.linear(g.mean(g.input()), outputs, Nonlinearity.HARD_SWISH)));
        }
        return all.stream();
    }

    private static Layer layer40(int kernel, Layer layer) {
        return Layer.of(40, kernel, layer.stride().rows()).in(40).with(Nonlinearity.RELU6);
    }

    static Stream<Arguments> fused() {
        return Stream.of(
                graph(
                        "sum of two 1x1 convolutions",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            return g.sum(g.pointwise(x, 30), g.pointwise(x, 30));
                        }),
                graph(
                        "sum whose first part comes later",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value one = g.pointwise(x, 20);
                            return g.sum(g.depthwise(x, 3, 1), one);
                        }),
                graph(
                        "sum with a map that is read again",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value y = g.sum(g.pointwise(x, 20), x);
                            return g.sum(g.pointwise(y, 20), g.sum(y, x));
                        }),
                graph(
                        "twice the same",
                        g -> {
                            Value x = g.pointwise(g.convolution(g.input(), Layer.of(20, 3, 1)), 9);
                            return g.sum(g.product(x, x), g.sum(x, x));
                        }),
                graph(
                        "a 1x1 convolution that two depthwise ones read",
                        g -> {
                            Value x = g.pointwise(g.convolution(g.input(), Layer.of(20, 3, 1)), 40);
                            return g.sum(g.depthwise(x, 3, 1), g.depthwise(x, 5, 1));
                        }),
                graph(
                        "sum of one pixel",
                        new TestGraph(1, 3, 6, 6),
                        g -> {
                            Value x = g.unflatten(g.mean(g.input()));
                            return g.sum(g.pointwise(x, 3), x);
                        }),
                graph(
                        "gate on a vector that is read again",
                        g -> {
                            Value v = g.mean(g.convolution(g.input(), Layer.of(20, 3, 1)));
                            Value gate = g.linear(v, 20, Nonlinearity.SIGMOID);
                            Value gated = g.product(g.unflatten(v), g.unflatten(gate));
                            return g.sum(g.linear(v, 20, Nonlinearity.RELU), g.flatten(gated));
                        }),
                graph(
                        "product with one number a channel, of another size first",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value gate = g.linear(g.mean(x), 20, Nonlinearity.HARD_SIGMOID);
                            Value gated = g.product(x, g.unflatten(gate));
                            return g.sum(gated, x);
                        }),
                graph(
                        "product with one number a pixel",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Layer gate = Layer.of(1, 7, 1).with(Nonlinearity.SIGMOID);
                            return g.product(x, g.convolution(x, gate));
                        }),
                graph(
                        "product of two maps",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            return g.product(g.depthwise(x, 3, 1), x);
                        }),
                graph(
                        "product of maps of one channel",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(1, 3, 1));
                            return g.product(g.convolution(g.input(), Layer.of(1, 5, 1)), x);
                        }));
    }

    static Stream<Arguments> maps() {
        List<Arguments> all = new ArrayList<>();
        for (boolean max : new boolean[] {true, false}) {
            for (int k = 0; k < 8; k++) {
                boolean ceil = k % 2 == 1;
                boolean count = k / 2 % 2 == 1;
                int padding = k / 4;
                Op.Pool pool =
                        new Op.Pool(
                                max,
                                new Op.Pair(3, 2),
                                Op.Pair.of(2),
                                Op.Pair.of(padding),
                                ceil,
                                count);
                all.add(
                        graph(
                                pool.toString(),
                                g -> {
                                    Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                                    int rows = pooled(13, 3, padding, ceil);
                                    int columns = pooled(10, 2, padding, ceil);
                                    return g.add(pool, new Shape(2, 20, rows, columns), x);
                                }));
            }
        }
        for (Nonlinearity function : Nonlinearity.values()) {
            all.add(
                    graph(
                            "function " + function,
                            g -> {
                                Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                                return g.sum(g.function(x, function), x);
                            }));
        }
        for (Op.PerChannel.Kind kind : Op.PerChannel.Kind.values()) {
            all.add(
                    graph(
                            "constant " + kind,
                            g -> g.constant(g.convolution(g.input(), Layer.of(20, 3, 1)), kind)));
        }
        all.add(
                graph(
                        "resize up and down",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value small = g.depthwise(x, 3, 2);
                            return g.sum(g.resize(small, x), g.resize(g.resize(x, small), x));
                        }));
        all.add(
                graph(
                        "resize of one pixel",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            return g.resize(g.unflatten(g.mean(x)), x);
                        }));
        all.add(
                graph(
                        "norms alone",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            return g.sum(g.norm(x), g.norm(g.function(x, Nonlinearity.RELU)));
                        }));
        all.add(
                graph(
                        "flatten of an image",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 3));
                            return g.linear(g.flatten(x), 10, Nonlinearity.IDENTITY);
                        }));
        all.add(
                graph(
                        "dropout",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            return g.add(new Op.Dropout(0.5f), x.shape(), x);
                        }));
        return all.stream();
    }

    private static int pooled(int size, int kernel, int padding, boolean ceil) {
        int windows = (size + 2 * padding - kernel + (ceil ? 1 : 0)) / 2 + 1;
        return ceil && (windows - 1) * 2 >= size + padding ? windows - 1 : windows;
    }

    /** What reads the caller's planes, normalized or not. */
    static Stream<Arguments> inputs() {
        List<Arguments> all = new ArrayList<>();
        for (boolean normalized : new boolean[] {false, true}) {
            Function<TestGraph, Value> input =
                    g -> normalized ? normalized(g, g.input()) : g.input();
            String of = normalized ? " of the normalized input" : " of the input";
            all.add(graph("mean" + of, g -> g.mean(input.apply(g))));
            all.add(
                    graph(
                            "function" + of,
                            g -> g.function(input.apply(g), Nonlinearity.HARD_SWISH)));
            all.add(graph("norm" + of, g -> g.norm(input.apply(g))));
            all.add(graph("1x1" + of, g -> g.pointwise(input.apply(g), 20)));
            all.add(graph("depthwise" + of, g -> g.depthwise(input.apply(g), 3, 2)));
            all.add(
                    graph(
                            "expanded depthwise" + of,
                            g -> g.depthwise(g.pointwise(input.apply(g), 20), 3, 2)));
            all.add(
                    graph(
                            "pool" + of,
                            g ->
                                    g.add(
                                            new Op.Pool(
                                                    true,
                                                    Op.Pair.of(2),
                                                    Op.Pair.of(2),
                                                    Op.Pair.of(0),
                                                    false,
                                                    false),
                                            new Shape(2, 3, 6, 5),
                                            input.apply(g))));
            all.add(graph("flatten" + of, g -> g.flatten(input.apply(g))));
            all.add(
                    graph(
                            "sum" + of,
                            g -> {
                                Value x = input.apply(g);
                                return g.sum(x, g.convolution(x, Layer.of(3, 3, 1)));
                            }));
            all.add(
                    graph(
                            "sum of a 1x1 convolution and" + of.substring(3),
                            g -> {
                                Value x = input.apply(g);
                                Value y = g.convolution(x, Layer.of(20, 3, 1));
                                return g.sum(g.pointwise(y, 3), x);
                            }));
            all.add(
                    graph(
                            "gate" + of,
                            g -> {
                                Value x = input.apply(g);
                                Value gate = g.linear(g.mean(x), 3, Nonlinearity.SIGMOID);
                                return g.product(x, g.unflatten(gate));
                            }));
            all.add(
                    graph(
                            "resize" + of,
                            g -> {
                                Value x = input.apply(g);
                                return g.resize(x, g.convolution(x, Layer.of(5, 3, 2)));
                            }));
            all.add(
                    graph(
                            "resize to the size" + of,
                            g -> {
                                Value x = input.apply(g);
                                return g.resize(g.convolution(x, Layer.of(5, 3, 2)), x);
                            }));
            all.add(
                    graph(
                            "two layers" + of,
                            g -> {
                                Value x = input.apply(g);
                                Value one = g.convolution(x, Layer.of(20, 3, 2));
                                return g.sum(one, g.convolution(x, Layer.of(20, 5, 2)));
                            }));
            all.add(graph("rows" + of, g -> g.rows(input.apply(g), 3)));
        }
        all.add(
                graph(
                        "the input and what is normalized of it",
                        g -> {
                            Value one = g.convolution(normalized(g, g.input()), Layer.of(9, 3, 1));
                            return g.sum(one, g.convolution(g.input(), Layer.of(9, 3, 1)));
                        }));
        all.add(graph("the normalized input itself", g -> normalized(g, g.input())));
        all.add(
                graph(
                        "one channel",
                        new TestGraph(2, 1, 12, 9),
                        g -> g.depthwise(g.convolution(g.input(), Layer.of(20, 3, 2)), 3, 1)));
        all.add(
                graph(
                        "twenty channels",
                        new TestGraph(2, 20, 12, 9),
                        g -> g.depthwise(g.pointwise(normalized(g, g.input()), 20), 3, 1)));
        return all.stream();
    }

    private static Value normalized(TestGraph g, Value input) {
        return g.constant(
                g.constant(input, Op.PerChannel.Kind.SUBTRACT), Op.PerChannel.Kind.DIVIDE);
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                graph(
                        "rows below and beside one another",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value small = g.depthwise(x, 3, 2);
                            Value four =
                                    g.concatenate(
                                            1,
                                            g.rows(g.pointwise(x, 24), 4),
                                            g.rows(g.pointwise(small, 24), 4));
                            Value seven =
                                    g.concatenate(
                                            1,
                                            g.rows(g.pointwise(x, 42), 7),
                                            g.rows(g.pointwise(small, 42), 7));
                            return g.concatenate(2, four, seven);
                        }),
                graph(
                        "probabilities of rows",
                        g -> {
                            Value x = g.convolution(g.input(), Layer.of(20, 3, 1));
                            Value rows = g.rows(g.pointwise(x, 42), 7);
                            return g.add(new Op.Softmax(), rows.shape(), rows);
                        }));
    }
}
