package org.mobilenetv3.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.Random;
import org.mobilenetv3.runtime.TorchRuntime;

/** Nets with numbers in them, and what DJL computes with them. */
final class Engine implements AutoCloseable {

    private final Random random = new Random(1);
    private final NDManager manager;

    Engine() {
        TorchRuntime.start();
        manager = NDManager.newBaseManager("PyTorch");
    }

    /** Fills all parameters, running statistics too, so that no layer does nothing. */
    <B extends Block> B filled(B net, Shape input) {
        net.initialize(manager, DataType.FLOAT32, input);
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            boolean vector = array.getShape().dimension() == 1;
            String name = p.getValue().getName();
            boolean scale = "gamma".equals(name) || "runningVar".equals(name);
            double fan = vector ? 10 : array.getShape().slice(1).size();
            float[] numbers = new float[(int) array.size()];
            for (int i = 0; i < numbers.length; i++) {
                double normal = random.nextGaussian();
                numbers[i] = (float) (scale ? 1 + Math.abs(normal) / 2 : normal / Math.sqrt(fan));
            }
            array.set(numbers);
        }
        return net;
    }

    float[] input(Shape shape) {
        float[] x = new float[(int) shape.size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    float[] forward(Block net, Shape shape, float[] x) {
        NDList input = new NDList(manager.create(x, shape));
        return net.forward(new ParameterStore(manager, false), input, false)
                .singletonOrThrow()
                .toFloatArray();
    }

    /** Requires of a graph what the net computes in inference. */
    void assertComputes(Graph graph, Block net) {
        Shape shape = graph.input().shape();
        float[] x = input(shape);
        float[] expected = forward(net, shape, x);
        double[] actual = Interpreter.run(graph, x);
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                    .as("value %d", i)
                    .isCloseTo(
                            expected[i],
                            within(1e-5 * Math.max(1, Math.abs((double) expected[i]))));
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
