package org.mobilenetv3.serve.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line this module's commands. */
public final class ServeCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public ServeCommands() {}

    @Override
    public List<Callable<Integer>> commands() {
        return List.of(
                new PredictCommand(),
                new ExportCommand(),
                new ConvertCommand(),
                new ServeCommand());
    }
}
