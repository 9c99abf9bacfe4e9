package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.serve.http.ServeSettings.Batching;

/** A named model: the version in use, and how to load the next one. */
final class ServedModel {

    private static final int MAX_BACKOFF = 64; // rounds

    private final String name;
    private final Path path;
    private final NetLoader loader;
    private final Batching batching;
    private final Batcher.Listener listener;
    private final Semaphore places;
    private volatile ModelVersion current;
    private String attempted = "";
    private String lastSeen = "";
    private String lastError = "";
    private int rounds;
    private int backoff;

    ServedModel(
            String name,
            Path path,
            NetLoader loader,
            Batching batching,
            Batcher.Listener listener) {
        this.name = name;
        this.path = path;
        this.loader = loader;
        this.batching = batching;
        this.listener = listener;
        this.places = new Semaphore(batching.queue());
    }

    String name() {
        return name;
    }

    /** Opens the net for the first time. */
    void open() throws IOException {
        attempted = fingerprint();
        lastSeen = attempted;
        current = load();
    }

    private ModelVersion load() throws IOException {
        return new ModelVersion(loader.load(path), batching, name, listener, this::inFlight);
    }

    /** Returns the number of requests that have a place and no answer yet. */
    int inFlight() {
        return batching.queue() - places.availablePermits();
    }

    /** Returns which of its nets computes the next batch, 0 for the largest. */
    int level() {
        ModelVersion version = current;
        return version == null ? 0 : version.batcher().level();
    }

    /**
     * Takes a place in the queue.
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
     * Refuses a request before its body is read.
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

    /** Loads a new version if the files were replaced and have not changed since the last round. */
    void refresh() {
        try {
            String now = fingerprint();
            boolean stable = now.equals(lastSeen);
            lastSeen = now;
            boolean again = backoff > 0 && ++rounds % backoff == 0;
            if (!stable || now.isEmpty() || (now.equals(attempted) && !again)) {
                return;
            }
            attempted = now;
            ModelVersion next = load();
            if (!fingerprint().equals(now)) { // replaced while it was read
                next.release();
                attempted = "";
                return;
            }
            backoff = 0;
            lastError = "";
            ModelVersion old = current;
            current = next;
            old.release();
            System.err.printf("Model %s is now version %s.%n", name, next.id());
        } catch (IOException | RuntimeException | Error e) { // or the watcher would end
            // The cause may pass, as a full disk does: it is tried again, at growing intervals.
            backoff = Math.min(MAX_BACKOFF, Math.max(1, 2 * backoff));
            rounds = 0;
            if (!lastError.equals(e.toString())) {
                lastError = e.toString();
                System.err.printf(
                        "The new version of model %s cannot be loaded, the old one is still served: %s%n",
                        name, FileErrors.sentence(e));
            }
        }
    }

    /**
     * Returns the version in use, held for the caller.
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

    /** Returns names, sizes and times of the files; empty while they are missing. */
    private String fingerprint() throws IOException {
        Path zip = FileNames.fileAbove(path); // of a subnet
        if (zip == null && !Files.exists(path)) {
            return "";
        }
        try {
            Path real =
                    (zip == null ? path : zip)
                            .toRealPath(); // a link may be redirected to another package
            StringBuilder all = new StringBuilder(real.toString());
            try (Stream<Path> files = Files.walk(real, 1)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    BasicFileAttributes of = Files.readAttributes(file, BasicFileAttributes.class);
                    all.append(
                            "%n%s %s %s %s"
                                    .formatted(
                                            file.getFileName(),
                                            of.size(),
                                            of.lastModifiedTime().toInstant(),
                                            of.fileKey()));
                }
            }
            return all.toString();
        } catch (NoSuchFileException | UncheckedIOException e) {
            return "";
        }
    }
}
