package org.mobilenetv3.cli;

import java.util.List;
import java.util.concurrent.Callable;

/** Gives the command line this module's commands. */
public final class ModelCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public ModelCommands() {}

    @Override
    public List<Callable<Integer>> commands() {
        return List.of(new ModelsCommand(), new CompletionCommand());
    }
}
