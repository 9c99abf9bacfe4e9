package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.mobilenetv3.runtime.DaemonThreads;
import org.mobilenetv3.serve.http.ServeSettings.Batching;

/** The models by name, and the thread that looks for replaced ones. */
final class Models implements AutoCloseable {

    private final Map<String, ServedModel> models = new LinkedHashMap<>();
    private final ScheduledExecutorService watcher =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("model watcher"));
    private volatile boolean ready;
    private volatile Future<?> rounds = CompletableFuture.completedFuture(null);

    Models(Map<String, Path> paths, NetLoader loader, Batching batching, Metrics metrics) {
        paths.forEach(
                (name, path) -> {
                    ServedModel model =
                            new ServedModel(name, path, loader, batching, metrics.batches(name));
                    metrics.inFlight(model);
                    if (loader.degrade().isPresent()) {
                        metrics.level(model);
                    }
                    models.put(name, model);
                });
    }

    void open(Duration reloadEvery) throws IOException {
        for (ServedModel model : models.values()) {
            model.open();
        }
        ready = true;
        long every = reloadEvery.toMillis();
        rounds =
                watcher.scheduleWithFixedDelay(
                        () -> models.values().forEach(ServedModel::refresh),
                        every,
                        every,
                        TimeUnit.MILLISECONDS);
    }

    boolean ready() {
        return ready;
    }

    boolean alive() {
        return models.values().stream()
                .allMatch(model -> model.current().filter(v -> v.batcher().alive()).isPresent());
    }

    /** Reports the server as not ready from now on, though it still answers. */
    void retire() {
        ready = false;
    }

    Collection<ServedModel> all() {
        return models.values();
    }

    ServedModel first() {
        return models.values().iterator().next();
    }

    ServedModel get(String name) {
        ServedModel model = models.get(name);
        if (model == null) {
            throw new HttpError(404, "There is no such model here.");
        }
        return model;
    }

    @Override
    public void close() {
        ready = false;
        rounds.cancel(false);
        watcher.shutdown();
        try {
            if (!watcher.awaitTermination(5, TimeUnit.SECONDS)) {
                System.err.println("A model is still being loaded.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        models.values().forEach(ServedModel::close);
    }
}
