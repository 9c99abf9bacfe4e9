package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named blocks, one after another: PyTorch's {@code nn.Sequential}. Unlike DJL's sequential block
 * it keeps the names and frees each intermediate array as soon as the next one is there.
 */
public class Chain extends TorchBlock {

    /**
     * Creates a chain; an empty one returns its input.
     *
     * @param blocks in running order by their names in the state dict, for instance {@code conv}
     */
    public Chain(Map<String, Block> blocks) {
        blocks.forEach(this::addChildBlock);
    }

    /**
     * Creates a chain whose blocks are named by their position, as {@code nn.Sequential} does.
     *
     * @param blocks in running order
     * @return the chain
     */
    public static Chain of(Block... blocks) {
        Map<String, Block> named = new LinkedHashMap<>();
        for (Block block : blocks) {
            named.put(Integer.toString(named.size()), block);
        }
        return new Chain(named);
    }

    /**
     * Lists the blocks in running order by their names in the state dict; a chain among them is
     * replaced by its own blocks, for instance {@code features.3}.
     *
     * @return name and block
     */
    public final Map<String, Block> layers() {
        Map<String, Block> layers = new LinkedHashMap<>();
        for (Pair<String, Block> child : getChildren()) {
            String name = childName(child.getKey());
            if (child.getValue() instanceof Chain chain) {
                chain.layers().forEach((inner, block) -> layers.put(name + "." + inner, block));
            } else {
                layers.put(name, child.getValue());
            }
        }
        return layers;
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        NDArray current = x;
        for (Block child : getChildren().values()) {
            NDArray next = forward(child, store, current, training);
            if (current != x && next != current) {
                current.close();
            }
            current = next;
        }
        return current;
    }

    @Override
    protected Shape outputShape(Shape input) {
        Shape shape = input;
        for (Block child : getChildren().values()) {
            shape = shapeOf(child, shape);
        }
        return shape;
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        Shape shape = input;
        for (Block child : getChildren().values()) {
            shape = init.accept(child, shape);
        }
    }
}
