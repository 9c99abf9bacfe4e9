package org.mobilenetv3.cli;

import java.io.Console;

/** Whether somebody is watching. */
public final class Terminal {

    private Terminal() {}

    /**
     * Returns whether the program talks to a terminal, where progress may be redrawn in place.
     *
     * @return false in pipes, log files and services
     */
    @SuppressWarnings("SystemConsoleNull") // from Java 22 on it is never null and says so itself
    public static boolean interactive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true; // before Java 22
        }
    }
}
