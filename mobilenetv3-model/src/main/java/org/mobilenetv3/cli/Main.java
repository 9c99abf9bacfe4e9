package org.mobilenetv3.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.runtime.HostFacts;
import org.mobilenetv3.runtime.TorchRuntime;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line: {@code mobilenetv3 COMMAND}, with the commands of every module on the class
 * path. Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
 */
@Command(
        name = "mobilenetv3",
        description = {
            "Build, train, export and serve MobileNetV3 on the JVM.",
            "(A checkout also has batch, for many images on Spark.)"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage", "130:interrupted, after saving"})
public final class Main implements Callable<Integer> {

    private static final String OFFLINE = "ai.djl.offline";

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show what the runtime found, and stack traces.")
    private boolean verbose;

    @Option(
            names = "--offline",
            scope = ScopeType.INHERIT,
            description = "Never use the network, as with AI_DJL_OFFLINE=true.")
    private boolean offline;

    @Spec private CommandSpec spec;

    private Main() {}

    /**
     * Runs a command; ends the JVM only if it failed, so that {@code mvn exec:java} can go on.
     *
     * @param args command and options
     */
    public static void main(String[] args) {
        int code = run(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /**
     * Runs a command.
     *
     * @param args command and options
     * @return the exit code
     */
    public static int run(String... args) {
        // The engine's log lines are for --verbose; libraries read this when they start.
        List<String> given = List.of(args);
        boolean verbose = given.contains("--verbose") || given.contains("-v");
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty(
                    "org.slf4j.simpleLogger.defaultLogLevel", verbose ? "info" : "error");
        }
        // Nothing here is a time or of SQL; the converters of these load two hundred classes.
        System.setProperty("picocli.converters.excludes", "java\\.(sql|time)\\..*");
        // Figures look the same everywhere: 1,234.5.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Main main = new Main();
        CommandLine line = line(main, args.length == 0 ? "" : args[0]);
        if (args.length > 0
                && args[0].matches("[a-z]+")
                && !line.getSubcommands().containsKey(args[0])
                && !FullDistribution.isHere()) {
            line.getErr()
                    .printf(
                            "mobilenetv3: There is no command '%s' here, only %s; the full distribution of MobileNetV3 has more, such as train.%n",
                            args[0], String.join(", ", line.getSubcommands().keySet()));
            return CommandLine.ExitCode.USAGE;
        }
        try {
            return execute(main, line, args);
        } catch (OutOfMemoryError e) {
            line.getErr()
                    .println(
                            "mobilenetv3: Java's memory is too small for this; give more with JAVA_OPTS=-Xmx8g, a smaller --batch-size or fewer images.");
            return CommandLine.ExitCode.SOFTWARE;
        } catch (NoClassDefFoundError e) { // the small jar has no engine but our own
            if (FullDistribution.isHere()) {
                throw e;
            }
            String message =
                    FullDistribution.needed("This (%s)".formatted(e.getMessage())).getMessage();
            line.getErr().println("mobilenetv3: " + message);
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** The whole command line, to be described. */
    static CommandLine withAllCommands() {
        return line(new Main(), "");
    }

    private static CommandLine line(Main main, String asked) {
        CommandLine line = new CommandLine(main);
        commands(asked).forEach(line::addSubcommand);
        line.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().preprocessor(new FormerNames()));
        return line;
    }

    /** All commands, or only the one that is asked for: picocli takes its time to read each. */
    private static List<Callable<Integer>> commands(String asked) {
        List<CommandProvider> providers = new ArrayList<>();
        for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
            if (provider.names().contains(asked)) {
                return List.of(provider.command(asked));
            }
            providers.add(provider);
        }
        List<Callable<Integer>> all = new ArrayList<>();
        for (CommandProvider provider : providers) {
            for (String name : provider.names()) {
                all.add(provider.command(name));
            }
        }
        return all;
    }

    private static int execute(Main main, CommandLine line, String... args) {
        // A file may be called @x.jpg; there are no files of arguments.
        return line.setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(
                        parsed -> {
                            if (main.verbose && parsed.hasSubcommand()) {
                                System.err.println(
                                        FullDistribution.hasTorch()
                                                ? TorchRuntime.start()
                                                : HostFacts.report());
                            }
                            return main.offline
                                    ? runOffline(parsed)
                                    : new CommandLine.RunLast().execute(parsed);
                        })
                .setExecutionExceptionHandler((e, command, parsed) -> main.fail(e, command))
                .execute(args);
    }

    /** DJL and this project look at one property; it is another command's, too, in one JVM. */
    private static int runOffline(ParseResult parsed) {
        String before = System.setProperty(OFFLINE, "true");
        try {
            return new CommandLine.RunLast().execute(parsed);
        } finally {
            if (before == null) {
                System.clearProperty(OFFLINE);
            } else {
                System.setProperty(OFFLINE, before);
            }
        }
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return CommandLine.ExitCode.USAGE;
    }

    private int fail(Exception e, CommandLine command) {
        command.getErr().println(command.getColorScheme().errorText("mobilenetv3: " + sentence(e)));
        if (verbose) {
            e.printStackTrace(command.getErr());
        }
        // What the user gave was wrong, not the world.
        return e instanceof IllegalArgumentException
                ? CommandLine.ExitCode.USAGE
                : CommandLine.ExitCode.SOFTWARE;
    }

    /** One sentence for what went wrong. */
    static String sentence(Throwable e) {
        String message = FileErrors.sentence(e);
        if (message != null && message.contains("CUDA out of memory")) {
            Matcher wanted = Pattern.compile("Tried to allocate ([\\d.]+ \\w+)").matcher(message);
            return "The GPU's memory is too small for this%s; give a smaller --batch-size, or --accumulate 2 with the same one when training."
                    .formatted(wanted.find() ? " by " + wanted.group(1) + " or more" : "");
        }
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName() + " (--verbose shows where)"
                : FileNames.explained(message.lines().findFirst().orElse(message));
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "mobilenetv3 " + (version == null ? "(built from source)" : version),
                "Java " + Runtime.version()
            };
        }
    }
}
