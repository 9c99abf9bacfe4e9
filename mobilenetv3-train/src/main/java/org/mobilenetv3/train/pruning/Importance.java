package org.mobilenetv3.train.pruning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.ChannelGroup.Slice;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.trained.NetDescription;
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
    private static Slice lastScale(ChannelGroup group) {
        return group.slices().stream().filter(Slice::isScale).reduce((a, b) -> b).orElse(null);
    }

    private static String biasOf(String weight) {
        return weight.replaceFirst("weight$", "bias");
    }

    /**
     * Judges channels by the loss; batch norm uses the batches' statistics, and nothing drops out.
     *
     * @param net a trained net, which stays as it is
     * @param batches labeled images
     * @param most how many batches to look at
     * @return the scores
     * @throws IOException if the weights cannot be read
     * @throws IllegalArgumentException if batch norm was folded into the weights: with the batches'
     *     statistics it would be another net
     */
    public static Importance taylor(PackageNet net, Iterable<Batch> batches, int most)
            throws IOException {
        NetDescription description = net.description();
        Map<String, Tensor> tensors = Pruning.tensors(net);
        for (ChannelGroup group : ChannelGroup.of(description.architecture())) {
            Slice scale = lastScale(group);
            if (scale != null && isFolded(scale, tensors)) {
                throw new IllegalArgumentException(
                        "Batch norm was folded into the weights of %s, so taylor cannot judge its channels by images; use l1 or l2, which need none."
                                .formatted(description.architecture().name()));
            }
        }
        Device device = net.block().getParameters().valueAt(0).getArray().getDevice();
        // A copy: learning moves running statistics.
        try (PackageNet copy =
                Pruning.open(
                        description.withArchitecture(description.architecture().withDropout(0)),
                        tensors,
                        device)) {
            return ofCopy(copy, batches, most);
        }
    }

    private static Importance ofCopy(PackageNet net, Iterable<Batch> batches, int most) {
        JniUtils.setGradMode(false);
        MobileNetV3 block = net.block();
        CompiledNet compiled = block.compiled().orElseThrow();
        List<ChannelGroup> groups = ChannelGroup.of(net.description().architecture());
        double[][] sums = new double[groups.size()][];
        NDManager manager = block.getParameters().valueAt(0).getArray().getManager();
        Map<String, float[]> weights = new HashMap<>();
        for (Pair<String, Parameter> p : block.getParameters()) {
            weights.put(p.getKey(), p.getValue().getArray().toFloatArray());
            p.getValue().getArray().setRequiresGradient(p.getValue().requiresGradient());
        }
        int count = 0;
        for (Batch batch : batches) {
            try (batch;
                    NDManager scope = manager.newSubManager()) {
                NDArray x = batch.toTensor(scope, 0, batch.size());
                NDArray targets = scope.create(targets(batch, net), shape(batch, net));
                Learned learned = compiled.learn(new ParameterStore(scope, false), x, targets);
                Map<String, float[]> gradients = named(block, learned.gradients());
                for (int g = 0; g < sums.length; g++) {
                    sums[g] = add(sums[g], groups.get(g), weights, gradients);
                }
            }
            if (++count == most) {
                break;
            }
        }
        List<Scores> scores = new ArrayList<>();
        for (int g = 0; g < sums.length; g++) {
            int divisor = Math.max(1, count);
            double[] means = Arrays.stream(sums[g]).map(s -> s / divisor).toArray();
            scores.add(new Scores(groups.get(g), means));
        }
        return new Importance(Criterion.TAYLOR, scores);
    }

    private static Shape shape(Batch batch, PackageNet net) {
        return new Shape(batch.size(), net.description().classes().size());
    }

    /** Of the mean cross entropy: the loss is the sum of log-probabilities times these. */
    private static float[] targets(Batch batch, PackageNet net) {
        int classes = net.description().classes().size();
        float[] targets = new float[batch.size() * classes];
        for (int i = 0; i < batch.size(); i++) {
            targets[i * classes + (int) batch.labels()[i]] = -1f / batch.size();
        }
        return targets;
    }

    private static Map<String, float[]> named(MobileNetV3 block, NDList gradients) {
        Map<String, float[]> named = new LinkedHashMap<>();
        int at = 0;
        for (Pair<String, Parameter> p : block.getParameters()) {
            if (p.getValue().requiresGradient()) {
                named.put(p.getKey(), gradients.get(at++).toFloatArray());
            }
        }
        return named;
    }

    /**
     * Adds the squares of what one batch's loss would change by, to first order, if a factor on the
     * output of the last batch norm, or of the layer where there is none, went from 1 to 0.
     */
    private static double[] add(
            double[] before,
            ChannelGroup group,
            Map<String, float[]> weights,
            Map<String, float[]> gradients) {
        double[] change = new double[group.width()];
        Slice scale = lastScale(group);
        for (Slice slice : group.slices()) {
            boolean makes =
                    scale == null
                            ? slice.axis() == 0
                            : slice.equals(scale)
                                    || slice.parameter().equals(biasOf(scale.parameter()));
            float[] gradient = makes ? gradients.get(slice.parameter()) : null;
            if (gradient != null) {
                float[] values = weights.get(slice.parameter());
                for (int i = 0; i < values.length; i++) {
                    change[slice.channel(i)] += (double) values[i] * gradient[i];
                }
            }
        }
        double[] sum = before == null ? new double[change.length] : before;
        for (int c = 0; c < sum.length; c++) {
            sum[c] += change[c] * change[c];
        }
        return sum;
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
