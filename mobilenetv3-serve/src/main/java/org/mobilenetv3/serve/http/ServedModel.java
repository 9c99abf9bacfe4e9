package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.serve.http.ServeSettings.Batching;

/** A model by its name: the version in use, and how to get the next one. */
final class ServedModel {

    private static final int LONGEST_PAUSE = 64; // rounds

    private final String name;
    private final Path path;
    private final NetLoader loader;
    private final Batching batching;
    private final IntConsumer batchSizes;
    private final Semaphore places;
    private volatile ModelVersion current;
    private String tried = "";
    private String seen = "";
    private String told = "";
    private int rounds;
    private int pause;

    ServedModel(String name, Path path, NetLoader loader, Batching batching, IntConsumer sizes) {
        this.name = name;
        this.path = path;
        this.loader = loader;
        this.batching = batching;
        this.batchSizes = sizes;
        this.places = new Semaphore(batching.queue());
    }

    String name() {
        return name;
    }

    /** Opens the net for the first time. */
    void open() throws IOException {
        tried = fingerprint();
        seen = tried;
        current = load();
    }

    private ModelVersion load() throws IOException {
        return new ModelVersion(loader.load(path), batching, name, batchSizes, this::underway);
    }

    /** Requests that have a place and no answer. */
    int underway() {
        return batching.queue() - places.availablePermits();
    }

    /**
     * Takes a place among those that wait.
     *
     * @return the version in use, held until {@link #leave}
     * @throws HttpError 429 if all places are taken, 503 if there is no net yet
     */
    ModelVersion enter() {
        if (!places.tryAcquire()) {
            throw new HttpError(429, "Too many requests are waiting; try again later.");
        }
        try {
            return hold();
        } catch (HttpError e) {
            places.release();
            throw e;
        }
    }

    void leave(ModelVersion version) {
        places.release();
        version.release();
    }

    /**
     * Refuses early what would be read in vain.
     *
     * @throws HttpError 503 if there is no net yet
     */
    void requireReady() {
        if (current == null) {
            throw notReady();
        }
    }

    private static HttpError notReady() {
        return new HttpError(503, "The model is not ready yet; try again later.");
    }

    /** Looks once whether the files were replaced; a new net is taken when they rest. */
    void refresh() {
        try {
            String now = fingerprint();
            boolean rests = now.equals(seen);
            seen = now;
            boolean again = pause > 0 && ++rounds % pause == 0;
            if (!rests || now.isEmpty() || (now.equals(tried) && !again)) {
                return;
            }
            tried = now;
            ModelVersion next = load();
            if (!fingerprint().equals(now)) { // replaced while it was read
                next.release();
                tried = "";
                return;
            }
            pause = 0;
            told = "";
            ModelVersion old = current;
            current = next;
            old.release();
            System.err.printf("Model %s is now version %s.%n", name, next.id());
        } catch (IOException | RuntimeException | Error e) { // or the watcher would end
            // What is wrong may pass, as full disks do: it is tried again, ever more seldom.
            pause = Math.min(LONGEST_PAUSE, Math.max(1, 2 * pause));
            rounds = 0;
            if (!told.equals(e.toString())) {
                told = e.toString();
                System.err.printf(
                        "Model %s was replaced by something that cannot be used and stays as it was: %s%n",
                        name, FileErrors.sentence(e));
            }
        }
    }

    /**
     * Gives the version in use, held for the caller.
     *
     * @throws HttpError 503 if there is none yet
     */
    ModelVersion hold() {
        while (true) {
            ModelVersion version = current;
            if (version == null) {
                throw notReady();
            }
            if (version.hold()) {
                return version;
            }
            Thread.onSpinWait(); // replaced between the two lines above
        }
    }

    Optional<ModelVersion> current() {
        return Optional.ofNullable(current);
    }

    void close() {
        ModelVersion last = current;
        current = null;
        if (last != null) {
            last.close();
        }
    }

    /** Names, sizes and times of the files; empty while they are missing. */
    private String fingerprint() throws IOException {
        if (!Files.exists(path)) {
            return "";
        }
        StringBuilder all = new StringBuilder();
        try {
            Path real = path.toRealPath(); // a link may be turned to another package
            all.append(real).append('\n');
            append(all, real);
        } catch (NoSuchFileException | UncheckedIOException e) {
            return "";
        }
        return all.toString();
    }

    private static void append(StringBuilder all, Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path, 1)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.append(file.getFileName())
                        .append(' ')
                        .append(Files.size(file))
                        .append(' ')
                        .append(Files.getLastModifiedTime(file).toInstant())
                        .append(' ')
                        .append(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                        .append('\n');
            }
        }
    }
}
