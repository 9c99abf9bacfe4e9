package org.mobilenetv3.spark.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line this module's command. */
public final class SparkCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public SparkCommands() {}

    @Override
    public List<String> names() {
        return List.of("batch");
    }

    @Override
    public Callable<Integer> command(String name) {
        return new BatchCommand();
    }
}
