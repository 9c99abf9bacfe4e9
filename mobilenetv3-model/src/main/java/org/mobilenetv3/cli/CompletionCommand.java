package org.mobilenetv3.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the shell's completion script. */
@Command(
        name = "completion",
        description =
                "Print a script that completes commands, options and the names of weights in bash, zsh"
                        + " or fish.",
        footer = {
            "%nExamples:",
            "  source <(mobilenetv3 completion)             # bash and zsh",
            "  mobilenetv3 completion fish | source         # fish",
            "  mobilenetv3 completion fish > ~/.config/fish/completions/mobilenetv3.fish"
        })
final class CompletionCommand implements Callable<Integer> {

    private static final String PROGRAM = "mobilenetv3";

    /** What scripts are for; zsh reads bash's. */
    enum Shell {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(
            arity = "0..1",
            paramLabel = "SHELL",
            defaultValue = "bash",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, which suits zsh).")
    private Shell shell;

    @Override
    public Integer call() {
        CommandLine all = Main.withAllCommands();
        System.out.print(
                shell == Shell.FISH
                        ? FishCompletion.script(PROGRAM, all)
                        : AutoComplete.bash(PROGRAM, all));
        return 0;
    }
}
