package org.mobilenetv3.train.command;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.Recipe;
import org.mobilenetv3.train.RecipeKey;
import org.mobilenetv3.train.RunSettings;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.zoo.Preprocessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a trained net on to the classes of a folder of images. */
@Command(
        name = "finetune",
        abbreviateSynopsis = true,
        description =
                "Train a trained net on to your own classes: net, size, colours and normalisation"
                        + " are the weights', the classes are the folders' names. Ctrl-C saves,"
                        + " --resume goes on.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 finetune --weights runs/imagenet/best --data photos/",
            "  mobilenetv3 finetune --weights boots.zip --data letters/ --flip false --epochs 20",
            "  mobilenetv3 finetune --resume runs/photos-paper-small"
        })
final class FinetuneCommand implements Callable<Integer> {

    private static final String DATASET = "folder";

    @Spec private CommandSpec spec;

    @Option(
            names = "--weights",
            paramLabel = "PACKAGE",
            description =
                    "The trained package to begin from; with other classes the last layer begins"
                            + " anew.")
    private Path weights;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "A folder of images for each class, or train, val and test folders of those.")
    private Path data;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            description = "Side to which images are brought (default: the weights').")
    private Integer inputSize;

    /** Variant and normalisation are the weights'. */
    @Mixin
    private RecipeOptions recipe =
            new RecipeOptions(
                    EnumSet.complementOf(EnumSet.of(RecipeKey.VARIANT, RecipeKey.NORMALIZE)),
                    "finetune");

    @Mixin private RunOptions run;

    @Override
    public Integer call() throws IOException {
        return run.call(true, this::begin);
    }

    /** What costs least is checked first. */
    private RunOptions.Beginning begin(PrintStream log) throws IOException {
        requireOptions();
        StartingPoint start = StartingPoint.read(weights);
        int size = size(start);
        Recipe chosen =
                recipe.choose(start.architecture().size(), DATASET)
                        .with(RecipeKey.VARIANT, start.architecture().variant());
        Freezing.of(chosen).requireFits(MobileNetV3.of(start.architecture()));
        Splits splits =
                DataOptions.read(
                        DATASET,
                        data,
                        size,
                        start.architecture().inputChannels(),
                        true,
                        run.seed());
        Path folder = data.toAbsolutePath().normalize();
        RunSettings settings = settings(start, size, chosen, folder, splits.train());
        if (size != start.input().size()) {
            log.printf(
                    "The weights are from images of %d pixels; these are brought to %d.%n",
                    start.input().size(), size);
        }
        String name = folder.getFileName() == null ? DATASET : folder.getFileName().toString();
        return new RunOptions.Beginning(
                settings, splits, name + "-" + NetOptions.name(settings.architecture()));
    }

    private void requireOptions() {
        List<String> missing =
                Stream.of(weights == null ? "--weights" : null, data == null ? "--data" : null)
                        .filter(option -> option != null)
                        .toList();
        if (!missing.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "finetune needs %s (or --resume alone)."
                            .formatted(String.join(" and ", missing)));
        }
    }

    private int size(StartingPoint start) {
        int least = start.architecture().minimumInputSize();
        if (inputSize != null && inputSize < least) {
            throw new IllegalArgumentException(
                    "--input-size is %d but this net takes at least %d."
                            .formatted(inputSize, least));
        }
        return inputSize == null ? start.input().size() : inputSize;
    }

    private RunSettings settings(
            StartingPoint start, int size, Recipe chosen, Path folder, ImageSet train) {
        MobileNetV3Config trained = start.architecture();
        return new RunSettings(
                DATASET,
                folder.toString(),
                size,
                train.size(),
                train.checksum(),
                new MobileNetV3Config(
                        trained.size(),
                        trained.variant(),
                        train.classes().size(),
                        trained.width(),
                        trained.dropout(),
                        trained.inputChannels(),
                        trained.stemStride()),
                Preprocessing.photograph(size, start.input().normalization()),
                chosen,
                weights.toAbsolutePath().toString(),
                run.seed(),
                run.replicas(),
                run.threads(),
                run.execution());
    }
}
