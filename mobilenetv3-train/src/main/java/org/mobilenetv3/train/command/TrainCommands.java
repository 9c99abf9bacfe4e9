package org.mobilenetv3.train.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line this module's commands. */
public final class TrainCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public TrainCommands() {}

    @Override
    public List<Callable<Integer>> commands() {
        return List.of(
                new TrainCommand(),
                new FinetuneCommand(),
                new PreviewCommand(),
                new EvaluateCommand(),
                new RecipesCommand(),
                new CompareCommand(),
                new SummaryCommand(),
                new ArchitecturesCommand(),
                new BenchCommand(),
                new DoctorCommand());
    }
}
