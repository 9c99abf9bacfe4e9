package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A DJL block with one input and one output whose parameters carry PyTorch's names: {@link
 * #getParameters()} gives the state dict, for instance {@code features.0.1.running_mean}.
 */
public abstract class TorchBlock extends AbstractBlock {

    private static final byte VERSION = 1;
    private static final Map<String, String> LEAF_NAMES =
            Map.of(
                    "gamma", "weight",
                    "beta", "bias",
                    "runningMean", "running_mean",
                    "runningVar", "running_var");

    /** Creates a block without children. */
    protected TorchBlock() {
        super(VERSION);
        // DJL names inputs when a block is initialized, but not when it is loaded, and then cannot
        // save it again.
        inputNames = List.of("data0");
    }

    /**
     * Computes the block's output.
     *
     * @param store where parameters are read
     * @param x the input, its shape already accepted by {@link #checkInput(Shape)}
     * @param training whether batch norm uses batch statistics and dropout drops
     * @return the output
     */
    protected abstract NDArray compute(ParameterStore store, NDArray x, boolean training);

    /**
     * Returns the output's shape.
     *
     * @param input the input's shape, already checked
     * @return the output's shape
     */
    protected abstract Shape outputShape(Shape input);

    /**
     * Refuses an input that the block cannot take; by default every shape is taken.
     *
     * @param input the input's shape
     * @throws IllegalArgumentException says what was given and what was expected
     */
    protected void checkInput(Shape input) {}

    /**
     * Initializes the children for an input shape already checked.
     *
     * @param init called once for each child with the shape it will be given
     * @param input this block's input shape
     */
    protected abstract void initializeChildren(ChildInitializer init, Shape input);

    /** Initializes one child block. */
    @FunctionalInterface
    protected interface ChildInitializer {
        /**
         * Initializes a child and gives the shape of its output.
         *
         * @param child the child
         * @param input the shape it will be given
         * @return the shape it returns
         */
        Shape accept(Block child, Shape input);
    }

    /**
     * Runs a child block on one array. Batch norm that is frozen stays as it is: it uses its
     * running statistics and leaves them alone, as Keras' with {@code trainable = False}.
     *
     * @param child the child
     * @param store where parameters are read
     * @param x the child's input
     * @param training whether batch norm uses batch statistics and dropout drops
     * @return the child's output
     */
    protected static NDArray forward(
            Block child, ParameterStore store, NDArray x, boolean training) {
        boolean learns = training && !isFrozenNorm(child);
        return child.forward(store, new NDList(x), learns).singletonOrThrow();
    }

    private static boolean isFrozenNorm(Block child) {
        return child instanceof BatchNorm
                && child.getParameters().values().stream().noneMatch(Parameter::requiresGradient);
    }

    /**
     * Returns the shape that a child block returns.
     *
     * @param child the child
     * @param input the shape that it is given
     * @return the shape of its output
     */
    protected static Shape shapeOf(Block child, Shape input) {
        return child.getOutputShapes(new Shape[] {input})[0];
    }

    /** Takes off DJL's number: {@code 01conv}. */
    static String childName(String key) {
        return key.substring(2);
    }

    /** Accepts {@code (N, C, H, W)} with the given C only, or says what is wrong. */
    final void requireChannels(Shape input, long channels) {
        if (input.dimension() != 4 || input.get(1) != channels) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s takes (N, %d, H, W) but was given %s",
                            getClass().getSimpleName(),
                            channels,
                            input));
        }
    }

    @Override
    protected final NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        checkInput(x.getShape());
        return new NDList(compute(store, x, training));
    }

    @Override
    public final Shape[] getOutputShapes(Shape[] inputShapes) {
        checkInput(inputShapes[0]);
        return new Shape[] {outputShape(inputShapes[0])};
    }

    @Override
    protected final void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        initializeChildren(
                (child, shape) -> {
                    child.initialize(manager, dataType, shape);
                    return shapeOf(child, shape);
                },
                inputShapes[0]);
    }

    @Override
    protected final void beforeInitialize(Shape... inputShapes) {
        checkInput(inputShapes[0]);
        super.beforeInitialize(inputShapes);
    }

    /**
     * The state dict: parameters and running statistics by PyTorch's names, in PyTorch's order. A
     * child without a name has its parameters' names from here on.
     *
     * @return names such as {@code bottlenecks.3.conv1.bn.weight} with their parameters
     */
    @Override
    public ParameterList getParameters() {
        ParameterList all = new ParameterList();
        for (Pair<String, Block> child : getChildren()) {
            String name = childName(child.getKey());
            String prefix = name.isEmpty() ? "" : name + ".";
            for (Pair<String, Parameter> p : child.getValue().getParameters()) {
                all.add(prefix + LEAF_NAMES.getOrDefault(p.getKey(), p.getKey()), p.getValue());
            }
        }
        return all;
    }
}
