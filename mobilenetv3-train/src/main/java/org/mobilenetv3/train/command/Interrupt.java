package org.mobilenetv3.train.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (or SIGTERM) into a request: the run finishes its batch and saves while the JVM
 * waits.
 */
public final class Interrupt implements AutoCloseable {

    private static final long SAVE_SECONDS = 120;

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "interrupt");
    private volatile boolean requested;

    /** Starts listening. */
    public Interrupt() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop() {
        requested = true;
        try {
            if (!saved.await(SAVE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("Gave up waiting for the checkpoint.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the user asked to stop. */
    public boolean requested() {
        return requested;
    }

    /** Allows the JVM to exit: everything is saved. */
    @Override
    public void close() {
        saved.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM began to stop just now; the hook returns at once.
                requested = true;
            }
        }
    }
}
