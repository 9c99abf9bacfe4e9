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

    /** Creates an empty chain; an empty chain returns its input. */
    public Chain() {}

    /**
     * Appends a block.
     *
     * @param name its name in the state dict, for instance {@code 0} or {@code conv}
     * @param block the block
     * @return this chain
     */
    public final Chain add(String name, Block block) {
        addChildBlock(name, block);
        return this;
    }

    /**
     * Appends a block under its position, as {@code nn.Sequential} names them.
     *
     * @param block the block
     * @return this chain
     */
    public final Chain add(Block block) {
        return add(Integer.toString(getChildren().size()), block);
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
