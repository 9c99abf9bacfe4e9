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
import java.util.function.Function;
import org.mobilenetv3.image.ImageTooLargeException;
import org.mobilenetv3.runtime.DaemonThreads;
import org.mobilenetv3.serve.http.ServeSettings.Limits;

/**
 * Takes every request to its answer: the body arrives, the request gets a place in the model's
 * queue or 429, a decoder reads the body, a batch computes it, and the answer is written. No thread
 * waits anywhere.
 */
final class Inference implements AutoCloseable {

    /** Makes a body into images for the net. */
    @FunctionalInterface
    interface Decoder {
        /**
         * Decodes a body, in a thread of its pool.
         *
         * @param pixels that an image may have
         * @param deadline by {@link System#nanoTime}
         * @throws ImageTooLargeException if it has more
         */
        Work decode(byte[] body, ModelVersion version, long pixels, long deadline)
                throws ImageTooLargeException;
    }

    /**
     * Images and what to do with the net's answer.
     *
     * @param images of one size
     * @param answerBytes what the answer takes while it is written, if that is much; otherwise 0
     * @param reply called with what the net answers, in a worker's thread, so that no more answers
     *     are in memory than there are workers; returns what writes the reply
     */
    record Work(Images images, long answerBytes, Function<Batcher.Answer, Runnable> reply) {}

    /** A decoded image is held as Java's, as ours, and as ours upright. */
    private static final int BYTES_PER_PIXEL = 10;

    /** Threads that write answers, and wait for callers who are slow to read them. */
    private static final int WRITERS = 32;

    /** Large images that may wait; they are decoded one at a time and must not fill the queue. */
    private static final int MAX_LARGE_IMAGES = 32;

    private static final String DEADLINE = "X-Deadline-Ms";
    private static final String SUBNET = "X-Subnet";

    private final Limits limits;
    private final ExecutorService writers;
    private final ExecutorService decoders;
    private final ExecutorService largeImages;
    private final long parallelPixels;
    private final int memoryBlocks;
    private final Semaphore memory;
    private final Semaphore largePlaces = new Semaphore(MAX_LARGE_IMAGES);

    Inference(Limits limits) {
        this.limits = limits;
        this.writers = threads(WRITERS, "answer writer");
        int processors = Runtime.getRuntime().availableProcessors();
        // More than processors, so that images made to be slow only slow the others down.
        this.decoders = threads(4 * processors, "decoder");
        this.largeImages = threads(1, "decoder of large images");
        long share = Runtime.getRuntime().maxMemory() / 4;
        this.parallelPixels = share / (4L * processors * BYTES_PER_PIXEL);
        this.memoryBlocks = (int) Math.min(Integer.MAX_VALUE, share / 1024);
        this.memory = new Semaphore(memoryBlocks);
    }

    /** Answers a request asynchronously. */
    void answer(Context context, ServedModel model, Decoder decoder) {
        Duration allowed = allowed(context);
        model.requireReady();
        Body body = new Body(context, limits.bodyBytes(), memory);
        context.future(
                () ->
                        body.read(limits.bodyTime())
                                .thenCompose(whole -> compute(model, body.take(), allowed, decoder))
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

    private CompletableFuture<Runnable> compute(
            ServedModel model, byte[] body, Duration allowed, Decoder decoder) {
        long deadline = System.nanoTime() + allowed.toNanos();
        ModelVersion version = model.enter();
        CompletableFuture<Work> work;
        try {
            work = decode(decoder, body, version, deadline);
        } catch (RuntimeException | Error e) {
            work = CompletableFuture.failedFuture(e);
        }
        return work.thenCompose(decoded -> submit(version, decoded, deadline))
                .whenComplete((reply, e) -> model.leave(version));
    }

    /** Large answers take of the same memory as bodies, until they are written. */
    private CompletableFuture<Runnable> submit(ModelVersion version, Work work, long deadline) {
        int room = (int) Math.min(memoryBlocks, work.answerBytes() / 1024);
        if (!memory.tryAcquire(room)) {
            throw new HttpError(503, "Too many large answers are wanted; try again later.");
        }
        return version.batcher()
                .submit(work.images(), deadline)
                .thenApply(work.reply())
                .<Runnable>thenApply(
                        reply ->
                                () -> {
                                    try {
                                        reply.run();
                                    } finally {
                                        memory.release(room);
                                    }
                                })
                .whenComplete(
                        (reply, e) -> {
                            if (e != null) {
                                memory.release(room);
                            }
                        });
    }

    private CompletableFuture<Work> decode(
            Decoder decoder, byte[] body, ModelVersion version, long deadline) {
        long pixels = Math.min(parallelPixels, limits.pixels());
        return CompletableFuture.supplyAsync(
                        () -> decode(decoder, body, version, pixels, deadline), decoders)
                .exceptionallyCompose(
                        e ->
                                e.getCause() instanceof ImageTooLargeException
                                                && pixels < limits.pixels()
                                        ? decodeLarge(decoder, body, version, deadline)
                                        : CompletableFuture.failedFuture(e));
    }

    private CompletableFuture<Work> decodeLarge(
            Decoder decoder, byte[] body, ModelVersion version, long deadline) {
        if (!largePlaces.tryAcquire()) {
            throw new HttpError(503, "Too many large images are waiting; try again later.");
        }
        return CompletableFuture.supplyAsync(
                        () -> decode(decoder, body, version, limits.pixels(), deadline),
                        largeImages)
                .whenComplete((work, e) -> largePlaces.release());
    }

    private static Work decode(
            Decoder decoder, byte[] body, ModelVersion version, long pixels, long deadline) {
        if (deadline - System.nanoTime() < 0) {
            throw Batcher.deadlineExceeded();
        }
        try {
            return decoder.decode(body, version, pixels, deadline);
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
            throw new HttpError(400, DEADLINE + " is not a number of milliseconds.");
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
            return Batcher.deadlineExceeded();
        }
        return HttpError.unexpected(cause);
    }

    /** Says in the answer's header which net of several has answered. */
    static void tell(Context context, String subnet) {
        if (subnet != null) {
            context.header(SUBNET, subnet);
        }
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(count, DaemonThreads.named(name));
    }

    /** Ends the threads; nobody waits for what they have begun. */
    @Override
    public void close() {
        decoders.shutdown();
        largeImages.shutdown();
        writers.shutdown();
    }
}
