package org.mobilenetv3.train.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.NetOptions;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.RunData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a net and leaves a run directory with the packages, the metrics and sample images. */
@Command(
        name = "train",
        abbreviateSynopsis = true,
        description = "Train a net on a data set; Ctrl-C saves, --resume continues.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 train",
            "  mobilenetv3 train --dataset fashion-mnist --epochs 5",
            "  mobilenetv3 train --arch mobilenet_v3_large --recipe article --dataset cifar10",
            "  mobilenetv3 train --resume runs/fashion-mnist-mobilenet_v3_small"
        })
final class TrainCommand implements Callable<Integer> {

    @Mixin private NetOptions net;
    @Mixin private DataOptions data;
    @Mixin private InputOptions input;
    @Mixin private RecipeOptions recipe;
    @Mixin private RunOptions run;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "classify, detect (find objects and their boxes) or segment (tell what each pixel"
                            + " belongs to) (default: what the net does).")
    private Task task;

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            description =
                    "Weights to start from instead of random ones: a package, a zip of one, or a"
                            + " file of torchvision, timm, ONNX ..., or the name of published ones that"
                            + " 'models get' has fetched; for other classes the last layer starts at"
                            + " random.",
            completionCandidates = WeightsOption.Names.class)
    private String weights;

    @Mixin private WeightsOption.SubnetOption subnet;

    private Path start;

    @Override
    public Integer call() throws IOException {
        return run.call(data.offline(), this::prepare);
    }

    /**
     * Reads all that a run begins with, and writes nothing.
     *
     * @throws IOException in one sentence, if it could not begin
     */
    void check() throws IOException {
        var unused = prepare(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    }

    private RunOptions.NewRun prepare(PrintStream log) throws IOException {
        start = weights == null ? null : subnet.within(WeightsOption.locateHere(weights));
        Task what = task();
        if (what != Task.CLASSIFY) {
            return scenes(what);
        }
        SceneRun.refuse(
                recipe,
                EnumSet.of(RecipeKey.DATA_AUGMENTATION),
                "is for nets that detect or segment.");
        run.findTeacher(recipe, WeightsOption::locateHere);
        Splits splits = load(input.size());
        RunSettings settings = settings(splits, log);
        if (settings.input().width() != splits.train().width()) {
            splits = load(settings.input().fit());
        }
        String name = settings.dataset() + "-" + settings.architecture().name();
        return new RunOptions.NewRun(settings, new RunData.Classes(splits), name);
    }

    /** As asked; otherwise what net, weights or recipe are for. */
    private Task task() throws IOException {
        if (task != null) {
            return task;
        }
        if (net.arch() != null) {
            return net.isDjls() ? Task.CLASSIFY : net.table().task();
        }
        if (start != null) {
            return StartingPoint.read(start, null).architecture().task();
        }
        return ArchOption.read(recipe.choose(null, "").arch(), null).task();
    }

    private RunOptions.NewRun scenes(Task what) throws IOException {
        SceneRun.requireScenes(what, data);
        StartingPoint from = start == null ? null : StartingPoint.read(start, null);
        boolean same = from != null && from.architecture().task() == what && !net.isGiven();
        return new SceneRun(what, data.data(), from, null, input.size())
                .prepare(
                        recipe,
                        run,
                        same ? from.architecture().name() : net.arch(),
                        (name, classes, channels) ->
                                same
                                        ? net.changed(from.architecture()).withClasses(classes)
                                        : net.architecture(
                                                name, classes, channels, Integer.MAX_VALUE));
    }

    private Splits load(Fit fit) throws IOException {
        return data.load(data.dataset(), data.data(), fit, run.seed());
    }

    private RunSettings settings(Splits splits, PrintStream log) throws IOException {
        Execution how = run.execution();
        ImageSet train = splits.train();
        // Weights are of a net: another one must be asked for.
        Architecture own =
                start == null || net.isGiven()
                        ? null
                        : StartingPoint.read(start, null).architecture();
        Recipe chosen = recipe.choose(own == null ? net.arch() : own.name(), train.name());
        int size = Math.min(train.height(), train.width());
        Architecture architecture =
                own == null
                        ? net.architecture(
                                chosen.arch(), train.classes().size(), train.channels(), size)
                        : net.changed(own)
                                .withClasses(train.classes().size())
                                .withInputChannels(train.channels());
        SceneRun.requireTask(Task.CLASSIFY, architecture);
        requireFits(chosen, architecture);
        Normalization normalization =
                chosen.is(RecipeKey.NORMALIZE)
                        ? Datasets.normalization(train)
                        : Normalization.unit(train.channels());
        return new RunSettings(
                train.name(),
                data.data() == null ? null : data.data().toAbsolutePath().toString(),
                train.size(),
                train.checksum(),
                architecture,
                new Preprocessing(
                        input.fit(train, architecture.minimumInputSize(), log), normalization),
                chosen.with(RecipeKey.ARCH, architecture.name()),
                start == null ? null : start.toAbsolutePath().toString(),
                null,
                run.teacher(train),
                run.seed(),
                run.replicas(),
                run.threads(),
                how);
    }

    /** Before anything is written: what is frozen is there, and the weights are of this net. */
    private void requireFits(Recipe chosen, Architecture architecture) throws IOException {
        MobileNetV3 shapes = MobileNetV3.of(architecture);
        Freezing freezing = Freezing.of(chosen);
        if (freezing.any()) {
            freezing.requireFits(shapes);
            if (weights == null) {
                throw new IllegalArgumentException(
                        "The recipe freezes %s, but freezing random weights makes no sense; give a trained package as --weights."
                                .formatted(freezing.describe()));
            }
        }
        if (start != null) {
            StartingPoint.read(start, null).differing(shapes);
        }
    }
}
