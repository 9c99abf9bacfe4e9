package org.mobilenetv3.cli;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * A module's commands; found by {@link java.util.ServiceLoader}, so modules need not know others.
 */
@FunctionalInterface
public interface CommandProvider {

    /**
     * Returns the commands.
     *
     * @return picocli commands that return an exit code
     */
    List<Callable<Integer>> commands();
}
