package org.mobilenetv3.runtime;

/** How this process was started. */
public final class Launcher {

    private Launcher() {}

    /**
     * Returns what a user types to start this program, for messages that say how to go on.
     *
     * @return the launcher as it was called, for instance {@code ./mobilenetv3}; without one, the
     *     program's name
     */
    public static String program() {
        return System.getProperty("mobilenetv3.program", "mobilenetv3");
    }
}
