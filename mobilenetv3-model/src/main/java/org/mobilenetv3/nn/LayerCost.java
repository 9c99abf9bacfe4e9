package org.mobilenetv3.nn;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer of a net with what it costs for one image.
 *
 * @param name PyTorch's name, for instance {@code features.1.block.0.0}
 * @param type the layer's class
 * @param output shape of its output
 * @param parameters trainable values
 * @param multiplyAdds multiply-adds of convolutions and linear layers for the whole input; 0 for
 *     others, as is customary
 */
public record LayerCost(
        String name, String type, Shape output, long parameters, long multiplyAdds) {

    /**
     * Lists a net's layers in the order in which they run, without an engine and without memory.
     *
     * @param net the net, initialised or not
     * @param input shape of its input, {@code (1, C, H, W)} for the cost of one image
     * @return the layers with parameters or a shape of their own
     */
    public static List<LayerCost> of(TorchBlock net, Shape input) {
        List<LayerCost> layers = new ArrayList<>();
        net.getOutputShapes(new Shape[] {input}); // refuses inputs that the net cannot take
        visit("", net, input, layers);
        return layers;
    }

    private static void visit(String prefix, TorchBlock block, Shape input, List<LayerCost> out) {
        block.initializeChildren(
                (child, shape) -> {
                    String name = prefix + nameOf(block, child);
                    if (child instanceof TorchBlock nested && !nested.getChildren().isEmpty()) {
                        visit(name + ".", nested, shape, out);
                    } else if (!(child instanceof Chain)) {
                        out.add(leaf(name, child, shape));
                    }
                    return TorchBlock.shapeOf(child, shape);
                },
                input);
    }

    private static String nameOf(Block parent, Block child) {
        for (Pair<String, Block> pair : parent.getChildren()) {
            if (pair.getValue() == child) {
                return TorchBlock.childName(pair.getKey());
            }
        }
        throw new IllegalArgumentException(child + " is not a child of " + parent);
    }

    private static LayerCost leaf(String name, Block layer, Shape input) {
        Shape output = TorchBlock.shapeOf(layer, input);
        long parameters = 0;
        long weights = 0;
        for (Pair<String, Parameter> p : layer.getParameters()) {
            if (p.getValue().requiresGradient()) {
                parameters += p.getValue().getShape().size();
            }
            if ("weight".equals(p.getKey())) {
                weights = p.getValue().getShape().size();
            }
        }
        long multiplyAdds = 0;
        if (layer instanceof Conv2d) {
            // Every output value is one filter's worth of products.
            multiplyAdds = output.size() / output.get(1) * weights;
        } else if (layer instanceof Linear) {
            multiplyAdds = output.get(0) * weights;
        }
        return new LayerCost(
                name, layer.getClass().getSimpleName(), output, parameters, multiplyAdds);
    }
}
