package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Architecture.Stem;
import org.mobilenetv3.Head;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.Head.SsdLite;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * Reads what shapes tell of a net: kernels and channels of every block. Strides, activations,
 * padding and epsilon they do not tell; these come from an architecture with as many blocks.
 */
final class ChannelReader {

    /** Block, then layer: of torchvision's V3 and V2, timm's, the article's, and Paddle's. */
    private static final Pattern BLOCK =
            Pattern.compile(
                    "((?:features|backbone)\\.\\d+\\.(?:block|conv)|blocks\\.\\d+\\.\\d+(?=\\.(?:conv_|se\\.))|bottlenecks\\.\\d+|blocks\\.\\d+(?=\\.(?:[a-z]+_conv|mid_se)\\.))\\.(.*)\\.weight");

    /** The layers of a block that has a gate, and the depthwise one where its name tells it. */
    private static final Pattern SQUEEZE = Pattern.compile(".*fc1|se\\.conv_reduce|mid_se\\.conv1");

    private static final Pattern EXCITE = Pattern.compile(".*fc2|se\\.conv_expand|mid_se\\.conv2");

    /** In torchvision's names, the only ones that have it. */
    private static final Pattern SPATIAL = Pattern.compile("\\d+\\.conv");

    /** SSDLite's trunk up to the tapped row's expansion, and from there on. */
    private static final String START = "backbone.features.0.";

    private static final Pattern TAPPED =
            Pattern.compile("backbone\\.features\\.0\\.(\\d{1,4})\\.0\\.weight");

    private static final Pattern AFTER_TAP =
            Pattern.compile("backbone\\.features\\.1\\.(\\d{1,4})\\.(.*)");

    private static final Pattern DEPTHWISE = Pattern.compile("conv_dw|bottleneck_conv\\..*");

    /** The convolutions' shapes of each block by the layer's name, in the order of the blocks. */
    private final List<Map<String, Shape>> blocks = new ArrayList<>();

    private final Map<String, Shape> shapes;

    /**
     * Sorts shapes by blocks.
     *
     * @param shapes of a state dict's tensors by its names
     */
    ChannelReader(Map<String, Shape> shapes) {
        this.shapes = asTrunk(shapes);
        Map<String, Map<String, Shape>> byPrefix = new TreeMap<>(ChannelReader::compareNumbers);
        this.shapes.forEach(
                (name, shape) -> {
                    Matcher m = BLOCK.matcher(name);
                    if (m.matches() && shape.dimension() == 4) {
                        byPrefix.computeIfAbsent(
                                        m.group(1),
                                        k -> new TreeMap<>(ChannelReader::compareNumbers))
                                .put(m.group(2), shape);
                    }
                });
        blocks.addAll(byPrefix.values());
    }

    /** SSDLite's trunk under the names that it has in a classifier. */
    private static Map<String, Shape> asTrunk(Map<String, Shape> shapes) {
        int tap =
                shapes.keySet().stream()
                        .map(TAPPED::matcher)
                        .filter(Matcher::matches)
                        .mapToInt(m -> Integer.parseInt(m.group(1)))
                        .max()
                        .orElse(0);
        if (!shapes.containsKey(NetFinder.SSD_LITE_STEM) || tap == 0) {
            return shapes;
        }
        Map<String, Shape> trunk = new LinkedHashMap<>(shapes);
        String row = "features." + tap + ".block.";
        shapes.forEach(
                (name, shape) -> {
                    Matcher after = AFTER_TAP.matcher(name);
                    if (TAPPED.matcher(name).matches() && name.startsWith(START + tap + ".")) {
                        trunk.put(row + "0." + name.substring((START + tap + ".").length()), shape);
                    } else if (name.startsWith(START)) {
                        trunk.put("features." + name.substring(START.length()), shape);
                    } else if (after.matches()) {
                        int place = Integer.parseInt(after.group(1));
                        String layer = place == 0 ? row : "features." + (tap + place) + ".";
                        trunk.put(layer + after.group(2), shape);
                    }
                });
        return trunk;
    }

    /** By their parts between points, numbers as numbers. */
    private static int compareNumbers(String a, String b) {
        String[] left = a.split("\\.", -1);
        String[] right = b.split("\\.", -1);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = left[i].matches("\\d{1,9}") && right[i].matches("\\d{1,9}");
            int order =
                    numbers
                            ? Integer.compare(Integer.parseInt(left[i]), Integer.parseInt(right[i]))
                            : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length, right.length);
    }

    /** Whether a net has as many blocks as the state dict. */
    boolean hasBlocksOf(Architecture net) {
        return net.blocks().size() == blocks.size();
    }

    /**
     * How much of a table is the state dict's: kernels, gates and expansions, then channels.
     *
     * @param base the table
     * @param usual whether it is of the usual width; another is far less likely, unless what its
     *     blocks hand on is the state dict's and only channels within blocks were cut
     */
    long likeness(Architecture base, boolean usual) {
        List<BlockSpec> fitted = fit(base).blocks();
        boolean within = fit(base).stem().channels() == base.stem().channels();
        for (int i = 0; i < fitted.size(); i++) {
            within &= fitted.get(i).out() == base.blocks().get(i).out();
        }
        long alike = usual || within ? 500 : 0;
        for (int i = 0; i < fitted.size(); i++) {
            BlockSpec row = base.blocks().get(i);
            alike += form(fitted.get(i)).equals(form(row)) ? 1000 : 0;
            alike += fitted.get(i).out() == row.out() ? 1 : 0;
            alike += fitted.get(i).equals(row) ? 1 : 0;
        }
        return alike;
    }

    private static List<Object> form(BlockSpec row) {
        return row instanceof InvertedResidual.Spec spec
                ? List.of(spec.kernel(), spec.squeeze() > 0, spec.expand())
                : List.of(((ResidualBlock.Spec) row).kernel());
    }

    /**
     * Puts the state dict's kernels and channels into a table.
     *
     * @param base strides, activations and the like; has as many blocks
     * @return the table
     * @throws IllegalArgumentException if no net has such shapes
     */
    Architecture fit(Architecture base) {
        List<BlockSpec> rows = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            rows.add(
                    base.blocks().get(i) instanceof InvertedResidual.Spec row
                            ? inverted(blocks.get(i), row)
                            : dense(blocks.get(i), (ResidualBlock.Spec) base.blocks().get(i)));
        }
        String timms =
                shapes.keySet().stream()
                        .filter(name -> name.matches("blocks\\.\\d+\\.0\\.conv\\.weight"))
                        .findFirst()
                        .orElse("");
        return new Architecture(
                base.name(),
                base.inputChannels(),
                base.classes(),
                new Stem(
                        first(base.stem().channels(), NameScheme.stems().toArray(String[]::new)),
                        base.stem().stride(),
                        base.stem().activation()),
                rows,
                new Last(
                        first(
                                base.last().channels(),
                                "features." + (rows.size() + 1) + ".0.weight",
                                "backbone." + (rows.size() + 1) + ".0.weight",
                                timms,
                                "conv2.conv.weight",
                                "last_second_conv.conv.weight",
                                "lastconv.0.weight"),
                        base.last().groups(),
                        base.last().repeats(),
                        base.last().activation()),
                head(base.head()),
                base.conventions());
    }

    private Head head(Head base) {
        if (base instanceof LrAspp segments) {
            return new LrAspp(first(segments.inner(), "classifier.cbr.0.weight"), segments.low());
        }
        if (base instanceof SsdLite detects) {
            List<Integer> extra = new ArrayList<>();
            for (int i = 0; i < detects.extra().size(); i++) {
                extra.add(first(detects.extra().get(i), "backbone.extra." + i + ".2.0.weight"));
            }
            return new SsdLite(detects.tap(), extra);
        }
        if (!(base instanceof Classifier classifies) || classifies.hidden() == null) {
            return base;
        }
        Hidden hidden = classifies.hidden();
        int width =
                first(
                        hidden.width(),
                        "classifier.0.weight",
                        "conv_head.weight",
                        "fc.0.weight",
                        "conv3.weight",
                        "last_conv.weight");
        return new Classifier(
                classifies.maxPool(),
                new Hidden(
                        width, hidden.activation(), hidden.bias(), hidden.norm(), hidden.pooled()),
                classifies.dropout());
    }

    private static BlockSpec inverted(Map<String, Shape> layers, InvertedResidual.Spec row) {
        Shape squeeze = null;
        boolean spatial = false;
        List<Shape> convolutions = new ArrayList<>();
        for (Map.Entry<String, Shape> layer : layers.entrySet()) {
            if (SQUEEZE.matcher(layer.getKey()).matches()) {
                squeeze = layer.getValue();
            } else if (SPATIAL.matcher(layer.getKey()).matches()) {
                spatial = true;
            } else if (!EXCITE.matcher(layer.getKey()).matches()) {
                convolutions.add(layer.getValue());
            }
        }
        // Sorted by name: timm's conv_dw, conv_pw, conv_pwl, Paddle's bottleneck, expand, linear.
        boolean sorted =
                layers.keySet().stream().anyMatch(name -> DEPTHWISE.matcher(name).matches());
        boolean expand = convolutions.size() > 2;
        Shape depthwise = convolutions.get(sorted || !expand ? 0 : 1);
        Shape out = convolutions.get(convolutions.size() - 1);
        return new InvertedResidual.Spec(
                size(depthwise, 2),
                size(depthwise, 0),
                size(out, 0),
                squeeze == null ? 0 : size(squeeze, 0),
                spatial,
                row.activation(),
                row.rowStride(),
                row.columnStride(),
                row.dilation(),
                expand,
                row.residual());
    }

    private static BlockSpec dense(Map<String, Shape> layers, ResidualBlock.Spec row) {
        Shape first = layers.get("conv1.conv");
        Shape second = layers.get("conv2.conv");
        Shape squeeze = layers.get("se.fc1");
        return first == null || second == null
                ? row
                : new ResidualBlock.Spec(
                        size(first, 2),
                        size(first, 0),
                        size(second, 0),
                        squeeze == null ? 0 : size(squeeze, 0),
                        row.stride());
    }

    private int first(int otherwise, String... names) {
        for (String name : names) {
            if (shapes.containsKey(name)) {
                return size(shapes.get(name), 0);
            }
        }
        return otherwise;
    }

    private static int size(Shape shape, int axis) {
        return (int) Math.min(Integer.MAX_VALUE, shape.get(axis));
    }
}
