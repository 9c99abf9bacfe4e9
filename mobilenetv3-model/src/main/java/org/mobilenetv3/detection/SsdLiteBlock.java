package org.mobilenetv3.detection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.TorchBlock;

/**
 * A net that detects by SSDLite (arXiv 1801.04381, section 6.2, as torchvision's {@code
 * ssdlite.py}): {@code (N, C, H, W)} images to {@code (N, anchors, 4 + logits)}, for each of the
 * {@link Anchors} four codes ({@link BoxCoder}) and the logits of background and classes.
 *
 * <p>State dict as torchvision's: {@code backbone.features.0.N.…} up to the tapped row's expansion,
 * {@code backbone.features.1.N.…} for what follows, {@code backbone.extra.N.…}, {@code
 * head.classification_head.module_list.N.…}, {@code head.regression_head.module_list.N.…}.
 */
public final class SsdLiteBlock extends TorchBlock {

    private static final int CODES = 4;

    /** torchvision's {@code _normal_init}. */
    private static final float DEVIATION = 0.03f;

    /** Each makes a map of what the one before made. */
    private final List<Block> maps = new ArrayList<>();

    private final List<Block> classifiers = new ArrayList<>();
    private final List<Block> regressors = new ArrayList<>();
    private final int logits;

    /**
     * Creates the block; weights are drawn from N(0, 0.03).
     *
     * @param trunk the layers up to the last convolution
     * @param tap index of the inverted residual whose expansion is the first map
     * @param channels of each map: the expansion's, the last convolution's, the extra blocks'
     * @param logits classes and background
     * @param conventions of the net
     */
    public SsdLiteBlock(
            List<Block> trunk,
            int tap,
            List<Integer> channels,
            int logits,
            Conventions conventions) {
        this.logits = logits;
        Map<String, Block> before = new LinkedHashMap<>();
        for (int i = 0; i < tap; i++) {
            before.put(Integer.toString(i), trunk.get(i));
        }
        Map<String, Block> row = new LinkedHashMap<>(((InvertedResidual) trunk.get(tap)).layers());
        before.put(Integer.toString(tap), row.remove("0"));
        Map<String, Block> after = new LinkedHashMap<>();
        after.put("0", new Chain(row));
        for (int i = tap + 1; i < trunk.size(); i++) {
            after.put(Integer.toString(i - tap), trunk.get(i));
        }
        maps.add(addChildBlock("backbone.features.0", new Chain(before)));
        maps.add(addChildBlock("backbone.features.1", new Chain(after)));
        for (int i = 2; i < channels.size(); i++) {
            maps.add(
                    addChildBlock(
                            "backbone.extra." + (i - 2),
                            extra(channels.get(i - 1), channels.get(i), conventions)));
        }
        for (int i = 0; i < channels.size(); i++) {
            Block head = head(channels.get(i), logits, conventions);
            classifiers.add(addChildBlock("head.classification_head.module_list." + i, head));
        }
        for (int i = 0; i < channels.size(); i++) {
            Block head = head(channels.get(i), CODES, conventions);
            regressors.add(addChildBlock("head.regression_head.module_list." + i, head));
        }
        setInitializer(
                (manager, shape, type) -> manager.randomNormal(0f, DEVIATION, shape, type),
                Parameter.Type.WEIGHT);
    }

    /** Halves the map. */
    private static Block extra(int in, int out, Conventions conventions) {
        int inner = out / 2;
        return Chain.of(
                conv(in, inner, 1, conventions).build(),
                conv(inner, inner, 3, conventions).optGroups(inner).optStride(2).build(),
                conv(inner, out, 1, conventions).build());
    }

    private static Block head(int in, int columns, Conventions conventions) {
        return Chain.of(
                conv(in, in, 3, conventions).optGroups(in).build(),
                Layers.pointwise(in, (long) Anchors.PER_CELL * columns, true));
    }

    private static ConvBlock.Builder conv(int in, int out, int kernel, Conventions conventions) {
        return ConvBlock.builder(in, out, kernel)
                .optConventions(conventions)
                .optActivation(Nonlinearity.RELU6);
    }

    @Override
    @SuppressWarnings("ModifiedButNotUsed") // the list closes the maps
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        try (NDList made = new NDList();
                NDList codes = new NDList();
                NDList scores = new NDList()) {
            for (int i = 0; i < maps.size(); i++) {
                NDArray before = i == 0 ? x : made.get(i - 1);
                NDArray map = forward(maps.get(i), store, before, training);
                made.add(map);
                codes.add(rows(regressors.get(i), CODES, store, map, training));
                scores.add(rows(classifiers.get(i), logits, store, map, training));
            }
            try (NDArray allCodes = NDArrays.concat(codes, 1);
                    NDArray allScores = NDArrays.concat(scores, 1)) {
                return NDArrays.concat(new NDList(allCodes, allScores), 2);
            }
        }
    }

    /** {@code (N, A * columns, H, W)} to {@code (N, H * W * A, columns)}. */
    private static NDArray rows(
            Block head, int columns, ParameterStore store, NDArray map, boolean training) {
        NDArray y = forward(head, store, map, training);
        if (Graph.isTraced(y)) {
            return Graph.rows(y, columns);
        }
        try (y;
                NDArray last = y.transpose(0, 2, 3, 1)) {
            return last.reshape(y.getShape().get(0), -1, columns);
        }
    }

    @Override
    protected Shape outputShape(Shape input) {
        long cells = 0;
        Shape map = input;
        for (Block next : maps) {
            map = shapeOf(next, map);
            cells += map.get(2) * map.get(3);
        }
        return new Shape(input.get(0), cells * Anchors.PER_CELL, CODES + logits);
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        Shape map = input;
        for (int i = 0; i < maps.size(); i++) {
            map = init.accept(maps.get(i), map);
            init.accept(classifiers.get(i), map);
            init.accept(regressors.get(i), map);
        }
    }
}
