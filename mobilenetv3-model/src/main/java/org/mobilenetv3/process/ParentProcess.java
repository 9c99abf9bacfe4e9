package org.mobilenetv3.process;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** Who started this process: its end is this one's, too. */
public final class ParentProcess {

    /** The exit code of what was stopped. */
    static final int STOPPED = 130;

    private static final long SAVE_SECONDS = 30;

    private ParentProcess() {}

    /**
     * Ends this JVM once standard input ends, as it does when the process that started this one
     * lets go of it or dies in any way. Shutdown hooks have half a minute to save.
     */
    public static void watch() {
        daemon(
                "parent",
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // It is gone, too.
                    }
                    daemon("end", ParentProcess::halt);
                    System.exit(STOPPED);
                });
    }

    private static void halt() {
        try {
            TimeUnit.SECONDS.sleep(SAVE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(STOPPED);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
