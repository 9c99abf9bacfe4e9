package org.mobilenetv3.train.command.pruning;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.command.RecipeOptions;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for cutting step by step. */
final class StepOptions {

    private static final Set<RecipeKey> KEYS =
            EnumSet.of(
                    RecipeKey.BATCH_SIZE,
                    RecipeKey.OPTIMIZER,
                    RecipeKey.LR,
                    RecipeKey.WEIGHT_DECAY,
                    RecipeKey.LABEL_SMOOTHING,
                    RecipeKey.CLIP_NORM,
                    RecipeKey.NORM_MOMENTUM,
                    RecipeKey.FREEZE_NORM,
                    RecipeKey.CROP_PADDING,
                    RecipeKey.RESIZED_CROP,
                    RecipeKey.FLIP);

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Cut in so many steps, as NetAdapt does (default: all at once).")
    private Integer count;

    @Option(
            names = "--epochs-per-step",
            paramLabel = "E",
            description =
                    "How long each proposal of a step is trained, in passes over the training"
                            + " images; may be a fraction (default: ${DEFAULT-VALUE}).",
            defaultValue = "0.05")
    private double epochsPerStep;

    @Mixin private RecipeOptions recipe = new RecipeOptions(KEYS, "prune");

    boolean areGiven() {
        return count != null;
    }

    int count() {
        return count;
    }

    double epochsPerStep() {
        return epochsPerStep;
    }

    /** What has no effect without steps. */
    static List<String> names() {
        return Stream.concat(
                        Stream.of("--epochs-per-step", "--recipe"),
                        KEYS.stream().map(key -> "--" + key))
                .toList();
    }

    void requireValid() {
        if (count < 1 || count > 99) {
            throw new IllegalArgumentException("--steps must be 1 to 99.");
        }
        if (!(epochsPerStep > 0 && epochsPerStep < 1000)) {
            throw new IllegalArgumentException("--epochs-per-step must be above 0 and below 1000.");
        }
    }

    /** How the short trainings learn. */
    Recipe recipe(Architecture net, String dataset) throws IOException {
        return recipe.choose(net.name(), dataset);
    }
}
