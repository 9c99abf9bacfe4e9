package org.mobilenetv3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.nn.ConvBlock;

/**
 * A net's feature maps, the finest first: {@code (N, C, H, W)} images to one {@code (N, channels,
 * ceil(H / stride), ceil(W / stride))} for each stride 2, 4, 8, 16, 32 (1, 2, 4, 8, 16 with stem
 * stride 1), named {@code stride2} and so on.
 *
 * <p>Each is the last map of its stride: what the next block with stride 2 reads, and at the end
 * the output of the last convolution (960 channels in Large, 576 in Small, times the width). These
 * are the maps of timm's {@code features_only=True}.
 *
 * <p>The parameters are the net's own, under the net's names: what either learns the other has
 * learned. Get one from {@link MobileNetV3#features()}, before or after the net is initialized.
 */
public final class FeaturePyramid extends AbstractBlock {

    private static final byte VERSION = 1;

    private final List<Stage> stages = new ArrayList<>();
    private final List<Integer> strides = new ArrayList<>();
    private final List<Integer> channels = new ArrayList<>();

    /**
     * Cuts a net before each layer that shrinks the map.
     *
     * @param net whose layers to share
     * @throws IllegalArgumentException if the net does not classify
     */
    FeaturePyramid(MobileNetV3 net) {
        super(VERSION);
        net.architecture().requireTask(Task.CLASSIFY, "A feature pyramid");
        int side = net.architecture().minimumInputSize();
        Shape shape = new Shape(1, net.architecture().inputChannels(), side, side);
        Map<String, Block> stage = new LinkedHashMap<>();
        for (Map.Entry<String, Block> layer : convolutions(net)) {
            Shape next = layer.getValue().getOutputShapes(new Shape[] {shape})[0];
            if (next.get(2) < shape.get(2) && !stage.isEmpty()) {
                add(net, stage, side, shape);
                stage.clear();
            }
            stage.put(layer.getKey(), layer.getValue());
            shape = next;
        }
        add(net, stage, side, shape);
    }

    /** The layers up to the last convolution with batch norm; a head follows. */
    private static List<Map.Entry<String, Block>> convolutions(MobileNetV3 net) {
        List<Map.Entry<String, Block>> layers = new ArrayList<>(net.layers().entrySet());
        while (!(layers.get(layers.size() - 1).getValue() instanceof ConvBlock)) {
            layers.remove(layers.size() - 1);
        }
        return layers;
    }

    private void add(MobileNetV3 net, Map<String, Block> layers, int side, Shape map) {
        int stride = side / Math.toIntExact(map.get(2));
        Stage stage = new Stage(net, stages.isEmpty(), layers);
        stages.add(addChildBlock("stride" + stride, stage));
        strides.add(stride);
        channels.add(Math.toIntExact(map.get(1)));
    }

    /**
     * Returns how many pixels of the image, in either direction, make one of each map.
     *
     * @return the finest map's first: 2, 4, 8, 16, 32, or 1, 2, 4, 8, 16 with stem stride 1
     */
    public List<Integer> strides() {
        return List.copyOf(strides);
    }

    /**
     * Returns the number of channels of each map.
     *
     * @return in the order of {@link #strides()}, for instance 16, 24, 40, 112, 960
     */
    public List<Integer> channels() {
        return List.copyOf(channels);
    }

    /**
     * Returns the blocks that make the maps: the first reads images, each other the map before.
     *
     * @return by the maps' names, the finest first
     */
    public Map<String, Block> stages() {
        Map<String, Block> named = new LinkedHashMap<>();
        for (int i = 0; i < stages.size(); i++) {
            named.put("stride" + strides.get(i), stages.get(i));
        }
        return named;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        NDList maps = new NDList();
        for (Stage stage : stages) {
            x = stage.forward(store, new NDList(x), training).singletonOrThrow();
            maps.add(x);
        }
        for (int i = 0; i < maps.size(); i++) {
            maps.get(i).setName("stride" + strides.get(i));
        }
        return maps;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        Shape[] shapes = new Shape[stages.size()];
        Shape shape = inputShapes[0];
        for (int i = 0; i < shapes.length; i++) {
            shape = stages.get(i).getOutputShapes(new Shape[] {shape})[0];
            shapes[i] = shape;
        }
        return shapes;
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape[] shapes = getOutputShapes(inputShapes);
        for (int i = 0; i < shapes.length; i++) {
            Shape input = i == 0 ? inputShapes[0] : shapes[i - 1];
            stages.get(i).initialize(manager, dataType, input);
        }
    }

    /**
     * The parameters and running statistics of the layers that make the maps.
     *
     * @return the net's names, for instance {@code features.0.0.weight}, with the net's parameters
     */
    @Override
    public ParameterList getParameters() {
        ParameterList all = new ParameterList();
        stages.forEach(stage -> all.addAll(stage.getParameters()));
        return all;
    }
}
