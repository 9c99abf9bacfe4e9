package org.mobilenetv3.train.command.pruning;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line the commands that make nets smaller and say how fast they are. */
public final class PruningCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public PruningCommands() {}

    @Override
    public List<Callable<Integer>> commands() {
        return List.of(new ImportanceCommand(), new PruneCommand(), new LatencyCommand());
    }
}
