package org.mobilenetv3.pruning;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.format.Tensor;

/**
 * Which channels of a net are kept.
 *
 * @param net the whole net
 * @param groups its groups
 * @param kept by the group's name the channels that stay, ascending; groups that are not named stay
 *     whole
 */
public record Cut(Architecture net, List<ChannelGroup> groups, Map<String, int[]> kept) {

    /**
     * Checks the channels.
     *
     * @throws IllegalArgumentException if they are not ascending channels of a group of the net, or
     *     none of a group is left
     */
    public Cut {
        groups = List.copyOf(groups);
        Map<String, ChannelGroup> byName =
                groups.stream().collect(Collectors.toMap(ChannelGroup::name, Function.identity()));
        kept.forEach(
                (name, channels) -> {
                    ChannelGroup group = byName.get(name);
                    int[] valid =
                            IntStream.of(channels)
                                    .filter(c -> group != null && c >= 0 && c < group.width())
                                    .distinct()
                                    .sorted()
                                    .toArray();
                    if (valid.length == 0 || !Arrays.equals(valid, channels)) {
                        throw new IllegalArgumentException(
                                "The channels to keep of %s must be ascending channels of %s, one at least."
                                        .formatted(name, net.name()));
                    }
                });
        kept = Map.copyOf(kept);
    }

    /**
     * Returns the net without the channels.
     *
     * @return the narrower architecture, called {@code NAME_pruned}
     */
    public Architecture architecture() {
        Map<String, Integer> widths = new LinkedHashMap<>();
        kept.forEach((name, channels) -> widths.put(name, channels.length));
        return ChannelGroup.narrowed(net, widths);
    }

    /**
     * Removes the channels from a net's parameters.
     *
     * @param tensors the whole net's state dict
     * @return that of {@link #architecture()}
     * @throws IOException if a tensor cannot be read
     */
    public Map<String, Tensor> pruned(Map<String, Tensor> tensors) throws IOException {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        for (ChannelGroup group : groups) {
            int[] channels = kept.get(group.name());
            if (channels != null && channels.length < group.width()) {
                for (ChannelGroup.Slice slice : group.slices()) {
                    Tensor whole = all.get(slice.parameter());
                    all.put(slice.parameter(), slice.of(whole, channels));
                }
            }
        }
        return all;
    }

    /**
     * Sets the removed channels to zero instead: in all that makes them and in all that reads them,
     * running statistics aside. The whole net with these parameters computes what the pruned one
     * does.
     *
     * @param tensors the whole net's state dict
     * @return the same, with zeros
     * @throws IOException if a tensor cannot be read
     */
    public Map<String, Tensor> masked(Map<String, Tensor> tensors) throws IOException {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        for (ChannelGroup group : groups) {
            int[] channels = kept.get(group.name());
            if (channels != null) {
                for (ChannelGroup.Slice slice : group.slices()) {
                    if (!slice.isStatistic()) {
                        Tensor whole = all.get(slice.parameter());
                        all.put(slice.parameter(), zeroed(whole, slice, channels));
                    }
                }
            }
        }
        return all;
    }

    private static Tensor zeroed(Tensor whole, ChannelGroup.Slice slice, int[] channels)
            throws IOException {
        float[] values = whole.floats().clone();
        boolean[] stays = new boolean[Math.toIntExact(slice.shape().get(slice.axis()))];
        IntStream.of(channels).forEach(c -> stays[c] = true);
        for (int i = 0; i < values.length; i++) {
            if (!stays[slice.channel(i)]) {
                values[i] = 0;
            }
        }
        return Tensor.of(whole.shape(), values);
    }
}
