package org.mobilenetv3.train.search;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.supernet.SearchSpace;

/**
 * Everything that decides what a search finds, saved with it so that it can be resumed: {@code
 * search.json} in its directory.
 *
 * @param run how the largest net is trained: data, input, recipe, seed
 * @param space the nets to choose from
 * @param weights of a net of the space, with which the largest net begins; null for random ones
 * @param limit what the net may cost
 * @param supernetEpochs passes over the training images in which all nets learn together
 * @param tuneEpochs passes in which the winner learns alone
 * @param candidates how many are scored
 * @param random how many more are drawn at random and scored, to compare with
 * @param calibrationImages training images that running statistics are measured on
 * @param scoredImages validation images that a candidate is scored on
 * @param subnets how many nets along the front the elastic package holds
 */
public record SearchSettings(
        RunSettings run,
        SearchSpace space,
        RecordedWeights weights,
        Limit limit,
        int supernetEpochs,
        int tuneEpochs,
        int candidates,
        int random,
        int calibrationImages,
        int scoredImages,
        int subnets) {

    private static final String FILE = "search.json";

    /**
     * Writes the settings into a directory.
     *
     * @param directory of the search
     * @throws IOException if they cannot be written
     */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        WholeFile.write(directory.resolve(FILE), JsonUtils.GSON_PRETTY.toJson(this) + "\n");
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param directory of the search
     * @return the settings
     * @throws IOException in one sentence, if there are none or they are damaged
     */
    public static SearchSettings read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException("%s is no search: it has no %s.".formatted(directory, FILE));
        }
        SearchSettings settings = null;
        RuntimeException reason = null;
        try {
            settings = JsonUtils.GSON.fromJson(Files.readString(file), SearchSettings.class);
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            reason = e;
        }
        if (settings == null
                || settings.run == null
                || settings.space == null
                || settings.limit == null) {
            throw new IOException(
                    file + " is damaged or not ours; start the search again.", reason);
        }
        return settings;
    }
}
