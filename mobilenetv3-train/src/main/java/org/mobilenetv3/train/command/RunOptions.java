package org.mobilenetv3.train.command;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.Teacher;
import org.mobilenetv3.train.TrainingRun;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.RunData;
import org.mobilenetv3.trained.ModelPackage;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A run, begun or resumed, from the command line: what {@code train} and {@code finetune} share.
 */
final class RunOptions {

    /** What may be given when a run is resumed. */
    static final List<String> RESUMING =
            List.of(
                    "--resume",
                    "--json",
                    "--verbose",
                    "--device",
                    "--threads",
                    "--loader-threads",
                    "--keep",
                    "--save-every",
                    "--offline");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;
    @Mixin private LoopOptions loop;

    @Option(
            names = "--teacher",
            paramLabel = "WEIGHTS",
            description =
                    "Learn from the answers of this trained net, too (--distill, --temperature): what"
                            + " --weights takes, of the same classes.",
            completionCandidates = WeightsOption.Names.class)
    private String teacherText;

    private StartingPoint teacher;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Seed of weights, order and augmentation; the same seed gives the same run (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Run directory (default: runs/DATASET-ARCH).")
    private Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Continue a run that was stopped, with its own settings.")
    private Path resume;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    /**
     * A run that is about to begin.
     *
     * @param settings what decides its outcome
     * @param data its images
     * @param name of its directory, if the user gives none
     */
    record NewRun(RunSettings settings, RunData data, String name) {}

    /** Prepares a new run; nothing is written yet. */
    @FunctionalInterface
    interface Preparation {
        /**
         * Prepares.
         *
         * @param log told what the user should know
         */
        NewRun prepare(PrintStream log) throws IOException;
    }

    /** Finds or fetches weights by a path or a name. */
    @FunctionalInterface
    interface Locator {
        Path locate(String text) throws IOException;
    }

    /**
     * Finds the teacher, if one was given, before anything takes long.
     *
     * @param recipe whose values for a teacher need one, if they were given
     * @param locator finds it
     * @throws IOException in one sentence, if it cannot be had or read
     */
    void findTeacher(RecipeOptions recipe, Locator locator) throws IOException {
        if (teacherText != null) {
            teacher = StartingPoint.read(locator.locate(teacherText), null);
            return;
        }
        for (RecipeKey key : List.of(RecipeKey.DISTILL, RecipeKey.TEMPERATURE)) {
            if (recipe.isGiven(key)) {
                throw new IllegalArgumentException(
                        "--%s has no effect without a teacher; give a trained net as --teacher."
                                .formatted(key));
            }
        }
    }

    /** Refuses a teacher where nothing is learned from one. */
    void refuseTeacher(RecipeOptions recipe) {
        if (teacherText != null
                || recipe.isGiven(RecipeKey.DISTILL)
                || recipe.isGiven(RecipeKey.TEMPERATURE)) {
            throw new IllegalArgumentException(
                    "A teacher is for nets that classify; leave out --teacher, --distill and --temperature.");
        }
    }

    /**
     * Returns the teacher that was found.
     *
     * @param images that it is to know the classes of
     * @return null if none was given
     * @throws IOException in one sentence, if it tells other classes apart
     */
    RecordedWeights teacher(ImageSet images) throws IOException {
        if (teacher == null) {
            return null;
        }
        Teacher.requireClasses(teacher.file(), teacher.description(), images.classes());
        return RecordedWeights.of(teacher.file());
    }

    long seed() {
        return seed;
    }

    int replicas() {
        return loop.replicas();
    }

    Integer threads() {
        return compute.threads();
    }

    /** Starts the engine and chooses how the net is computed. */
    Execution execution() {
        return execution.choose(compute.start());
    }

    /**
     * Runs to the end or until Ctrl-C.
     *
     * @param offline whether data must not be fetched when a run is resumed
     * @param preparation prepares the run if none is resumed
     * @return the exit code
     */
    int call(boolean offline, Preparation preparation) throws IOException {
        PrintStream log = json ? System.err : System.out;
        RunDirectory directory;
        RunSettings settings;
        RunData data;
        if (resume != null) {
            refuseOtherSettings();
            directory = new RunDirectory(resume);
            settings = directory.settings();
            ModelPackage.recover(directory.best());
            if (settings.teacher() != null) {
                settings.teacher().requireSame("teacher");
            }
            compute.preferThreads(settings.threads());
            data = load(settings, offline);
            settings.requireSame(
                    data.facts().images(), data.facts().classes().size(), data.checksum());
        } else {
            NewRun begun = preparation.prepare(log);
            settings = begun.settings();
            data = begun.data();
            directory = out != null ? new RunDirectory(out) : RunDirectory.unused(begun.name());
        }
        Compute machine = loop.compute(compute.start(), settings.replicas());
        if (resume == null) {
            directory.create(settings);
        }
        Closeable lock = directory.lock();
        try {
            return run(settings, data, directory, machine, new RunConsole(log, json));
        } finally {
            lock.close();
        }
    }

    private int run(
            RunSettings settings,
            RunData data,
            RunDirectory directory,
            Compute machine,
            RunConsole console)
            throws IOException {
        console.announce(settings, data, machine, directory);
        TrainingRun<?> run = TrainingRun.of(settings, data, directory, machine, console.log());
        TrainingRun.Outcome outcome;
        try (Interrupt interrupt = new Interrupt()) {
            outcome = run.run(resume != null, interrupt::requested);
            if (outcome.test().isEmpty() || interrupt.requested()) {
                console.interrupted(spec.name(), directory);
                return 130;
            }
        }
        console.report(outcome.test().get(), directory, run);
        return 0;
    }

    /** A resumed run's settings are its own; anything else on the command line would be ignored. */
    private void refuseOtherSettings() {
        spec.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !RESUMING.contains(name))
                .findFirst()
                .ifPresent(
                        name -> {
                            throw new ParameterException(
                                    spec.commandLine(),
                                    name + " cannot be changed on --resume; start another run.");
                        });
    }

    private static RunData load(RunSettings settings, boolean offline) throws IOException {
        Path path = settings.data() == null ? null : Path.of(settings.data());
        Task task = settings.architecture().task();
        return task == Task.CLASSIFY
                ? new RunData.Classes(
                        DataOptions.read(
                                settings.dataset(),
                                path,
                                settings.input().fit(),
                                settings.architecture().inputChannels(),
                                offline,
                                settings.seed()))
                : new RunData.Scenes(DataOptions.scenes(task, path, settings.seed()));
    }
}
