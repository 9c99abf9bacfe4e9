package org.mobilenetv3.train.search;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.train.supernet.SharedNet;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Says how good a candidate is with the supernet's weights, once its running statistics are
 * measured on training images: a function of supernet, candidate and images. Used by one thread.
 */
public final class Scorer implements AutoCloseable {

    private static final int BATCH = 128;

    private final SearchSettings settings;
    private final PackageNet supernet;
    private final Map<String, Tensor> weights;
    private final NDManager manager;
    private final BatchLoader calibration;
    private final BatchLoader validation;

    /**
     * Prepares.
     *
     * @param settings of the search
     * @param supernet trained; the caller closes it
     * @param data images at its input size
     */
    public Scorer(SearchSettings settings, PackageNet supernet, Splits data) {
        this.settings = settings;
        this.supernet = supernet;
        weights = Pruning.tensors(supernet);
        MobileNetV3 net = supernet.block();
        manager = net.getParameters().valueAt(0).getArray().getManager();
        calibration = loader(some(settings, data.train(), settings.calibrationImages()));
        validation = validation(settings, data);
    }

    /** The images that candidates are scored on. */
    static BatchLoader validation(SearchSettings settings, Splits data) {
        return loader(some(settings, data.validation(), settings.scoredImages()));
    }

    private static ImageSet some(SearchSettings settings, ImageSet set, int most) {
        if (set.size() <= most) {
            return set;
        }
        int[] all = IntStream.range(0, set.size()).toArray();
        SplitMix.of(settings.run().seed(), most).shuffle(all);
        return set.subset(Arrays.copyOf(all, most));
    }

    private static BatchLoader loader(ImageSet set) {
        return BatchLoader.builder().setSet(set).setBatchSize(Math.min(BATCH, set.size())).build();
    }

    /**
     * Scores a candidate.
     *
     * @param candidate of the search space
     * @param cost of it
     * @param random whether it was drawn at random to compare with
     * @param stop asked after each batch whether to stop
     * @return how good it is; null if it was stopped
     * @throws IOException if images cannot be read
     */
    public Scored score(Candidate candidate, double cost, boolean random, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        try (PackageNet net = open(settings.space().subnet(candidate), Map.of())) {
            Score score = Evaluation.of(net, validation, s -> !stop.getAsBoolean());
            if (score.images() < validation.images()) {
                return null;
            }
            double loss = Double.isFinite(score.loss()) ? score.loss() : Double.MAX_VALUE;
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new Scored(candidate, cost, score.top1(), loss, random, seconds);
        }
    }

    /**
     * Opens a subnet as a net of its own, with the supernet's weights and statistics measured anew.
     *
     * @param subnet of the supernet
     * @param provenance what it tells of its making beside what the supernet does
     * @return the net; close it after use
     * @throws IOException if images cannot be read
     */
    public PackageNet open(Subnet subnet, Map<String, Object> provenance) throws IOException {
        return Pruning.open(
                describe(subnet, provenance),
                subnet.extract(weights, statistics(subnet)),
                manager.getDevice());
    }

    /**
     * Describes a subnet.
     *
     * @param subnet of the supernet
     * @param provenance what it tells of its making beside what the supernet does
     * @return the description of its package
     */
    NetDescription describe(Subnet subnet, Map<String, Object> provenance) {
        NetDescription whole = supernet.description();
        Map<String, Object> all = new LinkedHashMap<>(whole.provenance());
        all.remove("metrics"); // the supernet's
        all.putAll(provenance);
        return new NetDescription(subnet.part(), whole.preprocessing(), true, whole.classes(), all);
    }

    /**
     * Measures a subnet's running statistics: the means over batches of training images.
     *
     * @param subnet of the supernet
     * @return by the names of its state dict
     */
    public Map<String, Tensor> statistics(Subnet subnet) {
        JniUtils.setGradMode(false);
        try (SharedNet net =
                new SharedNet(
                        subnet,
                        settings.run().input().normalization(),
                        1, // each batch leaves its own statistics
                        settings.run().execution(),
                        supernet.block(),
                        manager)) {
            return means(net);
        }
    }

    private Map<String, Tensor> means(SharedNet net) {
        Map<String, float[]> means = new LinkedHashMap<>();
        net.statistics().forEach((name, s) -> means.put(name, new float[(int) s.size()]));
        int batches = 0;
        for (Batch batch : calibration.epoch(0)) {
            try (batch;
                    NDManager scope = manager.newSubManager()) {
                if (batch.size() < 2) {
                    continue; // one image has no variance
                }
                net.observe(batch.toTensor(scope, 0, batch.size()));
                batches++;
                for (Map.Entry<String, NDArray> statistic : net.statistics().entrySet()) {
                    float[] one = statistic.getValue().toFloatArray();
                    float[] mean = means.get(statistic.getKey());
                    for (int c = 0; c < mean.length; c++) {
                        mean[c] += (one[c] - mean[c]) / batches;
                    }
                }
            }
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        means.forEach((name, mean) -> tensors.put(name, Tensor.of(new Shape(mean.length), mean)));
        return tensors;
    }

    @Override
    public void close() {
        calibration.close();
        validation.close();
    }
}
