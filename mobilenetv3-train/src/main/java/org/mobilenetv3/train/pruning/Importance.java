package org.mobilenetv3.train.pruning;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.ChannelGroup.Slice;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.trained.PackageNet;

/**
 * How important a net's channels are.
 *
 * @param criterion what they are judged by
 * @param groups the net's groups with their scores
 */
public record Importance(Criterion criterion, List<Scores> groups) {

    /** Smaller than this share of the layer's mean, weights are taken for zero. */
    private static final double NOTHING = 1e-4;

    /** Copies the list. */
    public Importance {
        groups = List.copyOf(groups);
    }

    /**
     * One group.
     *
     * @param group the channels
     * @param scores one for each channel, higher for more important ones; empty if the group has
     *     nothing to judge by
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Scores(ChannelGroup group, double[] scores) {

        /** Returns whether the group has scores: without batch norm it has no scale of one. */
        public boolean isJudged() {
            return scores.length > 0;
        }

        /**
         * Lists the channels by importance.
         *
         * @return their indices, the most important first, equal ones by index
         */
        public int[] ranking() {
            return IntStream.range(0, group.width())
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer c) -> -scores[c]))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        /**
         * Finds the most important channels.
         *
         * @param width how many
         * @return their indices, ascending
         */
        public int[] best(int width) {
            int[] best = Arrays.copyOf(ranking(), width);
            Arrays.sort(best);
            return best;
        }
    }

    /**
     * Judges channels by their weights alone.
     *
     * @param net a trained net
     * @param criterion any but {@link Criterion#TAYLOR}
     * @param seed of {@link Criterion#RANDOM}
     * @return the scores
     * @throws IOException if the weights cannot be read
     */
    public static Importance of(PackageNet net, Criterion criterion, long seed) throws IOException {
        Map<String, Tensor> tensors = Pruning.tensors(net);
        Random random = new Random(seed);
        List<Scores> groups = new ArrayList<>();
        for (ChannelGroup group : ChannelGroup.of(net.description().architecture())) {
            double[] scores =
                    switch (criterion) {
                        case RANDOM -> random.doubles(group.width()).toArray();
                        case L1, L2 -> magnitude(group, tensors, criterion == Criterion.L2);
                        case BN_SCALE -> scale(group, tensors);
                        case TAYLOR ->
                                throw new IllegalArgumentException(
                                        "taylor needs images to learn from.");
                    };
            groups.add(new Scores(group, scores));
        }
        return new Importance(criterion, groups);
    }

    private static double[] magnitude(
            ChannelGroup group, Map<String, Tensor> tensors, boolean squared) throws IOException {
        double[] sum = new double[group.width()];
        for (Slice slice : group.slices()) {
            if (slice.isWeight()) {
                double[] norms = norms(slice, tensors.get(slice.parameter()), squared);
                double mean = mean(norms);
                for (int c = 0; c < sum.length && mean > 0; c++) {
                    sum[c] += norms[c] / mean;
                }
            }
        }
        return sum;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }

    private static double[] norms(Slice slice, Tensor tensor, boolean squared) throws IOException {
        double[] norms = new double[Math.toIntExact(slice.shape().get(slice.axis()))];
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) {
            norms[slice.channel(i)] +=
                    squared ? (double) values[i] * values[i] : Math.abs(values[i]);
        }
        return squared ? Arrays.stream(norms).map(Math::sqrt).toArray() : norms;
    }

    private static double[] scale(ChannelGroup group, Map<String, Tensor> tensors)
            throws IOException {
        Slice scale = lastScale(group);
        return scale == null || isFolded(scale, tensors)
                ? new double[0]
                : norms(scale, tensors.get(scale.parameter()), false);
    }

    /**
     * Whether a batch norm changes nothing, as that of an ONNX file which was folded into the
     * weights: its scale only makes up for the epsilon, so it is not quite 1.
     */
    private static boolean isFolded(Slice scale, Map<String, Tensor> tensors) throws IOException {
        float[] scales = tensors.get(scale.parameter()).floats();
        return scales[0] != 1
                && isAll(scales[0], scales)
                && isAll(0, tensors.get(statistic(scale, "running_mean")).floats())
                && isAll(1, tensors.get(statistic(scale, "running_var")).floats());
    }

    private static String statistic(Slice scale, String name) {
        return scale.parameter().replaceFirst("weight$", name);
    }

    private static boolean isAll(float value, float... values) {
        for (float v : values) {
            if (v != value) {
                return false;
            }
        }
        return true;
    }

    /** The scale of the batch norm after which nothing mixes the channels but what reads them. */
    static Slice lastScale(ChannelGroup group) {
        return group.slices().stream().filter(Slice::isScale).reduce((a, b) -> b).orElse(null);
    }

    static String biasOf(String weight) {
        return weight.replaceFirst("weight$", "bias");
    }

    /**
     * Judges channels by the loss on some images; batch norm uses the batches' statistics, and
     * nothing drops out.
     *
     * @param net a trained net, which stays as it is
     * @param images to choose from
     * @param most how many to look at, in batches of 64, at least one
     * @param seed chooses them
     * @return the scores
     * @throws IOException if the weights cannot be read
     * @throws IllegalArgumentException if batch norm was folded into the weights: with the batches'
     *     statistics it would be another net
     */
    public static Importance taylor(PackageNet net, ImageSet images, int most, long seed)
            throws IOException {
        Map<String, Tensor> tensors = Pruning.tensors(net);
        for (ChannelGroup group : ChannelGroup.of(net.description().architecture())) {
            Slice scale = lastScale(group);
            if (scale != null && isFolded(scale, tensors)) {
                throw new IllegalArgumentException(
                        "Batch norm was folded into the weights of %s, so taylor cannot judge its channels by images; use l1 or l2, which need none."
                                .formatted(net.description().architecture().name()));
            }
        }
        return Taylor.of(net, tensors, images, most, seed);
    }

    /**
     * Draws the scores as a heat map: a row for each group, its channels from the most important to
     * the least, each relative to the row's first.
     *
     * @return the drawing
     */
    public Figure draw() {
        return new ImportanceDrawing(this).draw();
    }

    /**
     * Finds channels that already contribute nothing: the last batch norm's scale and shift are
     * both almost zero, or the weights of all that reads them are.
     *
     * @param net a trained net
     * @return indices by group, ascending; groups without any are left out
     * @throws IOException if the weights cannot be read
     */
    public static Map<String, int[]> dead(PackageNet net) throws IOException {
        Map<String, Tensor> tensors = Pruning.tensors(net);
        Map<String, int[]> dead = new LinkedHashMap<>();
        for (ChannelGroup group : ChannelGroup.of(net.description().architecture())) {
            Slice scale = lastScale(group);
            boolean[] made = new boolean[group.width()];
            boolean[] read = new boolean[group.width()];
            for (Slice slice : group.slices()) {
                boolean last =
                        scale != null
                                && (slice.equals(scale)
                                        || slice.parameter().equals(biasOf(scale.parameter())));
                boolean reads = slice.isWeight() && slice.axis() == 1;
                if (last || reads) {
                    double[] norms = norms(slice, tensors.get(slice.parameter()), false);
                    double least = NOTHING * mean(norms);
                    for (int c = 0; c < norms.length; c++) {
                        boolean[] alive = last ? made : read;
                        alive[c] |= norms[c] > least;
                    }
                }
            }
            int[] channels =
                    IntStream.range(0, group.width())
                            .filter(c -> !read[c] || (scale != null && !made[c]))
                            .toArray();
            if (channels.length > 0) {
                dead.put(group.name(), channels);
            }
        }
        return dead;
    }
}
