package org.mobilenetv3.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints the shell's completion script. */
@Command(
        name = "completion",
        description =
                "Print a script that completes commands, options and the names of weights in bash and"
                        + " zsh.",
        footer = {"%nExample:", "  source <(mobilenetv3 completion)"})
final class CompletionCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        System.out.print(AutoComplete.bash("mobilenetv3", Main.withAllCommands()));
        return 0;
    }
}
