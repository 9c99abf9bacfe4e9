package org.mobilenetv3.vector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.nio.FloatBuffer;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.runtime.TorchRuntime;

/** Nets with numbers in them, and what libtorch computes with them. */
final class Nets implements AutoCloseable {

    /** How far from libtorch a number may be, as a share of the largest. */
    static final double CLOSE = 1e-5;

    private final NDManager manager;

    Nets() {
        TorchRuntime.start();
        manager = NDManager.newBaseManager("PyTorch");
    }

    /** A net whose norms and running statistics are not the initial zeros and ones. */
    MobileNetV3 net(Architecture architecture, Shape shape) {
        MobileNetV3 net = MobileNetV3.of(architecture);
        net.initialize(manager, DataType.FLOAT32, shape);
        Random random = new Random(3);
        for (Pair<String, Parameter> entry : net.getParameters()) {
            NDArray array = entry.getValue().getArray();
            array.setRequiresGradient(false);
            if (array.getShape().dimension() == 1) {
                float[] values = array.toFloatArray();
                boolean variance = entry.getKey().endsWith("running_var");
                for (int i = 0; i < values.length; i++) {
                    double normal = random.nextGaussian();
                    values[i] =
                            (float) (variance ? 0.5 + random.nextDouble() : values[i] + normal / 8);
                }
                array.set(values);
            }
        }
        return net;
    }

    /** What DJL computes, operation by operation. */
    float[] libtorch(Block net, float[] x, Shape shape) {
        try (NDManager scope = manager.newSubManager()) {
            NDList input = new NDList(scope.create(x, shape));
            return net.forward(new ParameterStore(scope, false), input, false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    static Graph graph(Block net, Shape shape) {
        return Passes.forInference(Graph.trace(net, shape));
    }

    static float[] gaussian(Shape shape, long seed) {
        Random random = new Random(seed);
        float[] x = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    static float[] run(Graph graph, VectorNet.Mode mode, int threads, float[] x, Shape shape) {
        try (VectorNet net = new VectorNet(graph, threads, mode)) {
            return net.run(FloatBuffer.wrap(x), shape);
        }
    }

    /** Requires libtorch's numbers, and the same bits of both kinds of kernels and of threads. */
    static void assertComputes(Graph graph, float[] x, Shape shape, float[] libtorch) {
        float[] vector = run(graph, VectorNet.Mode.VECTOR, 1, x, shape);
        assertClose(vector, libtorch);
        assertThat(run(graph, VectorNet.Mode.SCALAR, 1, x, shape)).isEqualTo(vector);
        assertThat(run(graph, VectorNet.Mode.VECTOR, 2, x, shape)).isEqualTo(vector);
        assertThat(run(graph, VectorNet.Mode.VECTOR, 3, x, shape)).isEqualTo(vector);
        assertThat(run(graph, VectorNet.Mode.SCALAR, 3, x, shape)).isEqualTo(vector);
    }

    static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            // A number that is none differs.
            double apart = Math.abs((double) expected[i] - actual[i]);
            difference = apart <= difference ? difference : apart;
        }
        assertThat(largest).isPositive();
        assertThat(difference / largest).isLessThanOrEqualTo(CLOSE);
    }

    @Override
    public void close() {
        manager.close();
    }
}
