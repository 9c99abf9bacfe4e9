package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A request's body as it arrives. No thread waits for it, so slow callers cost little, and memory
 * grows with the bytes received, not with the length that a caller claims.
 */
final class Body implements ReadListener {

    private static final int INITIAL_BYTES = 1 << 16;

    /**
     * Of a body that is refused, so much is read and thrown away: a caller who writes all of it
     * before he reads would otherwise find a broken connection, and not the answer.
     */
    private static final int DISCARDED_BYTES = 1 << 20;

    private static final long DISCARDING_MILLIS = 1000;

    private final ServletInputStream in;
    private final int maxBytes;
    private final int claimed;
    private final Semaphore memory;
    private final CompletableFuture<Void> whole = new CompletableFuture<>();
    private byte[] bytes = new byte[0];
    private int count;
    private int taken;
    private boolean released;
    private HttpError refusal;
    private int discarded;

    /**
     * Checks the headers.
     *
     * @param maxBytes bytes that the body may have
     * @param memory KiB that the bodies of all requests may take
     * @throws HttpError 413 if the body is too large, 415 if it is encoded
     */
    Body(Context context, int maxBytes, Semaphore memory) {
        this(
                stream(acceptable(context, maxBytes)),
                (int) Math.min(context.req().getContentLengthLong(), maxBytes),
                maxBytes,
                memory);
    }

    private static Context acceptable(Context context, int maxBytes) {
        if (context.req().getContentLengthLong() > maxBytes) {
            throw tooLarge(maxBytes);
        }
        String encoding = context.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new HttpError(415, "Send the body without a Content-Encoding.");
        }
        return context;
    }

    private Body(ServletInputStream in, int claimed, int maxBytes, Semaphore memory) {
        this.in = in;
        this.claimed = claimed;
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    /** Opens the body: a caller who sent {@code Expect: 100-continue} is told to go on. */
    private static ServletInputStream stream(Context context) {
        try {
            return context.req().getInputStream();
        } catch (IOException e) {
            throw gone();
        }
    }

    /**
     * Returns whether a body may be on its way that nobody has begun to read. A caller who waits
     * for the answer before he sends it needs none of it read.
     */
    static boolean isUnread(Context context) {
        boolean sent =
                context.req().getContentLengthLong() > 0
                        || context.header("Transfer-Encoding") != null;
        return sent && context.header("Expect") == null && !context.req().isAsyncStarted();
    }

    /**
     * Reads and throws away the body of a request that was refused before it was read. Call it
     * after the request has become asynchronous.
     *
     * @return completes with the error, in a second at the latest
     */
    static CompletableFuture<Void> discard(Context context, HttpError why) {
        Body body = new Body(stream(context), 0, 0, null);
        body.refuse(why);
        body.in.setReadListener(body);
        return body.whole;
    }

    /**
     * Reads the whole body. Call it once, after the request has become asynchronous.
     *
     * @param time how long the body may take
     * @return completes when {@link #take} can hand over the bytes, or with an {@link HttpError}
     */
    CompletableFuture<Void> read(Duration time) {
        in.setReadListener(this);
        return whole.orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(
                        e -> {
                            throw e instanceof HttpError error ? error : gone();
                        });
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (in.isReady() && !whole.isDone()) {
            if (refusal != null) {
                if (!discard()) {
                    return;
                }
                continue;
            }
            if (count == bytes.length && count != claimed && !grow()) {
                return;
            }
            int more = count == claimed ? in.read() : in.read(bytes, count, bytes.length - count);
            if (more < 0) {
                return;
            }
            count += more;
            if (count > maxBytes) {
                refuse(tooLarge(maxBytes));
            }
        }
    }

    /** From now on nothing is kept, and in a moment the caller is told. */
    private void refuse(HttpError why) {
        refusal = why;
        CompletableFuture.delayedExecutor(DISCARDING_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> whole.completeExceptionally(why));
    }

    /** Reads on without keeping anything; false at the end of the body. */
    private boolean discard() throws IOException {
        int more = in.read(new byte[INITIAL_BYTES]);
        discarded += Math.max(0, more);
        if (discarded > DISCARDED_BYTES) {
            whole.completeExceptionally(refusal);
        }
        return more >= 0;
    }

    /** Quadruples the array, up to the claimed length, or to one byte above the limit. */
    private synchronized boolean grow() {
        int limit = claimed < 0 ? maxBytes + 1 : claimed;
        int length = (int) Math.min(limit, Math.max(INITIAL_BYTES, 4L * bytes.length));
        int blocks = (length - bytes.length + 1023) / 1024;
        if (released || !memory.tryAcquire(blocks)) {
            whole.completeExceptionally(
                    new HttpError(503, "Too many bodies are arriving; try again later."));
            return false;
        }
        taken += blocks;
        bytes = Arrays.copyOf(bytes, length);
        return true;
    }

    @Override
    public void onAllDataRead() {
        if (refusal != null) {
            whole.completeExceptionally(refusal);
        } else {
            whole.complete(null);
        }
    }

    @Override
    public void onError(Throwable cause) {
        whole.completeExceptionally(refusal == null ? gone() : refusal);
    }

    /**
     * Hands over the bytes and drops this reference, so that they can be freed before the request
     * ends.
     */
    byte[] take() {
        byte[] all = count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
        bytes = null;
        return all;
    }

    /** Returns the memory to the budget. */
    synchronized void release() {
        if (!released) {
            released = true;
            memory.release(taken);
        }
    }

    private static HttpError tooLarge(int maxBytes) {
        return new HttpError(
                413, String.format(Locale.ROOT, "The body is larger than %d bytes.", maxBytes));
    }

    private static HttpError gone() {
        return new HttpError(408, "The body did not arrive completely and in time.");
    }
}
