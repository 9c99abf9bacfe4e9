package org.mobilenetv3.train.sweep;

import ai.djl.util.JsonUtils;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilenetv3.io.WholeFile;

/**
 * Where a sweep keeps its runs, a directory each, and in {@code .sweep} its own files: {@code
 * sweep.json}, and for each run {@code NAME.log}, {@code NAME.lock} and, once it is complete,
 * {@code NAME.done}.
 *
 * @param path the directory
 */
public record SweepDirectory(Path path) {

    /** What the command line begins a sentence with. */
    private static final String SAYS = "mobilenetv3: ";

    /**
     * What all runs have in common, and the texts of recipes by their names, empty for those in the
     * jar.
     */
    private record Settings(List<String> options, Map<String, String> recipes) {}

    private Path own() {
        return path.resolve(".sweep");
    }

    /**
     * Begins a sweep, or goes on with one.
     *
     * @param runs of the sweep; later ones may be added
     * @param options of all runs
     * @return keeps other processes out until it is closed
     * @throws IOException in one sentence, if there is something else, or another process is at
     *     work
     */
    public Closeable begin(Collection<SweepRun> runs, List<String> options) throws IOException {
        Map<String, String> recipes = new HashMap<>();
        for (SweepRun run : runs) {
            Path file = Path.of(run.recipe());
            String name = run.name().substring(0, run.name().lastIndexOf('-'));
            recipes.put(name, Files.isRegularFile(file) ? Files.readString(file) : "");
        }
        Path file = own().resolve("sweep.json");
        if (Files.exists(file)) {
            Settings before = JsonUtils.GSON.fromJson(Files.readString(file), Settings.class);
            before.recipes()
                    .forEach(
                            (name, text) -> {
                                if (!recipes.getOrDefault(name, text).equals(text)) {
                                    throw other("another recipe " + name);
                                }
                                recipes.put(name, text);
                            });
            if (!before.options().equals(options)) {
                throw other("the options '%s'".formatted(String.join(" ", before.options())));
            }
        } else if (Files.exists(path) && !isEmpty()) {
            throw new IllegalArgumentException(
                    "%s is there already and holds no sweep; give --out a new directory."
                            .formatted(path));
        }
        Files.createDirectories(own());
        FileChannel lock = open(own().resolve("lock"));
        if (lock.tryLock() == null) {
            lock.close();
            throw new IOException(
                    "Another process is at work on %s; wait for it or stop it.".formatted(path));
        }
        WholeFile.write(file, JsonUtils.GSON_PRETTY.toJson(new Settings(options, recipes)) + "\n");
        return lock;
    }

    private IllegalArgumentException other(String what) {
        return new IllegalArgumentException(
                "%s holds a sweep with %s; give the same, or --out a new directory."
                        .formatted(path, what));
    }

    private boolean isEmpty() throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.allMatch(own()::equals);
        }
    }

    /** Keeps other processes from a run, and waits for one that has it. */
    Closeable lock(String run) throws IOException {
        FileChannel lock = open(own().resolve(run + ".lock"));
        lock.lock();
        return lock;
    }

    private static FileChannel open(Path lock) throws IOException {
        return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /**
     * Returns a run's directory.
     *
     * @param run its name
     */
    public Path run(String run) {
        return path.resolve(run);
    }

    /**
     * Returns the file that a run's output is appended to.
     *
     * @param run its name
     */
    public Path log(String run) {
        return own().resolve(run + ".log");
    }

    /**
     * Returns whether a run is complete.
     *
     * @param run its name
     */
    public boolean isDone(String run) {
        return Files.exists(done(run)) && Files.exists(run(run));
    }

    /** Notes that a run is complete. */
    void setDone(String run) throws IOException {
        WholeFile.write(done(run), "");
    }

    /**
     * Says why a run failed.
     *
     * @param run its name
     * @param code that its process ended with
     * @return one sentence, the run's own if it has written one
     * @throws IOException if its log cannot be read
     */
    public String failure(String run, int code) throws IOException {
        Path log = log(run);
        String told = "It ended with exit code " + code + ".";
        if (code == 130) {
            told = "It was stopped; sweep run again goes on with it.";
        } else if (code > 128) {
            told = "Signal " + (code - 128) + " ended it; sweep run again goes on with it.";
        } else if (Files.exists(log)) {
            for (String line : Files.readString(log).lines().toList()) {
                told = line.startsWith(SAYS) ? line.substring(SAYS.length()) : told;
            }
        }
        return told + " (" + log + ")";
    }

    private Path done(String run) {
        return own().resolve(run + ".done");
    }
}
