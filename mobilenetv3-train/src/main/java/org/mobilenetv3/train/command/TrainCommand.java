package org.mobilenetv3.train.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.Recipe;
import org.mobilenetv3.train.RecipeKey;
import org.mobilenetv3.train.RunSettings;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.Datasets;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.zoo.Preprocessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Mixin private NetOptions net;
    @Mixin private DataOptions data;
    @Mixin private RecipeOptions recipe;
    @Mixin private RunOptions run;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            description = "Side to which images are brought (default: as they are).")
    private Integer inputSize;

    @Option(
            names = "--weights",
            paramLabel = "PACKAGE",
            description =
                    "A trained package to begin from instead of random weights; with other classes"
                            + " the last layer begins anew.")
    private Path weights;

    @Override
    public Integer call() throws IOException {
        return run.call(data.offline(), this::begin);
    }

    private RunOptions.Beginning begin(PrintStream log) throws IOException {
        Splits splits = load(inputSize);
        RunSettings settings = settings(splits, log);
        if (settings.input().size() != splits.train().width()) {
            splits = load(settings.inputSize());
        }
        String name = settings.dataset() + "-" + NetOptions.name(settings.architecture());
        return new RunOptions.Beginning(settings, splits, name);
    }

    private Splits load(Integer size) throws IOException {
        return data.load(data.dataset(), data.data(), size, run.seed());
    }

    private RunSettings settings(Splits splits, PrintStream log) throws IOException {
        Execution how = run.execution();
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
                run.seed(),
                run.replicas(),
                run.threads(),
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
            StartingPoint.read(weights).differing(shapes);
        }
    }
}
