package org.mobilenetv3.segmentation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.ActivationBlock;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.TorchBlock;

/**
 * A net that segments by LR-ASPP (arXiv 1905.02244, section 6.4, as torchvision's {@code
 * lraspp.py}): {@code (N, C, H, W)} images to {@code (N, classes, H, W)} logits, in the size of the
 * image.
 *
 * <p>The trunk's last map, reduced to the inner channels, is multiplied by a gate made from its own
 * mean, enlarged to the low map's size, and classified; the low map's own classes are added.
 *
 * <p>State dict as torchvision's: {@code backbone.N.…}, {@code classifier.cbr.0.weight, cbr.1.*,
 * scale.1.weight, low_classifier.*, high_classifier.*}.
 */
public final class LrAsppBlock extends TorchBlock {

    /** Among the modes of DJL, which it then translates into libtorch's. */
    private static final int BILINEAR = 1;

    private static final String TRUNK = "backbone";

    private final Chain start;
    private final Chain rest;
    private final Chain reduce;
    private final Block scale;
    private final Block lowClassifier;
    private final Block highClassifier;
    private final int inner;

    /**
     * How many channels there are.
     *
     * @param low of the low map
     * @param high of the trunk's last map
     * @param inner of the last map before its classes
     * @param classes of the output
     */
    public record Channels(int low, int high, int inner, int classes) {}

    /**
     * Creates the block.
     *
     * @param trunk the layers up to the last convolution
     * @param low index of the layer whose output is the low map
     * @param channels of the maps and the output
     * @param momentum of the head's batch norm, or 0 for PyTorch's
     */
    public LrAsppBlock(List<Block> trunk, int low, Channels channels, float momentum) {
        inner = channels.inner;
        start = addChildBlock(TRUNK, numbered(trunk, 0, low + 1));
        rest = addChildBlock(TRUNK, numbered(trunk, low + 1, trunk.size()));
        Block norm = Layers.batchNorm(inner, Norm.PYTORCH.withMomentum(momentum));
        reduce =
                addChildBlock(
                        "classifier.cbr",
                        Chain.of(
                                Layers.plainPointwise(channels.high, inner, false),
                                norm,
                                new ActivationBlock(Nonlinearity.RELU)));
        scale =
                addChildBlock(
                        "classifier.scale.1", Layers.plainPointwise(channels.high, inner, false));
        lowClassifier =
                addChildBlock(
                        "classifier.low_classifier",
                        Layers.plainPointwise(channels.low, channels.classes, true));
        highClassifier =
                addChildBlock(
                        "classifier.high_classifier",
                        Layers.plainPointwise(inner, channels.classes, true));
    }

    /** Part of the trunk, each layer under its number there. */
    private static Chain numbered(List<Block> trunk, int from, int to) {
        Map<String, Block> part = new LinkedHashMap<>();
        for (int i = from; i < to; i++) {
            part.put(Integer.toString(i), trunk.get(i));
        }
        return new Chain(part);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDArray low = forward(start, store, x, training);
                NDArray ofLow = forward(lowClassifier, store, low, training);
                NDArray high = forward(rest, store, low, training);
                NDArray gated = gated(store, high, training);
                NDArray enlarged = resize(gated, low);
                NDArray ofHigh = forward(highClassifier, store, enlarged, training);
                NDArray logits = ofLow.add(ofHigh)) {
            return resize(logits, x);
        }
    }

    private NDArray gated(ParameterStore store, NDArray high, boolean training) {
        try (NDArray reduced = forward(reduce, store, high, training);
                NDArray mean = GlobalAveragePool.keepingAxes(high);
                NDArray weighted = forward(scale, store, mean, training);
                NDArray gate = Nonlinearity.SIGMOID.apply(weighted)) {
            return reduced.mul(gate);
        }
    }

    /**
     * Bilinear, corners not aligned: {@code F.interpolate}. DJL would antialias where the image
     * shrinks, but here it never does.
     */
    private static NDArray resize(NDArray x, NDArray like) {
        if (Graph.isTraced(x)) {
            return Graph.resize(x, like);
        }
        long[] size = like.getShape().slice(2).getShape();
        return x.getNDArrayInternal().interpolation(size, BILINEAR, false);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return shapeOf(lowClassifier, shapeOf(start, input)).slice(0, 2).addAll(input.slice(2));
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        Shape low = init.accept(start, input);
        Shape high = init.accept(rest, low);
        init.accept(reduce, high);
        init.accept(scale, GlobalAveragePool.keepingAxes(high));
        init.accept(lowClassifier, low);
        init.accept(highClassifier, new Shape(low.get(0), inner).addAll(low.slice(2)));
    }
}
