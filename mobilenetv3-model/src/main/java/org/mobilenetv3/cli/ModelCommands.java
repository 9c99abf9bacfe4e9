package org.mobilenetv3.cli;

import java.util.List;
import java.util.concurrent.Callable;

/** Gives the command line this module's commands. */
public final class ModelCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public ModelCommands() {}

    @Override
    public List<String> names() {
        return List.of("models", "summary", "architectures", "completion");
    }

    @Override
    public Callable<Integer> command(String name) {
        return switch (name) {
            case "models" -> new ModelsCommand();
            case "summary" -> new SummaryCommand();
            case "architectures" -> new ArchitecturesCommand();
            case "completion" -> new CompletionCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
