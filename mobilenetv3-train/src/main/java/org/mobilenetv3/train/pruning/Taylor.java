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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.ChannelGroup.Slice;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.pruning.Importance.Scores;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** What a batch's loss would change by without each channel, to first order. */
final class Taylor {

    private static final int BATCH = 64;

    private Taylor() {}

    static Importance of(
            PackageNet net, Map<String, Tensor> tensors, ImageSet images, int most, long seed)
            throws IOException {
        NetDescription description = net.description();
        Device device = net.block().getParameters().valueAt(0).getArray().getDevice();
        // A copy: learning moves running statistics.
        try (PackageNet copy =
                        Pruning.open(
                                description.withArchitecture(
                                        description.architecture().withDropout(0)),
                                tensors,
                                device);
                BatchLoader loader =
                        BatchLoader.builder()
                                .setSet(images)
                                .setBatchSize(Math.min(BATCH, images.size()))
                                .optShuffle(images.size() > 1)
                                .optSeed(seed)
                                .build()) {
            return of(copy, loader.epoch(0), Math.max(1, most / BATCH));
        }
    }

    private static Importance of(PackageNet net, Iterable<Batch> batches, int most) {
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
        Slice scale = Importance.lastScale(group);
        for (Slice slice : group.slices()) {
            boolean makes =
                    scale == null
                            ? slice.axis() == 0
                            : slice.equals(scale)
                                    || slice.parameter()
                                            .equals(Importance.biasOf(scale.parameter()));
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
}
