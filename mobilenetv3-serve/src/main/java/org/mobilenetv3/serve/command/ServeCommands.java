package org.mobilenetv3.serve.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Provides this module's commands to the command line. */
public final class ServeCommands implements CommandProvider {

    /** Creates the provider, for the service loader. */
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
