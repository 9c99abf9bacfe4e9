package org.mobilenetv3.train.command.search;

import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.CommandProvider;

/** Gives the command line the search for a net. */
public final class SearchCommands implements CommandProvider {

    /** Creates the provider; the service loader does. */
    public SearchCommands() {}

    @Override
    public List<String> names() {
        return List.of("search");
    }

    @Override
    public Callable<Integer> command(String name) {
        return new SearchCommand();
    }
}
