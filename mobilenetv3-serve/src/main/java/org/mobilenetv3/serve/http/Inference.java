package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** What all requests for answers share: the deadline, the count of those under way, the drain. */
final class Inference {

    private static final String DEADLINE = "X-Deadline-Ms";

    private final long nanos;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean draining = new AtomicBoolean();

    Inference(long nanos) {
        this.nanos = nanos;
    }

    boolean draining() {
        return draining.get();
    }

    /**
     * Handles a request with a version that stays open meanwhile.
     *
     * @param work gets the version and the deadline by {@link System#nanoTime}
     */
    void handle(Context context, ServedModel model, BiFunction<ModelVersion, Long, Runnable> work) {
        long deadline = deadline(context);
        running.incrementAndGet();
        try {
            if (draining.get()) {
                context.header("Connection", "close");
                throw new HttpError(503, "The server is stopping; ask another one.");
            }
            ModelVersion version = model.hold();
            try {
                work.apply(version, deadline).run();
            } finally {
                version.release();
            }
        } finally {
            running.decrementAndGet();
        }
    }

    private long deadline(Context context) {
        long now = System.nanoTime();
        String asked = context.header(DEADLINE);
        if (asked == null) {
            return now + nanos;
        }
        if (!asked.matches("[1-9]\\d{0,8}")) {
            throw new HttpError(400, DEADLINE + " is no number of milliseconds.");
        }
        return now + Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(Long.parseLong(asked)));
    }

    static float[] await(CompletableFuture<float[]> answer, long deadline) {
        try {
            return answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(false); // so that it is not computed
            throw Batcher.late();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HttpError error) {
                throw error;
            }
            System.err.println("A batch failed: " + e.getCause());
            throw new HttpError(500, "The net could not be computed.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpError(503, "The server is stopping; ask another one.");
        }
    }

    /** Takes no more requests and waits for those under way; false if time ran out. */
    boolean drain(long most) throws InterruptedException {
        draining.set(true);
        long until = System.nanoTime() + most;
        while (running.get() > 0) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }
}
