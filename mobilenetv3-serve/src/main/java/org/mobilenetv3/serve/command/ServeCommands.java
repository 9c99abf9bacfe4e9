package org.mobilenetv3.serve.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Provides this module's commands to the command line. */
public final class ServeCommands implements CommandProvider {

    /** Creates the provider, for the service loader. */
    public ServeCommands() {}

    @Override
    public List<String> names() {
        return List.of("predict", "export", "convert", "serve");
    }

    @Override
    public Callable<Integer> command(String name) {
        return switch (name) {
            case "predict" -> new PredictCommand();
            case "export" -> new ExportCommand();
            case "convert" -> new ConvertCommand();
            case "serve" -> new ServeCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
