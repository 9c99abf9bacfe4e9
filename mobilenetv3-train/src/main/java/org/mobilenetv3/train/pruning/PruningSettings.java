package org.mobilenetv3.train.pruning;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.latency.LatencyTable;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.trained.PackageNet;

/**
 * Everything that decides what NetAdapt computes, saved with it so that it can be resumed: {@code
 * prune.json} in its directory.
 *
 * @param weights the net to begin with
 * @param family the architecture that the weights' state dict is of, or null if the file tells
 * @param dataset name of the data set
 * @param data path of the data, or null for the usual places
 * @param trainChecksum of the training images and labels, to notice that the data has changed
 * @param criterion what channels are judged by
 * @param images how many training images {@link Criterion#TAYLOR} looks at
 * @param multiple widths are rounded to multiples of this
 * @param latency where milliseconds are looked up, or null if the budget is in multiply-adds
 * @param correction factor of its predictions
 * @param budget what the net is to cost at most in the end
 * @param steps how many cuts
 * @param epochsPerStep passes over the training images, or a part of one, for each proposal
 * @param recipe of the short trainings
 * @param seed of order and augmentation
 * @param threads within an operation while training, which decide how sums are rounded; null for
 *     all cores
 */
public record PruningSettings(
        RecordedWeights weights,
        Architecture family,
        String dataset,
        String data,
        long trainChecksum,
        Criterion criterion,
        int images,
        int multiple,
        Latency.Place latency,
        double correction,
        double budget,
        int steps,
        double epochsPerStep,
        Recipe recipe,
        long seed,
        Integer threads) {

    /**
     * Writes the settings into a directory.
     *
     * @param directory of the run
     * @throws IOException if they cannot be written
     */
    public void write(Path directory) throws IOException {
        WholeFile.write(
                directory.resolve(NetAdapt.SETTINGS), JsonUtils.GSON_PRETTY.toJson(this) + "\n");
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param directory of the run
     * @return the settings
     * @throws IOException in one sentence, if there are none or they are damaged
     */
    public static PruningSettings read(Path directory) throws IOException {
        Path file = directory.resolve(NetAdapt.SETTINGS);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "%s is no run of prune --steps: it has no %s."
                            .formatted(directory, NetAdapt.SETTINGS));
        }
        PruningSettings settings = null;
        RuntimeException reason = null;
        try {
            settings = JsonUtils.GSON.fromJson(Files.readString(file), PruningSettings.class);
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            reason = e;
        }
        if (settings == null
                || settings.weights == null
                || settings.recipe == null
                || settings.criterion == null) {
            throw new IOException(file + " is damaged or not ours; start the run again.", reason);
        }
        return settings;
    }

    /**
     * Judges the channels of a net.
     *
     * @param net a trained net's place
     * @param netFamily the architecture that a state dict is of, or null if the file tells
     * @param train what {@link Criterion#TAYLOR} looks at
     * @param device where to compute
     * @return the scores
     * @throws IOException if the net cannot be opened
     */
    public Importance importance(Path net, Architecture netFamily, ImageSet train, Device device)
            throws IOException {
        try (PackageNet opened = PackageNet.open(net, netFamily, device)) {
            return criterion == Criterion.TAYLOR
                    ? Importance.taylor(opened, train, images, seed)
                    : Importance.of(opened, criterion, seed);
        }
    }

    /**
     * Returns what counts.
     *
     * @param fit the net's input size
     * @param progress told of measurements
     * @return the cost that {@link #budget} is in
     * @throws IOException if the table of latencies cannot be used
     */
    public Cost cost(Fit fit, LatencyTable.Progress progress) throws IOException {
        return latency == null
                ? Cost.multiplyAdds(fit.height(), fit.width())
                : Latency.open(latency, fit.height(), fit.width(), correction, progress);
    }

    /** Makes a loader of training or validation batches. */
    BatchLoader loader(ImageSet set, Preprocessing input, boolean train) {
        return BatchLoader.builder()
                .setSet(set)
                .setBatchSize(recipe.batchSize())
                .optAugmentation(train ? recipe.augmentation() : Augmentation.NONE)
                .optErased(input.normalization().mean())
                .optShuffle(train)
                .optSeed(seed)
                .build();
    }

    /** What a pruned package tells of its making. */
    Map<String, Object> provenance() {
        Map<String, Object> how = new LinkedHashMap<>();
        how.put("from", weights.path());
        how.put("by", criterion.toString());
        how.put(latency != null ? "milliseconds" : "multiplyAdds", budget);
        how.put("steps", steps);
        how.put("epochsPerStep", epochsPerStep);
        return how;
    }
}
