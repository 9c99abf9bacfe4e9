package org.mobilenetv3.pruning;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Head;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * Channels within a net of which any can be removed, as long as it is removed from every layer that
 * makes or reads it: the expansion of an inverted residual (expansion, depthwise convolution, gate,
 * input of the projection), the channels between the two convolutions of the article's blocks, the
 * last convolution's, or the hidden layer's of the classifier. No residual connection is crossed.
 *
 * @param name of the block or layer in the state dict, for instance {@code features.4}
 * @param width how many channels there are
 * @param slices where they lie in the net's parameters
 */
public record ChannelGroup(String name, int width, List<Slice> slices) {

    /**
     * One axis of one parameter, an entry for each channel.
     *
     * @param parameter its name in the state dict
     * @param axis which axis of its shape
     * @param shape of the parameter
     */
    public record Slice(String parameter, int axis, Shape shape) {

        /** Whether the parameter is a running statistic, which does not learn. */
        boolean isStatistic() {
            return ParameterNames.isStatistic(parameter);
        }

        /**
         * Returns whether the parameter multiplies: a convolution's or linear layer's weight.
         *
         * @return whether it has two axes or more
         */
        public boolean isWeight() {
            return shape.dimension() > 1;
        }

        /**
         * Returns whether the parameter is batch norm's scale.
         *
         * @return whether it is a weight of one axis
         */
        public boolean isScale() {
            return shape.dimension() == 1 && parameter.endsWith(".weight");
        }

        /**
         * Finds the channel that a number belongs to.
         *
         * @param index of the number in the parameter, in C order
         * @return 0 to the group's width less one
         */
        public int channel(int index) {
            long place = index;
            for (int last = shape.dimension() - 1; last > axis; last--) {
                place /= shape.get(last);
            }
            return (int) (place % shape.get(axis));
        }

        /**
         * Takes channels of the parameter.
         *
         * @param whole its numbers
         * @param channels which, in the order that they will have
         * @return a tensor of these alone
         * @throws IOException if the numbers cannot be read
         */
        public Tensor of(Tensor whole, int... channels) throws IOException {
            Shape before = whole.shape(); // another group's channels may be gone already
            float[] from = whole.floats();
            int width = Math.toIntExact(before.get(axis));
            int run = Math.toIntExact(before.slice(axis + 1).size());
            int outer = from.length / width / run;
            float[] to = new float[outer * channels.length * run];
            for (int o = 0; o < outer; o++) {
                for (int k = 0; k < channels.length; k++) {
                    System.arraycopy(
                            from,
                            (o * width + channels[k]) * run,
                            to,
                            (o * channels.length + k) * run,
                            run);
                }
            }
            long[] sizes = before.getShape().clone();
            sizes[axis] = channels.length;
            return Tensor.of(new Shape(sizes), to);
        }
    }

    /** Copies the list. */
    public ChannelGroup {
        slices = List.copyOf(slices);
    }

    /** Changes one group's width in an architecture. */
    private enum Kind {
        BLOCK,
        LAST,
        HIDDEN
    }

    /** A group before its slices are known. */
    private record Place(String name, Kind kind, int row, int width) {
        Architecture narrowed(Architecture net, int channels) {
            return switch (kind) {
                case BLOCK -> {
                    List<BlockSpec> rows = new ArrayList<>(net.blocks());
                    rows.set(row, narrowed(rows.get(row), channels));
                    yield net.withBlocks(rows);
                }
                case LAST -> {
                    Last last = net.last();
                    yield with(
                            net,
                            new Last(channels, last.groups(), last.repeats(), last.activation()),
                            net.head());
                }
                case HIDDEN -> {
                    Classifier head = (Classifier) net.head();
                    Hidden hidden = head.hidden();
                    Hidden narrow =
                            new Hidden(
                                    channels,
                                    hidden.activation(),
                                    hidden.bias(),
                                    hidden.norm(),
                                    hidden.pooled());
                    yield with(
                            net,
                            net.last(),
                            new Classifier(head.maxPool(), narrow, head.dropout()));
                }
            };
        }

        private static BlockSpec narrowed(BlockSpec row, int channels) {
            return row instanceof InvertedResidual.Spec spec
                    ? spec.withExpanded(channels)
                    : ((ResidualBlock.Spec) row).withInner(channels);
        }

        private static Architecture with(Architecture net, Last last, Head head) {
            return new Architecture(
                    net.name(),
                    net.inputChannels(),
                    net.classes(),
                    net.stem(),
                    net.blocks(),
                    last,
                    head,
                    net.conventions());
        }
    }

    /**
     * Finds a net's groups.
     *
     * @param net the architecture
     * @return in running order; blocks without expansion have none, nor has a last convolution that
     *     is grouped or repeated
     * @throws IllegalArgumentException if the net does not classify
     */
    public static List<ChannelGroup> of(Architecture net) {
        ParameterList whole = MobileNetV3.of(net).getParameters();
        List<ChannelGroup> groups = new ArrayList<>();
        for (Place place : places(net)) {
            // What one channel less makes shorter is where the channels lie.
            ParameterList less =
                    MobileNetV3.of(place.narrowed(net, place.width - 1)).getParameters();
            List<Slice> slices = new ArrayList<>();
            for (Pair<String, Parameter> p : whole) {
                Shape shape = p.getValue().getShape();
                Shape other = less.get(p.getKey()).getShape();
                for (int axis = 0; axis < shape.dimension(); axis++) {
                    if (shape.get(axis) != other.get(axis)) {
                        slices.add(new Slice(p.getKey(), axis, shape));
                    }
                }
            }
            groups.add(new ChannelGroup(place.name, place.width, slices));
        }
        return groups;
    }

    /**
     * Narrows groups of a net.
     *
     * @param net the architecture
     * @param widths new numbers of channels by the groups' names; the others stay as they are
     * @return the narrower architecture, called {@code NAME_pruned}
     * @throws IllegalArgumentException if the net has no such group, or a width is not of 1 to the
     *     group's own
     */
    public static Architecture narrowed(Architecture net, Map<String, Integer> widths) {
        Map<String, Integer> left = new LinkedHashMap<>(widths);
        Architecture narrow = net;
        for (Place place : places(net)) {
            Integer width = left.remove(place.name);
            if (width != null) {
                if (width < 1 || width > place.width) {
                    throw new IllegalArgumentException(
                            "%s has %s channels, so it cannot keep %s."
                                    .formatted(place.name, place.width, width));
                }
                narrow = place.narrowed(narrow, width);
            }
        }
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has no channels to remove in %s."
                            .formatted(net.name(), String.join(", ", left.keySet())));
        }
        String suffix = "_pruned";
        String name = net.name();
        return narrow.withName(
                name.endsWith(suffix)
                        ? name
                        : name.substring(0, Math.min(name.length(), 80 - suffix.length()))
                                + suffix);
    }

    private static List<Place> places(Architecture net) {
        net.requireTask(Task.CLASSIFY, "Pruning");
        boolean article = net.conventions().names() == ParameterNames.ARTICLE;
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < net.blocks().size(); i++) {
            int channels = 0;
            if (net.blocks().get(i) instanceof InvertedResidual.Spec spec) {
                channels = spec.expand() ? spec.expanded() : 0;
            } else if (net.blocks().get(i) instanceof ResidualBlock.Spec spec) {
                channels = spec.inner();
            }
            if (channels > 1) {
                String name = article ? "bottlenecks." + i : "features." + (i + 1);
                places.add(new Place(name, Kind.BLOCK, i, channels));
            }
        }
        Last last = net.last();
        if (last.groups() == 1 && last.repeats() == 1 && last.channels() > 1) {
            String name = article ? "conv2" : "features." + (net.blocks().size() + 1);
            places.add(new Place(name, Kind.LAST, 0, last.channels()));
        }
        Hidden hidden = ((Classifier) net.head()).hidden();
        if (hidden != null && hidden.width() > 1) {
            String name = hidden.pooled() ? (article ? "fc.0" : "classifier.0") : "conv3";
            places.add(new Place(name, Kind.HIDDEN, 0, hidden.width()));
        }
        return places;
    }
}
