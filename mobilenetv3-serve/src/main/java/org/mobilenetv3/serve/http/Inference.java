package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.mobilenetv3.serve.http.ServeSettings.Limits;

/**
 * The way of every request for an answer: its body arrives, it gets a place in the model's queue or
 * 429, a worker reads it, a batch takes it, and the answer is written. No thread waits anywhere.
 */
final class Inference implements AutoCloseable {

    /** What a body asks. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads a body; in a worker, of which there are as many as processors.
         *
         * @param deadline by {@link System#nanoTime}
         */
        Question read(byte[] body, ModelVersion version, long deadline);
    }

    /**
     * Images and what to do with their logits.
     *
     * @param images {@code (N, C, H, W)}
     * @param reply gets {@code (N, classes)}
     */
    record Question(float[] images, Consumer<float[]> reply) {}

    private static final String DEADLINE = "X-Deadline-Ms";

    private final Limits limits;
    private final Executor writers;
    private final ExecutorService workers;
    private final Semaphore memory;

    /**
     * Gets what requests may cost.
     *
     * @param writers threads that write answers; callers may be slow to take them
     */
    Inference(Limits limits, Executor writers) {
        this.limits = limits;
        this.writers = writers;
        this.workers =
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        work -> {
                            Thread thread = new Thread(work, "reads bodies");
                            thread.setDaemon(true);
                            return thread;
                        });
        long kibibytes = Runtime.getRuntime().maxMemory() / 4 / 1024;
        this.memory = new Semaphore((int) Math.min(Integer.MAX_VALUE, kibibytes));
    }

    /** Answers a request, later. */
    void answer(Context context, ServedModel model, Reader reader) {
        Duration allowed = allowed(context);
        model.requireReady();
        Body body = new Body(context, limits.bodyBytes(), memory);
        context.future(
                () ->
                        body.read(limits.bodyTime())
                                .thenCompose(bytes -> ask(model, bytes, allowed, reader))
                                .whenComplete((reply, e) -> body.release())
                                .handleAsync(
                                        (reply, e) -> {
                                            if (e != null) {
                                                throw error(e);
                                            }
                                            reply.run();
                                            return null;
                                        },
                                        writers));
    }

    private CompletableFuture<Runnable> ask(
            ServedModel model, byte[] body, Duration allowed, Reader reader) {
        long deadline = System.nanoTime() + allowed.toNanos();
        ModelVersion version = model.enter();
        return CompletableFuture.supplyAsync(
                        () -> {
                            if (deadline - System.nanoTime() < 0) {
                                throw Batcher.late();
                            }
                            return reader.read(body, version, deadline);
                        },
                        workers)
                .thenCompose(
                        question ->
                                version.batcher()
                                        .submit(question.images(), deadline)
                                        .<Runnable>thenApply(
                                                logits -> () -> question.reply().accept(logits)))
                .whenComplete((reply, e) -> model.leave(version));
    }

    private Duration allowed(Context context) {
        String asked = context.header(DEADLINE);
        if (asked == null) {
            return limits.deadline();
        }
        if (!asked.matches("[1-9]\\d{0,8}")) {
            throw new HttpError(400, DEADLINE + " is no number of milliseconds.");
        }
        Duration wanted = Duration.ofMillis(Long.parseLong(asked));
        return wanted.compareTo(limits.deadline()) < 0 ? wanted : limits.deadline();
    }

    private static HttpError error(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        if (cause instanceof HttpError error) {
            return error;
        }
        if (cause instanceof TimeoutException) {
            return Batcher.late();
        }
        System.err.println("A request failed: " + cause);
        return cause instanceof OutOfMemoryError
                ? new HttpError(503, "The server is short of memory; try again later.")
                : new HttpError(500, "The server failed.");
    }

    /** Ends the workers; what they have begun they finish. */
    @Override
    public void close() {
        workers.shutdown();
        try {
            if (!workers.awaitTermination(limits.decode().toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("A body is still being read.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
