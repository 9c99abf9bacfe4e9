package org.mobilenetv3.train.report.comparison;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.mobilenetv3.Task;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.report.RunReport;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;

/**
 * Runs side by side.
 *
 * @param runs in the order in which they were given
 */
public record Comparison(List<Run> runs) {

    /** Copies the list. */
    public Comparison {
        runs = List.copyOf(runs);
    }

    /**
     * One run.
     *
     * @param name its directory's, told apart from others by its parents
     * @param settings that it was started with
     * @param history each whole epoch's metrics, at least one
     * @param result of its test; empty if it has none yet
     */
    public record Run(
            String name,
            RunSettings settings,
            List<EpochMetrics> history,
            Optional<RunResult> result) {

        /**
         * Finds the epoch with the highest validation top-1.
         *
         * @return the first of them
         */
        public EpochMetrics best() {
            return EpochMetrics.best(history);
        }

        /**
         * Sums up the epochs' training time.
         *
         * @return seconds
         */
        public double seconds() {
            return history.stream().mapToDouble(EpochMetrics::seconds).sum();
        }

        /**
         * Returns the throughput over all epochs.
         *
         * @return training images per second
         */
        public double imagesPerSecond() {
            return RunReport.imagesPerSecond(history);
        }

        /** All that decides the outcome but the seed. */
        private JsonObject setting() {
            JsonObject setting = JsonUtils.GSON.toJsonTree(settings).getAsJsonObject();
            setting.remove("seed");
            setting.remove("trainChecksum"); // the seed chooses the validation images
            return setting;
        }
    }

    /**
     * Tested runs that differ in nothing but the seed.
     *
     * @param runs two or more
     * @param meanTop1 of their test top-1, 0 to 1
     * @param deviation standard deviation of the sample (divided by n - 1), in the same unit
     */
    public record Group(List<Run> runs, double meanTop1, double deviation) {

        static Group of(List<Run> runs) {
            double[] top1 = runs.stream().mapToDouble(r -> r.result().get().top1()).toArray();
            double mean = 0;
            for (double value : top1) {
                mean += value / top1.length;
            }
            double squares = 0;
            for (double value : top1) {
                squares += (value - mean) * (value - mean);
            }
            return new Group(runs, mean, Math.sqrt(squares / (top1.length - 1)));
        }

        /**
         * Lists the seeds.
         *
         * @return in the order of the runs
         */
        public List<Long> seeds() {
            return runs.stream().map(r -> r.settings().seed()).toList();
        }
    }

    private static void requireClasses(Path path, RunSettings settings) throws IOException {
        Task task = settings.architecture().task();
        if (task != Task.CLASSIFY) {
            throw new IOException(
                    "%s holds a net that %s; runs that classify are compared."
                            .formatted(path, task.verb()));
        }
    }

    /**
     * Reads runs.
     *
     * @param directories of the runs
     * @param leftOut told of each that is no run, is damaged, or has no whole epoch
     * @return the runs in that order
     * @throws IOException if none is left
     */
    public static Comparison read(Collection<Path> directories, Consumer<String> leftOut)
            throws IOException {
        List<Path> paths =
                directories.stream().map(p -> p.toAbsolutePath().normalize()).distinct().toList();
        List<Run> runs = new ArrayList<>();
        for (Path path : paths) {
            try {
                RunSettings settings = new RunDirectory(path).settings();
                requireClasses(path, settings);
                runs.add(new Run(name(path, paths), settings, history(path), RunResult.read(path)));
            } catch (IOException e) {
                if (paths.size() == 1) {
                    throw e;
                }
                leftOut.accept(FileErrors.sentence(e));
            }
        }
        if (runs.isEmpty()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "None of the %d directories can be compared.",
                            paths.size()));
        }
        return new Comparison(runs);
    }

    private static String name(Path path, List<Path> all) {
        for (int parts = 1; parts < path.getNameCount(); parts++) {
            Path tail = path.subpath(path.getNameCount() - parts, path.getNameCount());
            if (all.stream().filter(p -> p.endsWith(tail)).count() == 1) {
                return tail.toString();
            }
        }
        return path.toString();
    }

    private static List<EpochMetrics> history(Path run) throws IOException {
        Path file = run.resolve("metrics.json");
        EpochMetrics[] history = {};
        if (Files.exists(file)) {
            try {
                history = JsonUtils.GSON.fromJson(Files.readString(file), EpochMetrics[].class);
            } catch (RuntimeException e) { // Gson's
                throw new IOException(
                        file + " cannot be read: it is damaged or not ours; leave the run out.", e);
            }
        }
        if (history == null || history.length == 0) {
            throw new IOException(
                    "%s has no whole epoch yet; compare it once its first epoch is done."
                            .formatted(run));
        }
        return List.of(history);
    }

    /**
     * Finds the runs that differ in nothing but the seed and have a test each.
     *
     * @return groups of two seeds or more, in the order of their first runs
     */
    public List<Group> groups() {
        Map<JsonObject, Map<Long, Run>> bySetting = new LinkedHashMap<>();
        for (Run run : runs) {
            if (run.result().isPresent()) {
                // A second run of one seed is no second sample: it came to the same.
                bySetting
                        .computeIfAbsent(run.setting(), key -> new LinkedHashMap<>())
                        .putIfAbsent(run.settings().seed(), run);
            }
        }
        return bySetting.values().stream()
                .filter(seeds -> seeds.size() > 1)
                .map(seeds -> Group.of(List.copyOf(seeds.values())))
                .toList();
    }

    /**
     * Writes the page, in one piece.
     *
     * @param file where
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Files.createDirectories(parent);
        WholeFile.write(file.toAbsolutePath(), new ComparisonPage(this).html());
    }
}
