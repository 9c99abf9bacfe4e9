package org.mobilenetv3.cli;

import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Former names of {@code --weights}: they still work for one release, but no help shows them. */
final class FormerNames implements IParameterPreprocessor {

    private static final String NAME = "--weights";
    private static final List<String> FORMER = List.of("--model-path", "--model");

    @Override
    @SuppressWarnings("JdkObsolete") // picocli's
    public boolean preprocess(
            Stack<String> arguments,
            CommandSpec command,
            ArgSpec option,
            Map<String, Object> info) {
        Map<String, ?> options = command.optionsMap();
        int end = arguments.lastIndexOf("--"); // the next argument is the last one of the stack
        for (int i = arguments.size() - 1; i > end && options.containsKey(NAME); i--) {
            String argument = arguments.get(i);
            for (String former : FORMER) {
                boolean given = argument.equals(former) || argument.startsWith(former + "=");
                if (given && !options.containsKey(former)) {
                    arguments.set(i, NAME + argument.substring(former.length()));
                }
            }
        }
        return false; // picocli goes on
    }
}
