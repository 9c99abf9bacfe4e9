package org.mobilenetv3.runtime;

import java.util.concurrent.ThreadFactory;

/** Makes threads that do not keep the JVM alive. */
public final class DaemonThreads {

    private DaemonThreads() {}

    /**
     * Returns a factory of daemon threads.
     *
     * @param name of each thread
     * @return the factory, for executors or for single threads
     */
    public static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
