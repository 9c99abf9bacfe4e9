package org.mobilenetv3.train.command;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.ProgressLine;
import org.mobilenetv3.train.Recipe;
import org.mobilenetv3.train.RecipeKey;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.RunDirectory;
import org.mobilenetv3.train.RunSettings;
import org.mobilenetv3.train.SampleImages;
import org.mobilenetv3.train.TrainingRun;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.data.Datasets;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.report.RunResult;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.Preprocessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a net and leaves a run directory with the packages, the metrics and sample images. */
@Command(
        name = "train",
        abbreviateSynopsis = true,
        description = "Train a net on a data set; Ctrl-C saves, --resume goes on.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 train",
            "  mobilenetv3 train --dataset fashion-mnist --epochs 5",
            "  mobilenetv3 train --model large --recipe article --dataset cifar10",
            "  mobilenetv3 train --resume runs/fashion-mnist-paper-small"
        })
final class TrainCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private NetOptions net;
    @Mixin private DataOptions data;
    @Mixin private RecipeOptions recipe;
    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;
    @Mixin private LoopOptions loop;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            description = "Side to which images are brought (default: as they are).")
    private Integer inputSize;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Of weights, order and augmentation; the same seed gives the same run (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--weights",
            paramLabel = "PACKAGE",
            description =
                    "A trained package to begin from instead of random weights; with other classes"
                            + " the last layer begins anew.")
    private Path weights;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Run directory (default: runs/DATASET-VARIANT-MODEL).")
    private Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on with a run that was stopped; all settings are the run's.")
    private Path resume;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintStream log = json ? System.err : System.out;
        RunDirectory directory;
        RunSettings settings;
        Splits splits;
        if (resume != null) {
            refuseOtherSettings();
            directory = new RunDirectory(resume);
            settings = directory.settings();
            ModelPackage.recover(directory.best());
            compute.preferThreads(settings.threads());
            splits = load(settings);
            settings.requireSame(splits.train());
        } else {
            splits = data.load(data.dataset(), data.data(), inputSize, seed);
            settings = settings(splits, log, execution.choose(compute.start()));
            if (settings.input().size() != splits.train().width()) {
                splits = load(settings);
            }
            String name = settings.dataset() + "-" + NetOptions.name(settings.architecture());
            directory = out != null ? new RunDirectory(out) : RunDirectory.unused(name);
        }
        Compute machine = loop.compute(compute.start(), settings.replicas());
        if (resume == null) {
            directory.create(settings);
        }
        Closeable lock = directory.lock();
        try {
            return train(settings, splits, directory, machine, log);
        } finally {
            lock.close();
        }
    }

    private int train(
            RunSettings settings,
            Splits splits,
            RunDirectory directory,
            Compute machine,
            PrintStream log)
            throws IOException {
        announce(settings, splits, machine, directory, log);
        TrainingRun run = new TrainingRun(settings, splits, directory, machine, log);
        TrainingRun.Outcome outcome;
        try (Interrupt interrupt = new Interrupt()) {
            outcome = run.run(resume != null, interrupt::requested);
            if (outcome.test().isEmpty() || interrupt.requested()) {
                log.printf(
                        "%nInterrupted and saved. Go on with: ./mobilenetv3 train --resume %s%n",
                        directory.path());
                return 130;
            }
        }
        report(outcome.test().get(), directory, splits.test(), machine.devices().get(0), log);
        return 0;
    }

    private RunSettings settings(Splits splits, PrintStream log, Execution how) throws IOException {
        ImageSet train = splits.train();
        if (train.height() != train.width()) {
            throw new IllegalArgumentException(
                    "The images are %dx%d pixels but the net takes squares: give --input-size."
                            .formatted(train.width(), train.height()));
        }
        Recipe chosen = recipe.choose(net.size(), train.name());
        int size = train.width();
        MobileNetV3Config config =
                net.config(chosen.variant(), train.classes().size(), train.channels(), size);
        requireFits(chosen, config);
        Integer wanted = inputSize;
        if (size < config.minimumInputSize()) {
            if (inputSize != null) {
                throw new IllegalArgumentException(
                        "--input-size is %d but this net takes at least %d."
                                .formatted(inputSize, config.minimumInputSize()));
            }
            wanted = config.minimumInputSize();
            log.printf(
                    "%s has %dx%d images but this net takes at least %dx%d: they are enlarged.%n",
                    train.name(), size, size, wanted, wanted);
            size = wanted;
        }
        Normalization normalization =
                chosen.is(RecipeKey.NORMALIZE)
                        ? Datasets.normalization(train)
                        : Normalization.unit(train.channels());
        boolean photographs = "folder".equals(train.name()) && wanted != null;
        return new RunSettings(
                train.name(),
                data.data() == null ? null : data.data().toAbsolutePath().toString(),
                wanted,
                train.size(),
                train.checksum(),
                config,
                photographs
                        ? Preprocessing.photograph(size, normalization)
                        : new Preprocessing(size, size, normalization),
                chosen.with(RecipeKey.VARIANT, config.variant()),
                weights == null ? null : weights.toAbsolutePath().toString(),
                seed,
                loop.replicas(),
                compute.threads(),
                how);
    }

    /** Before anything is written: what is frozen is there, and the weights are of this net. */
    private void requireFits(Recipe chosen, MobileNetV3Config config) throws IOException {
        MobileNetV3 shapes = MobileNetV3.of(config);
        Freezing freezing = Freezing.of(chosen);
        if (freezing.any()) {
            freezing.requireFits(shapes);
            if (weights == null) {
                throw new IllegalArgumentException(
                        "The recipe freezes %s, but random weights are nothing to keep; give a trained package as --weights."
                                .formatted(freezing.describe()));
            }
        }
        if (weights != null) {
            MobileNetV3Config trained = ModelPackage.read(weights).description().architecture();
            Replica.differing(shapes, MobileNetV3.of(trained), weights);
        }
    }

    /** A resumed run's settings are its own; anything else on the command line would be ignored. */
    private void refuseOtherSettings() {
        List<String> allowed =
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
        spec.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !allowed.contains(name))
                .findFirst()
                .ifPresent(
                        name -> {
                            throw new ParameterException(
                                    spec.commandLine(),
                                    name + " cannot be changed on --resume; start another run.");
                        });
    }

    private Splits load(RunSettings settings) throws IOException {
        Path path = settings.data() == null ? null : Path.of(settings.data());
        return data.load(settings.dataset(), path, settings.inputSize(), settings.seed());
    }

    private static void announce(
            RunSettings settings,
            Splits splits,
            Compute machine,
            RunDirectory directory,
            PrintStream log) {
        log.printf(
                "MobileNetV3 %s on %s: %,d training, %,d validation, %,d test images of %dx%dx%d in %d classes%n",
                NetOptions.name(settings.architecture()).replace('-', ' '),
                settings.dataset(),
                splits.train().size(),
                splits.validation().size(),
                splits.test().size(),
                settings.input().channels(),
                settings.input().size(),
                settings.input().size(),
                splits.train().classes().size());
        log.printf(
                "recipe %s, seed %d, %s, files in %s%n",
                settings.recipe().describe(),
                settings.seed(),
                machine.devices().stream().map(Device::toString).collect(Collectors.joining(", ")),
                directory.path());
    }

    private void report(
            RunResult result, RunDirectory directory, ImageSet test, Device device, PrintStream log)
            throws IOException {
        log.printf(
                "test top-1 %.2f %%  loss %.4f  (%,d images in %s, the package of epoch %d, the best by validation)%n",
                100 * result.top1(),
                result.loss(),
                result.images(),
                ProgressLine.format(Duration.ofMillis(Math.round(1000 * result.testSeconds()))),
                result.bestEpoch());
        log.println();
        new SampleImages(test).writeAndPredict(directory, device, log);
        log.printf(
                "%nReport: %s%nPredict your own images:%n  ./mobilenetv3 predict --model-path %s IMAGE...%n",
                directory.path().resolve("report.html"), directory.best());
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(Result.of(result, directory)));
        }
    }

    /** The result for machines. */
    private record Result(
            String run, String best, double testTop1, double testLoss, long testImages) {
        static Result of(RunResult result, RunDirectory directory) {
            return new Result(
                    directory.path().toString(),
                    directory.best().toString(),
                    result.top1(),
                    result.loss(),
                    result.images());
        }
    }
}
