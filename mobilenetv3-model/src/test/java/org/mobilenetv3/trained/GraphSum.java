package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Weight;

/** Computes nothing of a graph but a sum over its operations and all its numbers. */
final class GraphSum implements GraphRunner {

    private final long sum;

    /** Opens nets and prints their sums: the whole program of a JVM without engines. */
    public static void main(String[] paths) throws Exception {
        for (String path : paths) {
            try (GraphNet net = GraphNet.open(Path.of(path), null, 1, new Provider())) {
                int height = net.description().preprocessing().height();
                int width = net.description().preprocessing().width();
                Shape shape = new Shape(1, 3, height, width);
                FloatBuffer images = FloatBuffer.allocate((int) shape.size());
                System.out.println((long) net.logits(images, shape)[0]);
            }
        }
    }

    private GraphSum(long sum) {
        this.sum = sum;
    }

    @Override
    public float[] run(FloatBuffer images, Shape shape) {
        return new float[] {(float) sum};
    }

    /** Of 24 bits, which a float holds. */
    static long of(Graph graph) {
        CRC32 sum = new CRC32();
        for (Node node : graph.nodes()) {
            sum.update(
                    (node.name() + node.inputs() + node.output() + kind(node.op()))
                            .getBytes(StandardCharsets.UTF_8));
            for (Weight weight : node.op().weights()) {
                sum.update((weight.name() + weight.shape()).getBytes(StandardCharsets.UTF_8));
                sum.update(Tensor.littleEndian(weight.values().get()));
            }
        }
        return sum.getValue() >> 8;
    }

    /** All but the weights, whose suppliers have no equals. */
    private static String kind(Op op) {
        if (op instanceof Op.Convolution c) {
            return Arrays.asList(c.stride(), c.padding(), c.dilation(), c.groups(), c.function())
                    .toString();
        }
        if (op instanceof Op.PerChannel constant) {
            return constant.toString();
        }
        return op instanceof Op.Linear linear ? linear.function().toString() : op.type();
    }

    @Override
    public void close() {}

    static final class Provider implements GraphRunner.Provider {
        long sum;

        @Override
        public String name() {
            return "sum";
        }

        @Override
        public GraphRunner open(Graph graph, int threads) {
            sum = of(graph);
            return new GraphSum(sum);
        }
    }
}
