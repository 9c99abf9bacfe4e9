package org.mobilenetv3.elastic;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ParameterNames;

/**
 * A net within a larger one, of whose weights it uses a part, as in "Once for All" (Cai et al.
 * 2020): some of the blocks, the first channels of each expansion, the middle of each kernel, the
 * gate or not. Only batch norm's running statistics are its own.
 */
public final class Subnet {

    /** Where a gate's hard sigmoid reaches 1. */
    private static final float OPEN = 3;

    private final Architecture whole;
    private final Architecture part;
    private final List<Integer> rows;
    private final Map<String, Window> sources;

    /**
     * Checks that the part lies within the whole.
     *
     * @param whole the larger net
     * @param part the net within it
     * @param rows for each block of the part, which block of the whole it is, counted from 0
     * @throws IllegalArgumentException in one sentence, if it does not
     */
    public Subnet(Architecture whole, Architecture part, List<Integer> rows) {
        this.whole = whole;
        this.part = part;
        this.rows = List.copyOf(rows);
        requireElastic(whole);
        require(
                part.conventions().equals(whole.conventions())
                        && part.stem().equals(whole.stem())
                        && part.inputChannels() == whole.inputChannels()
                        && part.classes() == whole.classes(),
                part,
                "begins or ends otherwise");
        require(
                rows.size() == part.blocks().size(),
                part,
                "has blocks of which it is not told which they are");
        int before = -1;
        int at = 0;
        for (int row : rows) {
            require(
                    row > before && row < whole.blocks().size(),
                    part,
                    "has blocks in another order");
            for (int left = before + 1; left < row; left++) {
                requireOptional(left);
            }
            requireWithin(at++, row);
            before = row;
        }
        for (int left = before + 1; left < whole.blocks().size(); left++) {
            requireOptional(left);
        }
        sources = find();
    }

    /**
     * Returns the larger net.
     *
     * @return its architecture
     */
    public Architecture whole() {
        return whole;
    }

    /**
     * Returns the net within it.
     *
     * @return its architecture
     */
    public Architecture part() {
        return part;
    }

    /**
     * Returns which blocks the part has.
     *
     * @return for each of its blocks, which block of the whole it is, counted from 0
     */
    public List<Integer> rows() {
        return rows;
    }

    /**
     * Refuses nets whose parts cannot be told.
     *
     * @param net an architecture
     * @throws IllegalArgumentException in one sentence, if it is no classifier of inverted
     *     residuals with torchvision's names
     */
    public static void requireElastic(Architecture net) {
        net.requireTask(Task.CLASSIFY, "A net with subnets");
        boolean names = net.conventions().names() == ParameterNames.MOBILENET_V3;
        boolean plain =
                net.blocks().stream().allMatch(InvertedResidual.Spec.class::isInstance)
                        && net.last().groups() == 1;
        if (!names || !plain) {
            throw new IllegalArgumentException(
                    "%s cannot have subnets: its blocks are no inverted residuals of MobileNetV3."
                            .formatted(net.name()));
        }
    }

    private static void require(boolean ok, Architecture part, String reason) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "%s is no part of the larger net: it %s.".formatted(part.name(), reason));
        }
    }

    private void requireOptional(int row) {
        require(
                spec(whole, row).residual(),
                part,
                String.format(Locale.ROOT, "lacks block %d, which is no residual", row));
    }

    private void requireWithin(int at, int row) {
        InvertedResidual.Spec small = spec(part, at);
        InvertedResidual.Spec large = spec(whole, row);
        require(
                small.kernel() <= large.kernel()
                        && small.expanded() <= large.expanded()
                        && small.out() <= large.out()
                        && small.squeeze() <= large.squeeze()
                        && small.spatial() == large.spatial()
                        && small.activation() == large.activation()
                        && small.rowStride() == large.rowStride()
                        && small.columnStride() == large.columnStride()
                        && small.dilation() == large.dilation()
                        && small.expand() == large.expand()
                        && small.residual() == large.residual(),
                part,
                String.format(Locale.ROOT, "has a block %d that is no part of block %d", at, row));
    }

    private static InvertedResidual.Spec spec(Architecture net, int row) {
        BlockSpec spec = net.blocks().get(row);
        return (InvertedResidual.Spec) spec;
    }

    /**
     * Finds the place of each of the part's parameters in the larger net.
     *
     * @return by the names of the part's state dict, in its order; running statistics, too, though
     *     a part has its own
     */
    public Map<String, Window> sources() {
        return sources;
    }

    private Map<String, Window> find() {
        Map<String, Shape> large = shapes(whole);
        Map<String, String> renamed = renamed();
        Map<String, Window> found = new LinkedHashMap<>();
        shapes(part)
                .forEach(
                        (name, shape) -> {
                            String from =
                                    renamed.entrySet().stream()
                                            .filter(e -> name.startsWith(e.getKey()))
                                            .findFirst()
                                            .map(
                                                    e ->
                                                            e.getValue()
                                                                    + name.substring(
                                                                            e.getKey().length()))
                                            .orElse(name);
                            require(large.containsKey(from), part, "has a parameter " + name);
                            found.put(name, new Window(from, large.get(from), shape));
                        });
        return Collections.unmodifiableMap(found);
    }

    /** Beginnings of names in the whole by those in the part, where they may differ. */
    private Map<String, String> renamed() {
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            List<String> own = layers(spec(part, i));
            List<String> all = layers(spec(whole, rows.get(i)));
            for (String layer : own) {
                names.put(
                        String.format(
                                Locale.ROOT, "features.%d.block.%d.", i + 1, own.indexOf(layer)),
                        String.format(
                                Locale.ROOT,
                                "features.%d.block.%d.",
                                rows.get(i) + 1,
                                all.indexOf(layer)));
            }
        }
        names.put(
                String.format(Locale.ROOT, "features.%d.", part.blocks().size() + 1),
                String.format(Locale.ROOT, "features.%d.", whole.blocks().size() + 1));
        return names;
    }

    /** A block's layers in running order, by what they do. */
    private static List<String> layers(InvertedResidual.Spec spec) {
        List<String> layers = new ArrayList<>();
        if (spec.expand()) {
            layers.add("expand");
        }
        layers.add("filter");
        if (spec.squeeze() > 0) {
            layers.add("gate");
        }
        if (spec.spatial()) {
            layers.add("spatial");
        }
        layers.add("project");
        return layers;
    }

    private static Map<String, Shape> shapes(Architecture net) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : MobileNetV3.of(net).getParameters()) {
            shapes.put(p.getKey(), p.getValue().getShape());
        }
        return shapes;
    }

    /**
     * Takes the part's weights from those of the larger net.
     *
     * @param weights the state dict of the larger net
     * @param statistics the part's running statistics by its own names; where one is missing, the
     *     larger net's are taken
     * @return the part's state dict
     * @throws IOException if numbers cannot be read
     */
    public Map<String, Tensor> extract(Map<String, Tensor> weights, Map<String, Tensor> statistics)
            throws IOException {
        Map<String, Tensor> own = new LinkedHashMap<>();
        for (Map.Entry<String, Window> source : sources.entrySet()) {
            Tensor statistic = statistics.get(source.getKey());
            Window window = source.getValue();
            own.put(
                    source.getKey(),
                    statistic != null ? statistic : window.of(weights.get(window.parameter())));
        }
        return own;
    }

    /**
     * Puts the part's weights into the larger net, such that the larger net answers as the part
     * does (Chen et al. 2016, "Net2Net"): channels of the part take nothing from those that it has
     * not, kernels are zero around its own, and gates that it lacks are open. It must have all
     * blocks.
     *
     * @param weights the part's state dict
     * @param others the larger net's state dict, for instance of random weights, whose numbers
     *     other channels keep
     * @return the larger net's state dict
     * @throws IOException if numbers cannot be read
     * @throws IllegalArgumentException if the part lacks blocks
     */
    public Map<String, Tensor> embed(Map<String, Tensor> weights, Map<String, Tensor> others)
            throws IOException {
        require(rows.size() == whole.blocks().size(), part, "lacks blocks");
        Map<String, Tensor> all = new LinkedHashMap<>(others);
        for (Map.Entry<String, Window> source : sources.entrySet()) {
            String name = source.getValue().parameter();
            Tensor whole = others.get(name);
            all.put(name, source.getValue().embed(weights.get(source.getKey()), whole));
        }
        for (int row = 0; row < rows.size(); row++) {
            int gate = layers(spec(whole, row)).indexOf("gate");
            if (gate >= 0 && spec(part, row).squeeze() == 0) {
                String layer =
                        String.format(Locale.ROOT, "features.%d.block.%d.fc2.", row + 1, gate);
                open(all, layer + "weight", spec(part, row).expanded(), 0);
                open(all, layer + "bias", spec(part, row).expanded(), OPEN);
            }
        }
        return all;
    }

    private static void open(Map<String, Tensor> all, String name, int channels, float value)
            throws IOException {
        Tensor tensor = all.get(name);
        float[] numbers = tensor.floats().clone();
        Arrays.fill(numbers, 0, numbers.length / (int) tensor.shape().get(0) * channels, value);
        all.put(name, Tensor.of(tensor.shape(), numbers));
    }
}
