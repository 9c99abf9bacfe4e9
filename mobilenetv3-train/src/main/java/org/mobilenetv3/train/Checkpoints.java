package org.mobilenetv3.train;

import ai.djl.util.JsonUtils;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.zoo.ModelPackage;

/**
 * The checkpoints of a run, {@code step-NNNNNNNNN} each: a package with {@code state/} beside the
 * weights. Written whole or not at all; the last few are kept, so that a damaged one costs no more
 * than the way from the one before.
 *
 * @param folder where they lie
 */
record Checkpoints(Path folder) {

    private static final String PATTERN = "step-\\d{9}";
    private static final String STATE = "state";
    private static final String PROGRESS = "progress.json";
    private static final String LEARNER = "learner.bin";

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
    record Progress(
            long step,
            int epoch,
            int batch,
            Score partial,
            double seconds,
            double wallSeconds,
            List<EpochMetrics> history) {
        static final Progress START = new Progress(0, 0, 0, Score.NONE, 0, 0, List.of());

        /** Further on in the same epoch. */
        Progress with(int newBatch, Score score, double newSeconds) {
            return new Progress(
                    step + newBatch - batch,
                    epoch,
                    newBatch,
                    score,
                    newSeconds,
                    wallSeconds,
                    history);
        }

        /** At the begin of the next epoch. */
        Progress next(List<EpochMetrics> newHistory) {
            return new Progress(step, epoch + 1, 0, Score.NONE, 0, wallSeconds, newHistory);
        }

        /** The same place, with the wall time that it took to get there. */
        Progress after(double newWallSeconds) {
            return new Progress(step, epoch, batch, partial, seconds, newWallSeconds, history);
        }
    }

    /** A checkpoint found whole. */
    record Found(Path path, Progress progress) {}

    Path path(long step) {
        return folder.resolve(String.format(Locale.ROOT, "step-%09d", step));
    }

    /** The newest checkpoint by name, whole or not. */
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
     * @throws IOException if there are checkpoints but none is whole; they are left as they are
     */
    Optional<Found> find(Consumer<String> log) throws IOException {
        for (Path replaced : entries(PATTERN + "\\.old")) {
            // A crash fell between the two renames that replace a checkpoint by another.
            String name = replaced.getFileName().toString().replace(".old", "");
            ModelPackage.recover(replaced.resolveSibling(name));
        }
        Map<Path, String> damaged = new LinkedHashMap<>();
        for (Path path : list()) {
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

    /** Writes the state of a run into a package in the making. */
    static void write(Path packageDirectory, Progress progress, Learner learner)
            throws IOException {
        Path state = Files.createDirectories(packageDirectory.resolve(STATE));
        Files.writeString(state.resolve(PROGRESS), JsonUtils.GSON.toJson(progress));
        CRC32C sum = new CRC32C();
        Path file = state.resolve(LEARNER);
        try (DataOutputStream out =
                new DataOutputStream(
                        new CheckedOutputStream(
                                new BufferedOutputStream(Files.newOutputStream(file)), sum))) {
            learner.save(out);
            sum.update(Files.readAllBytes(state.resolve(PROGRESS)));
            out.writeLong(sum.getValue());
        }
    }

    private static Progress read(Path path) throws IOException {
        Path state = path.resolve(STATE);
        byte[] progress = Files.readAllBytes(state.resolve(PROGRESS));
        Path file = state.resolve(LEARNER);
        long length = Files.size(file) - Long.BYTES;
        CRC32C sum = new CRC32C();
        try (DataInputStream in =
                new DataInputStream(
                        new CheckedInputStream(
                                new BufferedInputStream(Files.newInputStream(file)), sum))) {
            in.skipNBytes(Math.max(0, length));
            sum.update(progress);
            long expected = sum.getValue();
            if (length < 0 || in.readLong() != expected) {
                throw new IOException("the checksum of its state is wrong");
            }
            return JsonUtils.GSON.fromJson(
                    new String(progress, StandardCharsets.UTF_8), Progress.class);
        } catch (EOFException e) {
            throw new IOException("its state is cut short", e);
        }
    }

    /** Reads a learner's state from a checkpoint that {@link #find} gave. */
    static void load(Path path, Learner learner) throws IOException {
        Path file = path.resolve(STATE).resolve(LEARNER);
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            learner.load(in);
        } catch (EOFException e) {
            throw new IOException(file + " is cut short; start the run again.", e);
        }
    }

    /** Deletes all but the newest few, and what a crash left half written. */
    void prune(int keep) throws IOException {
        List<Path> all = list();
        for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
            ModelPackage.delete(old);
        }
        for (Path half : entries(PATTERN + "\\.(new|old)")) {
            ModelPackage.delete(half);
        }
    }
}
