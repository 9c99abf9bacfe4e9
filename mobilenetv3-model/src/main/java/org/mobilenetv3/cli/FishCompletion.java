package org.mobilenetv3.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The script that completes a command line in fish, which picocli does not write. */
final class FishCompletion {

    private final String program;
    private final StringBuilder script = new StringBuilder();

    private FishCompletion(String program) {
        this.program = program;
    }

    /**
     * Writes the script.
     *
     * @param program what is typed
     * @param line with all subcommands
     * @return lines of fish
     */
    static String script(String program, CommandLine line) {
        FishCompletion fish = new FishCompletion(program);
        fish.add(line.getCommandSpec(), List.of());
        return fish.script.toString();
    }

    /** A command is asked for when its words were typed and those of none of its subcommands. */
    private void add(CommandSpec command, List<String> words) {
        Map<String, CommandLine> below = command.subcommands();
        StringJoiner condition = new StringJoiner("; and ");
        words.forEach(word -> condition.add("__fish_seen_subcommand_from " + word));
        if (!below.isEmpty()) {
            condition.add("not __fish_seen_subcommand_from " + String.join(" ", below.keySet()));
        }
        if (words.isEmpty()) {
            line(condition, "-f");
        }
        below.forEach(
                (name, line) ->
                        line(
                                condition,
                                "-a " + name,
                                description(line.getCommandSpec().usageMessage().description())));
        command.options().stream().filter(o -> !o.hidden()).forEach(o -> add(condition, o));
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            String values = values(parameter);
            if (!values.isEmpty()) {
                line(
                        condition,
                        takesFiles(parameter) ? values : "-f " + values,
                        description(parameter.description()));
            }
        }
        below.forEach(
                (name, line) -> {
                    List<String> deeper = new ArrayList<>(words);
                    deeper.add(name);
                    add(line.getCommandSpec(), deeper);
                });
    }

    private void add(StringJoiner condition, OptionSpec option) {
        StringJoiner names = new StringJoiner(" ");
        for (String name : option.names()) {
            names.add(
                    name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
        }
        String argument = option.arity().max() == 0 ? "" : takesFiles(option) ? "-r" : "-x";
        line(
                condition,
                names.toString(),
                argument,
                argument.isEmpty() ? "" : values(option),
                description(option.description()));
    }

    private static boolean takesFiles(ArgSpec argument) {
        Class<?> type = argument.typeInfo().getType();
        boolean several = argument.typeInfo().isMultiValue();
        Class<?> one = several ? argument.typeInfo().getAuxiliaryTypes()[0] : type;
        return one == Path.class || one == String.class;
    }

    private static String values(ArgSpec argument) {
        if (argument.completionCandidates() == null) {
            return "";
        }
        String values = String.join(" ", argument.completionCandidates());
        return values.isEmpty() ? "" : "-a " + quoted(values);
    }

    /** The first sentence. */
    private static String description(String... lines) {
        String text = String.join(" ", lines).replaceAll("%n|\\$\\{[^}]*}", "").strip();
        String first = text.split("[.;:] | ?\\(default", 2)[0].replaceFirst("(?<!\\.)\\.$", "");
        return first.isEmpty() ? "" : "-d " + quoted(first);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private void line(StringJoiner condition, String... parts) {
        script.append("complete -c ").append(program);
        script.append(" -n ").append(quoted(condition.toString()));
        for (String part : parts) {
            if (!part.isEmpty()) {
                script.append(' ').append(part);
            }
        }
        script.append('\n');
    }
}
