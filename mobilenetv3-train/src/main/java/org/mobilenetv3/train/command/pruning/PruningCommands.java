package org.mobilenetv3.train.command.pruning;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line the commands that make nets smaller and say how fast they are. */
public final class PruningCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public PruningCommands() {}

    @Override
    public List<String> names() {
        return List.of("importance", "prune", "latency");
    }

    @Override
    public Callable<Integer> command(String name) {
        return switch (name) {
            case "importance" -> new ImportanceCommand();
            case "prune" -> new PruneCommand();
            case "latency" -> new LatencyCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
