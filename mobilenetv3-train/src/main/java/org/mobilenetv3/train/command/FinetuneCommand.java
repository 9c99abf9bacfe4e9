package org.mobilenetv3.train.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.RunData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Adapts a trained net to the classes of a folder of images. */
@Command(
        name = "finetune",
        abbreviateSynopsis = true,
        description =
                "Adapt a trained net to your own classes: net, input size, channels and normalization"
                        + " come from the weights, the classes from the folders' names or the"
                        + " annotations. Ctrl-C saves, --resume continues.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 finetune --weights small --data photos/",
            "  mobilenetv3 finetune --weights boots.zip --data letters/ --flip false --epochs 20",
            "  mobilenetv3 finetune --resume runs/photos-mobilenet_v3_small"
        })
final class FinetuneCommand implements Callable<Integer> {

    private static final String DATASET = "folder";

    @Spec private CommandSpec spec;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "A folder of images for each class, or train, val and test folders of those; to"
                            + " detect or segment, a folder of annotated images, or a file of COCO's.")
    private Path data;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description =
                    "Size that images are brought to, as in train: 224, 48x192 ... (default: that of"
                            + " the weights).")
    private Fit inputSize;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "classify, detect or segment (default: what the weights' net does). For another"
                            + " task, detect or segment, a classifier's trunk is where a new net"
                            + " begins.")
    private Task task;

    /** The net and its normalization are the weights'. */
    @Mixin
    private RecipeOptions recipe =
            new RecipeOptions(
                    EnumSet.complementOf(EnumSet.of(RecipeKey.ARCH, RecipeKey.NORMALIZE)),
                    "finetune");

    @Mixin private ArchOption arch = new ArchOption();
    @Mixin private RunOptions run;

    @Override
    public Integer call() throws IOException {
        return run.call(true, this::prepare);
    }

    /** What costs least is checked first. */
    private RunOptions.NewRun prepare(PrintStream log) throws IOException {
        requireOptions();
        StartingPoint start = StartingPoint.read(weights.locate(), arch.read());
        Task what = task == null ? start.architecture().task() : task;
        if (what != Task.CLASSIFY) {
            return scenes(what, start);
        }
        start.architecture().requireTask(Task.CLASSIFY, "--task classify");
        run.findTeacher(recipe, WeightsOption::locate);
        Fit fit = fit(start);
        Recipe chosen =
                recipe.choose(start.architecture().name(), DATASET)
                        .with(RecipeKey.ARCH, start.architecture().name());
        Freezing.of(chosen).requireFits(MobileNetV3.of(start.architecture()));
        Splits splits =
                DataOptions.read(
                        DATASET, data, fit, start.architecture().inputChannels(), true, run.seed());
        Path folder = data.toAbsolutePath().normalize();
        RunSettings settings = settings(start, fit, chosen, folder, splits.train());
        if (!fit.equals(start.input().fit())) {
            log.printf(
                    "The weights are from images of %s pixels; these are brought to %s.%n",
                    InputSize.text(start.input().fit()), InputSize.text(fit));
        }
        String name = folder.getFileName() == null ? DATASET : folder.getFileName().toString();
        return new RunOptions.NewRun(
                settings, new RunData.Classes(splits), name + "-" + settings.architecture().name());
    }

    private RunOptions.NewRun scenes(Task what, StartingPoint start) throws IOException {
        Architecture own = start.architecture();
        boolean same = own.task() == what;
        String large = what == Task.DETECT ? "ssdlite320_large_full" : "lraspp_large";
        String small = what == Task.DETECT ? "ssdlite320_small" : "lraspp_small";
        String other = own.name().contains("large") ? large : small;
        return new SceneRun(what, data, start, arch.read(), inputSize)
                .prepare(
                        recipe,
                        run,
                        same ? own.name() : other,
                        (name, classes, channels) ->
                                (same ? own : Presets.of(other))
                                        .withClasses(classes)
                                        .withInputChannels(channels));
    }

    private void requireOptions() {
        List<String> missing =
                Stream.of(weights.isGiven() ? null : "--weights", data == null ? "--data" : null)
                        .filter(option -> option != null)
                        .toList();
        if (!missing.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "finetune needs %s (or --resume alone)."
                            .formatted(String.join(" and ", missing)));
        }
    }

    private Fit fit(StartingPoint start) {
        int least = start.architecture().minimumInputSize();
        if (inputSize != null && Math.min(inputSize.height(), inputSize.width()) < least) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "--input-size is %s but this net takes at least %d.",
                            InputSize.text(inputSize),
                            least));
        }
        Fit weights = start.input().fit();
        return inputSize == null ? weights : inputSize.inTheMannerOf(weights);
    }

    private RunSettings settings(
            StartingPoint start, Fit fit, Recipe chosen, Path folder, ImageSet train)
            throws IOException {
        return new RunSettings(
                DATASET,
                folder.toString(),
                train.size(),
                train.checksum(),
                start.architecture().withClasses(train.classes().size()),
                new Preprocessing(fit, start.input().normalization()),
                chosen,
                start.file().toAbsolutePath().toString(),
                arch.read(),
                run.teacher(train),
                run.seed(),
                run.replicas(),
                run.threads(),
                run.execution());
    }
}
