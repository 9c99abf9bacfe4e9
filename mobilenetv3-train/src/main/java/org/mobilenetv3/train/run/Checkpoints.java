package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.weights.StateDict;

/**
 * The checkpoints of a run, {@code step-NNNNNNNNN} each: a package with {@code
 * state/learner.safetensors} beside the weights, whose metadata hold the {@link Progress}. Written
 * whole or not at all; the last few are kept, so that a damaged one costs no more than the way from
 * the one before.
 *
 * @param folder where they lie
 */
public record Checkpoints(Path folder) {

    private static final String PATTERN = "step-\\d{9}";
    private static final String LEARNER = "state/learner.safetensors";
    private static final String PROGRESS = "progress";

    /** What held the state before there was {@link #LEARNER}. */
    private static final String OLD_LEARNER = "state/learner.bin";

    /**
     * Where a run stands.
     *
     * @param step optimizer steps so far
     * @param epoch the epoch that goes on, counted from 0
     * @param batch its next batch, counted from 0
     * @param partial the score of its batches so far
     * @param seconds spent on it so far
     * @param wallSeconds wall time of the run so far, over all its processes
     * @param history the epochs before it
     */
    public record Progress(
            long step,
            int epoch,
            int batch,
            Score partial,
            double seconds,
            double wallSeconds,
            List<EpochMetrics> history) {
        /** Nothing done yet. */
        public static final Progress START = new Progress(0, 0, 0, Score.NONE, 0, 0, List.of());

        /** Returns a place further on in the same epoch. */
        public Progress with(int newBatch, Score score, double newSeconds) {
            return new Progress(
                    step + newBatch - batch,
                    epoch,
                    newBatch,
                    score,
                    newSeconds,
                    wallSeconds,
                    history);
        }

        /** Returns the start of the next epoch. */
        public Progress next(List<EpochMetrics> newHistory) {
            return new Progress(step, epoch + 1, 0, Score.NONE, 0, wallSeconds, newHistory);
        }

        /** Returns the same place, with the wall time that it took to get there. */
        public Progress after(double newWallSeconds) {
            return new Progress(step, epoch, batch, partial, seconds, newWallSeconds, history);
        }
    }

    /**
     * A checkpoint found whole.
     *
     * @param path the package
     * @param progress where the run stood
     */
    public record Found(Path path, Progress progress) {

        /** Opens what {@link #write} wrote of the learner; to be closed. */
        public StateDict state() throws IOException {
            return StateDict.open(path.resolve(LEARNER));
        }
    }

    /** Returns the directory of a checkpoint after so many steps, there or not. */
    public Path path(long step) {
        return folder.resolve(String.format(Locale.ROOT, "step-%09d", step));
    }

    /** Returns the newest checkpoint by name, whole or not. */
    Optional<Path> newest() throws IOException {
        return list().stream().findFirst();
    }

    /** Newest first. */
    private List<Path> list() throws IOException {
        return entries(PATTERN);
    }

    private List<Path> entries(String pattern) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> p.getFileName().toString().matches(pattern))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    /**
     * Finds the newest whole checkpoint; damaged ones after it are set aside as {@code
     * NAME.damaged}.
     *
     * @param log told of each damaged one
     * @return empty if the run was stopped before its first
     * @throws IOException if there are checkpoints but none is whole, or they are of an older
     *     version; they are left as they are
     */
    public Optional<Found> find(Consumer<String> log) throws IOException {
        for (Path replaced : entries(PATTERN + "\\.old")) {
            // A crash fell between the two renames that replace a checkpoint by another.
            String name = replaced.getFileName().toString().replace(".old", "");
            ModelPackage.recover(replaced.resolveSibling(name));
        }
        Map<Path, String> damaged = new LinkedHashMap<>();
        for (Path path : list()) {
            if (Files.exists(path.resolve(OLD_LEARNER))) {
                throw new IOException(
                        "%s was written by an older version, whose runs this one cannot resume; resume it with that version, or begin a new run with --weights %s."
                                .formatted(path, path));
            }
            try {
                ModelPackage.read(path);
                Found found = new Found(path, read(path));
                setAside(damaged, log);
                return Optional.of(found);
            } catch (AccessDeniedException e) {
                throw e; // whole for all we know
            } catch (IOException e) {
                damaged.put(path, FileErrors.sentence(e));
            }
        }
        if (!damaged.isEmpty()) {
            throw new IOException(
                    "No checkpoint in %s is whole (the newest: %s); start the run again."
                            .formatted(folder, damaged.values().iterator().next()));
        }
        return Optional.empty();
    }

    private static void setAside(Map<Path, String> damaged, Consumer<String> log)
            throws IOException {
        for (Map.Entry<Path, String> one : damaged.entrySet()) {
            Path path = one.getKey();
            log.accept(
                    "%s is damaged (%s) and set aside; going on from the checkpoint before it."
                            .formatted(path, one.getValue()));
            Path aside = path.resolveSibling(path.getFileName() + ".damaged");
            ModelPackage.delete(aside);
            Files.move(path, aside);
        }
    }

    /**
     * Writes the state of a run into a package in the making.
     *
     * @param packageDirectory the package
     * @param progress where the run stands
     * @param learner what its next step depends on beside the weights, by name
     * @throws IOException if it cannot be written
     */
    public static void write(Path packageDirectory, Progress progress, Map<String, Tensor> learner)
            throws IOException {
        Path file = packageDirectory.resolve(LEARNER);
        Files.createDirectories(file.getParent());
        SafeTensors.write(file, learner, Map.of(PROGRESS, JsonUtils.GSON.toJson(progress)));
    }

    private static Progress read(Path path) throws IOException {
        try (StateDict state = StateDict.open(path.resolve(LEARNER))) {
            String progress = state.metadata().get(PROGRESS);
            if (progress == null) {
                throw new IOException(state.file() + " does not say where the run stands.");
            }
            return JsonUtils.GSON.fromJson(progress, Progress.class);
        }
    }

    /** Deletes all but the newest few, and what a crash left half written. */
    public void prune(int keep) throws IOException {
        List<Path> all = list();
        for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
            ModelPackage.delete(old);
        }
        for (Path half : entries(PATTERN + "\\.(new|old)")) {
            ModelPackage.delete(half);
        }
    }
}
