package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;
import java.util.Set;

/**
 * What one layer costs.
 *
 * @param name PyTorch's name, for instance {@code features.1.block.0.0}
 * @param type PyTorch's class
 * @param output shape of its output
 * @param parameters trainable values that no earlier layer has
 * @param multiplyAdds multiply-adds of convolutions and linear layers for the whole input; 0 for
 *     others, as is customary
 * @param activationBytes size of the output in 32-bit floats
 */
public record LayerCost(
        String name,
        String type,
        Shape output,
        long parameters,
        long multiplyAdds,
        long activationBytes) {

    static LayerCost of(Node node, Set<Weight> counted) {
        Shape output = node.output().shape();
        long parameters =
                node.op().weights().stream()
                        .filter(w -> w.trainable() && counted.add(w))
                        .mapToLong(w -> w.shape().size())
                        .sum();
        long multiplyAdds = 0;
        if (node.op() instanceof Op.Convolution conv) {
            // Every output value is one filter's worth of products.
            multiplyAdds = output.size() / output.get(1) * conv.weight().shape().size();
        } else if (node.op() instanceof Op.Linear linear) {
            multiplyAdds = output.get(0) * linear.weight().shape().size();
        }
        return new LayerCost(
                node.name(),
                node.op().type(),
                output,
                parameters,
                multiplyAdds,
                Float.BYTES * output.size());
    }
}
