package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Architecture.Head;
import org.mobilenetv3.Architecture.Hidden;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Architecture.Stem;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * Reads what shapes tell of a net: kernels and channels of every block. Strides, activations,
 * padding and epsilon they do not tell; these come from an architecture with as many blocks.
 */
final class ChannelReader {

    /** Block, then layer: of torchvision's V3 and V2, timm's, and the article's. */
    private static final Pattern BLOCK =
            Pattern.compile(
                    "(features\\.\\d+\\.(?:block|conv)|blocks\\.\\d+\\.\\d+(?=\\.(?:conv_|se\\.))|bottlenecks\\.\\d+)\\.(.*)\\.weight");

    /** The convolutions' shapes of each block by the layer's name, in the order of the blocks. */
    private final List<Map<String, Shape>> blocks = new ArrayList<>();

    private final Map<String, Shape> shapes;

    /**
     * Sorts shapes by blocks.
     *
     * @param shapes of a state dict's tensors by its names
     */
    ChannelReader(Map<String, Shape> shapes) {
        this.shapes = shapes;
        Map<String, Map<String, Shape>> byPrefix = new TreeMap<>(ChannelReader::compareNumbers);
        shapes.forEach(
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

    /** How much of a table is the state dict's: kernels, gates and expansions, then channels. */
    long likeness(Architecture base) {
        List<BlockSpec> fitted = fit(base).blocks();
        long alike = 0;
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
        Hidden hidden = base.head().hidden();
        if (hidden != null) {
            hidden =
                    new Hidden(
                            first(
                                    hidden.width(),
                                    "classifier.0.weight",
                                    "conv_head.weight",
                                    "fc.0.weight",
                                    "conv3.weight"),
                            hidden.activation(),
                            hidden.bias(),
                            hidden.norm(),
                            hidden.pooled());
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
                        first(base.stem().channels(), NameScheme.STEMS.toArray(String[]::new)),
                        base.stem().stride(),
                        base.stem().activation()),
                rows,
                new Last(
                        first(
                                base.last().channels(),
                                "features." + (rows.size() + 1) + ".0.weight",
                                timms,
                                "conv2.conv.weight"),
                        base.last().groups(),
                        base.last().repeats(),
                        base.last().activation()),
                new Head(base.head().maxPool(), hidden, base.head().dropout()),
                base.conventions());
    }

    private static BlockSpec inverted(Map<String, Shape> layers, InvertedResidual.Spec row) {
        Shape squeeze = null;
        List<Shape> convolutions = new ArrayList<>();
        for (Map.Entry<String, Shape> layer : layers.entrySet()) {
            String name = layer.getKey();
            if (name.endsWith("fc1") || name.endsWith("conv_reduce")) {
                squeeze = layer.getValue();
            } else if (!name.endsWith("fc2") && !name.endsWith("conv_expand")) {
                // Sorted by name: timm's conv_dw, conv_pw, conv_pwl.
                convolutions.add(
                        name.equals("conv_dw") ? 0 : convolutions.size(), layer.getValue());
            }
        }
        boolean timm = layers.containsKey("conv_dw");
        boolean expand = convolutions.size() > 2;
        Shape depthwise = convolutions.get(timm || !expand ? 0 : 1);
        Shape out = convolutions.get(convolutions.size() - 1);
        return new InvertedResidual.Spec(
                size(depthwise, 2),
                size(depthwise, 0),
                size(out, 0),
                squeeze == null ? 0 : size(squeeze, 0),
                row.activation(),
                row.rowStride(),
                row.columnStride(),
                row.dilation(),
                expand,
                row.residual());
    }

    private static BlockSpec dense(Map<String, Shape> layers, ResidualBlock.Spec row) {
        Shape first = layers.get("conv1.conv");
        Shape squeeze = layers.get("se.fc1");
        return first == null
                ? row
                : new ResidualBlock.Spec(
                        size(first, 2),
                        size(first, 0),
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
