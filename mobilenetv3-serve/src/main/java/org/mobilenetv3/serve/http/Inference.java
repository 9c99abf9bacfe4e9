package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.mobilenetv3.image.ImageTooLargeException;
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
         * Reads a body, in a worker.
         *
         * @param pixels that an image may have
         * @param deadline by {@link System#nanoTime}
         * @throws ImageTooLargeException if it has more
         */
        Question read(byte[] body, ModelVersion version, long pixels, long deadline)
                throws ImageTooLargeException;
    }

    /**
     * Images and what to do with their logits.
     *
     * @param images {@code (N, C, H, W)}
     * @param reply gets {@code (N, classes)}
     */
    record Question(float[] images, Consumer<float[]> reply) {}

    /** A decoded image as Java's, as ours, and as ours upright. */
    private static final int BYTES_A_PIXEL = 10;

    /** Callers may be slow to take their answers; then these threads wait. */
    private static final int WRITERS = 32;

    /** Large images that wait; they are decoded one at a time and must not fill the queue. */
    private static final int LARGE = 32;

    private static final String DEADLINE = "X-Deadline-Ms";

    private final Limits limits;
    private final ExecutorService writers;
    private final ExecutorService workers;
    private final ExecutorService largeImages;
    private final long manyPixels;
    private final Semaphore memory;
    private final Semaphore largePlaces = new Semaphore(LARGE);

    Inference(Limits limits) {
        this.limits = limits;
        this.writers = threads(WRITERS, "writes answers");
        int processors = Runtime.getRuntime().availableProcessors();
        // More than processors: images that are slow by intent slow the others down, no more.
        this.workers = threads(4 * processors, "reads bodies");
        this.largeImages = threads(1, "reads large images");
        long share = Runtime.getRuntime().maxMemory() / 4;
        this.manyPixels = share / (4L * processors * BYTES_A_PIXEL);
        this.memory = new Semaphore((int) Math.min(Integer.MAX_VALUE, share / 1024));
    }

    /** Answers a request, later. */
    void answer(Context context, ServedModel model, Reader reader) {
        Duration allowed = allowed(context);
        model.requireReady();
        Body body = new Body(context, limits.bodyBytes(), memory);
        context.future(
                () ->
                        body.read(limits.bodyTime())
                                .thenCompose(whole -> ask(model, body.take(), allowed, reader))
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
        CompletableFuture<Question> question;
        try {
            question = read(reader, body, version, deadline);
        } catch (RuntimeException | Error e) {
            question = CompletableFuture.failedFuture(e);
        }
        return question.thenCompose(
                        asked ->
                                version.batcher()
                                        .submit(asked.images(), deadline)
                                        .<Runnable>thenApply(
                                                logits -> () -> asked.reply().accept(logits)))
                .whenComplete((reply, e) -> model.leave(version));
    }

    private CompletableFuture<Question> read(
            Reader reader, byte[] body, ModelVersion version, long deadline) {
        long pixels = Math.min(manyPixels, limits.pixels());
        return CompletableFuture.supplyAsync(
                        () -> read(reader, body, version, pixels, deadline), workers)
                .exceptionallyCompose(
                        e ->
                                e.getCause() instanceof ImageTooLargeException
                                                && pixels < limits.pixels()
                                        ? readLarge(reader, body, version, deadline)
                                        : CompletableFuture.failedFuture(e));
    }

    private CompletableFuture<Question> readLarge(
            Reader reader, byte[] body, ModelVersion version, long deadline) {
        if (!largePlaces.tryAcquire()) {
            throw new HttpError(503, "Too many large images are waiting; try again later.");
        }
        return CompletableFuture.supplyAsync(
                        () -> read(reader, body, version, limits.pixels(), deadline), largeImages)
                .whenComplete((question, e) -> largePlaces.release());
    }

    private static Question read(
            Reader reader, byte[] body, ModelVersion version, long pixels, long deadline) {
        if (deadline - System.nanoTime() < 0) {
            throw Batcher.late();
        }
        try {
            return reader.read(body, version, pixels, deadline);
        } catch (ImageTooLargeException e) {
            throw new CompletionException(e);
        }
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

    private HttpError error(Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        if (cause instanceof HttpError error) {
            return error;
        }
        if (cause instanceof ImageTooLargeException) {
            return new HttpError(
                    413,
                    String.format(
                            Locale.ROOT, "The image has more than %d pixels.", limits.pixels()));
        }
        if (cause instanceof TimeoutException) {
            return Batcher.late();
        }
        return HttpError.unexpected(cause);
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(
                count,
                work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Ends the workers; what they have begun has nobody who waits for it. */
    @Override
    public void close() {
        workers.shutdown();
        largeImages.shutdown();
        writers.shutdown();
    }
}
