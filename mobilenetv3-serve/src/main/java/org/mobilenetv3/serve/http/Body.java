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
 * A request's body while it arrives. No thread waits for it, so that slow callers cost little, and
 * memory is taken as bytes come, not as a caller claims.
 */
final class Body implements ReadListener {

    private static final int FIRST = 1 << 16;

    private final ServletInputStream in;
    private final int most;
    private final int claimed;
    private final Semaphore memory;
    private final CompletableFuture<Void> whole = new CompletableFuture<>();
    private byte[] bytes = new byte[0];
    private int count;
    private int taken;
    private boolean released;

    /**
     * Looks at what the headers say.
     *
     * @param most bytes that the body may have
     * @param memory KiB that the bodies of all requests may take
     * @throws HttpError 413 or 415 if the body is not wanted
     */
    Body(Context context, int most, Semaphore memory) {
        long length = context.req().getContentLengthLong();
        if (length > most) {
            throw tooLarge(most);
        }
        String encoding = context.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new HttpError(415, "Send the body without a Content-Encoding.");
        }
        this.most = most;
        this.claimed = (int) length;
        this.memory = memory;
        try {
            this.in = context.req().getInputStream();
        } catch (IOException e) {
            throw gone();
        }
    }

    /**
     * Reads everything. Call it once, when the request is asynchronous.
     *
     * @param time how long the body may take
     * @return when {@link #take} gives the bytes, or an {@link HttpError}
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
            if (count == bytes.length && count != claimed && !grow()) {
                return;
            }
            int more = count == claimed ? in.read() : in.read(bytes, count, bytes.length - count);
            if (more < 0) {
                return;
            }
            count += more;
            if (count > most) {
                whole.completeExceptionally(tooLarge(most));
            }
        }
    }

    /** Four times the room, but no more than is claimed, or than tells that it is too much. */
    private synchronized boolean grow() {
        int limit = claimed < 0 ? most + 1 : claimed;
        int length = (int) Math.min(limit, Math.max(FIRST, 4L * bytes.length));
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
        whole.complete(null);
    }

    @Override
    public void onError(Throwable cause) {
        whole.completeExceptionally(gone());
    }

    /** Gives the bytes away, so that they do not live as long as the request. */
    byte[] take() {
        byte[] all = count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
        bytes = null;
        return all;
    }

    /** Gives the memory back. */
    synchronized void release() {
        if (!released) {
            released = true;
            memory.release(taken);
        }
    }

    private static HttpError tooLarge(int most) {
        return new HttpError(
                413, String.format(Locale.ROOT, "The body is larger than %d bytes.", most));
    }

    private static HttpError gone() {
        return new HttpError(408, "The body did not arrive whole and in time.");
    }
}
