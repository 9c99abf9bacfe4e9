package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.WholeFile;

/**
 * Where a run keeps its files: {@code run.json} (settings), {@code recipe.properties} (to train
 * alike), {@code metrics.csv} and {@code metrics.json} (per epoch), the package {@code best}
 * (highest validation top-1), {@code checkpoints/} (to resume) and {@code samples/} (test images).
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {

    private static final String CSV_HEADER =
            "epoch,learning_rate,train_loss,train_%s,validation_loss,validation_%s";

    /**
     * Finds the newest checkpoint, a package with {@code state/}.
     *
     * @return empty before the first
     * @throws IOException if the directory cannot be read
     */
    public Optional<Path> lastCheckpoint() throws IOException {
        return checkpoints().newest();
    }

    /** Returns the checkpoints, the last few of them. */
    public Checkpoints checkpoints() {
        return new Checkpoints(path.resolve("checkpoints"));
    }

    /** Returns the package with the highest validation top-1. */
    public Path best() {
        return path.resolve("best");
    }

    /** Returns the folder of sample images. */
    public Path samples() {
        return path.resolve("samples");
    }

    /**
     * Chooses a directory for a run that was given none.
     *
     * @param name what the run is
     * @return {@code runs/NAME}, with a number if that is taken
     */
    public static RunDirectory unused(String name) {
        Path path = Path.of("runs", name);
        for (int i = 2; Files.exists(path); i++) {
            path = Path.of("runs", name + "-" + i);
        }
        return new RunDirectory(path);
    }

    /**
     * Makes the directory for a new run.
     *
     * @param settings what decides the run's outcome
     * @throws IOException if it cannot be written, holds another run or anything else
     */
    public void create(RunSettings settings) throws IOException {
        if (Files.exists(path.resolve("run.json"))) {
            throw new IOException(
                    "%s holds a run already; resume it with --resume %s or give another --out."
                            .formatted(path, path));
        }
        if (Files.isDirectory(path) && !isEmpty(path)) {
            throw new IOException(
                    "%s has other files in it; give a new directory as --out.".formatted(path));
        }
        Files.createDirectories(path.toAbsolutePath().getParent());
        if (!Files.isDirectory(path)) {
            Files.createDirectory(path); // fails if another process has just made it
        }
        WholeFile.write(path.resolve("recipe.properties"), settings.recipe().toFile());
        WholeFile.write(path.resolve("run.json"), JsonUtils.GSON_PRETTY.toJson(settings) + "\n");
    }

    /**
     * Keeps other processes out of the run, as long as this one lives.
     *
     * @return closes the run for good
     * @throws IOException if another process has it
     */
    public Closeable lock() throws IOException {
        FileChannel channel =
                FileChannel.open(
                        path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IOException(
                    "Another process is at work on %s; wait for it or stop it.".formatted(path));
        }
        return channel;
    }

    /** Returns what to throw if a part of the run cannot be written. */
    public IOException unwritable(Path what, IOException e) {
        return new IOException(
                "%s could not be written (%s); what was saved before is whole: make room and go on with --resume %s"
                        .formatted(what, FileErrors.sentence(e), path),
                e);
    }

    /**
     * Reads the settings of an existing run.
     *
     * @return what the run was started with
     * @throws IOException if there is no run or it cannot be read
     */
    public RunSettings settings() throws IOException {
        Path file = path.resolve("run.json");
        if (!Files.isRegularFile(file)) {
            throw new IOException("%s is not a run: it has no run.json.".formatted(path));
        }
        try {
            RunSettings settings =
                    JsonUtils.GSON.fromJson(Files.readString(file), RunSettings.class);
            if (settings == null || settings.architecture() == null || settings.recipe() == null) {
                throw new IOException(file + " is not complete; start the run again.");
            }
            return settings;
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            throw new IOException(file + " cannot be read: it is damaged or not ours.", e);
        }
    }

    /**
     * Writes both metrics files, each in one piece.
     *
     * @param history at least one epoch
     * @throws IOException if they cannot be written
     */
    public void writeMetrics(List<EpochMetrics> history) throws IOException {
        List<String> lines = new ArrayList<>();
        String score = history.get(0).metric().key().toLowerCase(Locale.ROOT);
        lines.add(CSV_HEADER.formatted(score, score));
        for (EpochMetrics m : history) {
            // No timings here: two runs with one seed give the same file.
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%d,%s,%s,%s,%s,%s",
                            m.epoch(),
                            m.learningRate(),
                            m.trainLoss(),
                            orEmpty(m.trainScore()),
                            orEmpty(m.validationLoss()),
                            m.validationScore()));
        }
        WholeFile.write(path.resolve("metrics.csv"), String.join("\n", lines) + "\n");
        WholeFile.write(path.resolve("metrics.json"), JsonUtils.GSON_PRETTY.toJson(history) + "\n");
    }

    private static String orEmpty(double value) {
        return Double.isNaN(value) ? "" : String.valueOf(value);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }
}
