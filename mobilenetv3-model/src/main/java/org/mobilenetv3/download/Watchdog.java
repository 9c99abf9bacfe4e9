package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Closes a stream that has brought nothing for a while, so that its reader does not hang. */
final class Watchdog implements AutoCloseable {
    private final Thread thread;
    private volatile long lastSign = System.nanoTime();
    private volatile boolean timedOut;

    Watchdog(InputStream watched, Duration patience) {
        thread = new Thread(() -> watch(watched, patience.toNanos()), "download-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /** Tells that data came. */
    void alive() {
        lastSign = System.nanoTime();
    }

    /** Returns whether it closed the stream. */
    boolean timedOut() {
        return timedOut;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch(InputStream watched, long patience) {
        try {
            for (long left = patience; left > 0; left = lastSign + patience - System.nanoTime()) {
                Thread.sleep(left / 1_000_000 + 1);
            }
            timedOut = true;
            watched.close();
        } catch (InterruptedException e) {
            // The download is over.
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
