package org.mobilenetv3.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.mobilenetv3.image.DecodingMemory;

/**
 * The nets of an executor, each once whatever the number of tasks. One that no task uses is closed
 * after a while, and all when the JVM ends.
 */
final class SharedNets {

    /**
     * Those of this JVM: tasks of one executor have nothing else in common. Stages of a job follow
     * each other, so a net waits a minute for the next task.
     */
    static final SharedNets OF_JVM = new SharedNets(Duration.ofMinutes(1));

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(OF_JVM::closeAll, "mobilenetv3-close-nets"));
    }

    /** Opens a net. */
    @FunctionalInterface
    interface Opener {
        ExecutorNet open() throws IOException;
    }

    private static final class Shared {
        private final ExecutorNet net;
        private int users;
        private int uses;

        private Shared(ExecutorNet net) {
            this.net = net;
        }
    }

    /** A task's claim on a net. */
    final class Claim implements AutoCloseable {
        private final String key;
        private final Shared shared;
        private boolean closed;

        private Claim(String key, Shared shared) {
            this.key = key;
            this.shared = shared;
        }

        ExecutorNet net() {
            return shared.net;
        }

        /** Gives the net back; further calls do nothing. */
        @Override
        public void close() {
            synchronized (SharedNets.this) {
                if (!closed) {
                    closed = true;
                    shared.users--;
                    closeLater(key, shared);
                }
            }
        }
    }

    private final Duration idle;
    private final DecodingMemory memory = DecodingMemory.ofHeap();
    private final Map<String, Shared> nets = new HashMap<>();
    private final ScheduledThreadPoolExecutor closer;
    private int opened;

    SharedNets(Duration idle) {
        this.idle = idle;
        closer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "mobilenetv3-idle-nets");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Finds a net, or opens it.
     *
     * @param key what tells it from others
     * @param opener opens it
     * @return to be closed after use
     * @throws IOException if it cannot be opened
     */
    synchronized Claim claim(String key, Opener opener) throws IOException {
        Shared shared = nets.get(key);
        if (shared == null) {
            shared = new Shared(opener.open());
            opened++;
            nets.put(key, shared);
        }
        shared.users++;
        shared.uses++;
        return new Claim(key, shared);
    }

    /** Unless another task has claimed it since. */
    private void closeLater(String key, Shared shared) {
        int uses = shared.uses;
        var unused =
                closer.schedule(
                        () -> {
                            synchronized (this) {
                                if (shared.uses == uses
                                        && shared.users == 0
                                        && nets.remove(key, shared)) {
                                    shared.net.close();
                                }
                            }
                        },
                        idle.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private synchronized void closeAll() {
        nets.values().forEach(shared -> shared.net.close());
        nets.clear();
    }

    /** Returns the room for the pictures that all tasks decode. */
    DecodingMemory memory() {
        return memory;
    }

    /** Returns how many nets were opened so far. */
    synchronized int opened() {
        return opened;
    }

    /** Returns how many nets are open. */
    synchronized int open() {
        return nets.size();
    }

    /** Returns how many claims are held. */
    synchronized int users() {
        return nets.values().stream().mapToInt(shared -> shared.users).sum();
    }
}
