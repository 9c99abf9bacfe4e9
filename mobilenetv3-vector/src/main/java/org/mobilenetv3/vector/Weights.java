package org.mobilenetv3.vector;

import java.util.List;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;

/** A graph's weights, packed for some kernels. */
final class Weights {

    private Weights() {}

    /** Reads all weights: by node, null where one has none. */
    static Packed[] pack(Graph graph, Kernels kernels) {
        Packed[] packed = new Packed[graph.nodes().size()];
        for (int i = 0; i < packed.length; i++) {
            Op op = graph.nodes().get(i).op();
            if (op instanceof Op.Layer layer) {
                float[] weight = layer.weight().values().get();
                float[] bias = layer.bias() == null ? null : layer.bias().values().get();
                if (op instanceof Op.Convolution c && c.groups() > 1 && !c.isDepthwise()) {
                    weight = dense(weight, outputs(op), c.groups());
                }
                packed[i] = pack(op, weight, bias, kernels);
            } else if (op instanceof Op.BatchNorm norm) {
                packed[i] = pack(norm, kernels);
            }
        }
        return packed;
    }

    /** The same for other kernels; reads no weights, which may have changed. */
    static Packed[] repack(Graph graph, Packed[] rows, Kernels kernels) {
        Packed[] packed = new Packed[rows.length];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != null) {
                Op op = graph.nodes().get(i).op();
                packed[i] = pack(op, rows[i].weight(outputs(op)), rows[i].bias(), kernels);
            }
        }
        return packed;
    }

    /** The graph without its weights' numbers, so that nobody keeps them in memory. */
    static Graph drop(Graph graph) {
        List<Node> nodes =
                graph.nodes().stream()
                        .map(n -> new Node(n.name(), drop(n.op()), n.inputs(), n.output()))
                        .toList();
        return new Graph(graph.input(), graph.output(), nodes);
    }

    private static Op drop(Op op) {
        if (op instanceof Op.Layer layer) {
            return layer.with(drop(layer.weight()), drop(layer.bias()));
        }
        if (op instanceof Op.BatchNorm norm) {
            Weight none = drop(norm.weight());
            return new Op.BatchNorm(none, none, none, none, norm.epsilon(), norm.momentum());
        }
        return op;
    }

    private static Weight drop(Weight w) {
        return w == null ? null : new Weight(w.name(), w.shape(), w.trainable(), () -> null);
    }

    private static Packed pack(Op op, float[] weight, float[] bias, Kernels kernels) {
        int outputs = outputs(op);
        int inputs = weight.length / outputs;
        boolean alone = op instanceof Op.BatchNorm;
        return alone || (op instanceof Op.Convolution c && c.isDepthwise())
                ? kernels.filters(weight, bias, outputs, inputs)
                : kernels.matrix(weight, bias, outputs, inputs);
    }

    private static int outputs(Op op) {
        return Math.toIntExact(op.weights().get(0).shape().get(0));
    }

    /** A norm as a depthwise filter of one tap. */
    private static Packed pack(Op.BatchNorm norm, Kernels kernels) {
        float[] gamma = norm.weight().values().get();
        float[] beta = norm.bias().values().get();
        float[] mean = norm.mean().values().get();
        float[] variance = norm.variance().values().get();
        float[] weight = new float[gamma.length];
        float[] bias = new float[gamma.length];
        for (int c = 0; c < gamma.length; c++) {
            double scale = gamma[c] / Math.sqrt((double) variance[c] + norm.epsilon());
            weight[c] = (float) scale;
            bias[c] = (float) (beta[c] - mean[c] * scale);
        }
        return pack(norm, weight, bias, kernels);
    }

    /** A convolution of all channels that does what one of groups does. */
    private static float[] dense(float[] weight, int outputs, int groups) {
        int filter = weight.length / outputs;
        float[] dense = new float[weight.length * groups];
        for (int o = 0; o < outputs; o++) {
            int group = o / (outputs / groups);
            System.arraycopy(weight, o * filter, dense, (o * groups + group) * filter, filter);
        }
        return dense;
    }
}
