package org.mobilenetv3.train.command;

import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.train.Optimizer;
import org.mobilenetv3.train.Recipe;
import picocli.CommandLine.Option;

/** How to train. */
final class RecipeOptions {

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "quick or article (default: ${DEFAULT-VALUE}).",
            defaultValue = "quick")
    private String recipe;

    @Option(names = "--epochs", paramLabel = "N", description = "Instead of the recipe's.")
    private Integer epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Instead of the recipe's.")
    private Integer batchSize;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description = "adam, adamw or sgd, instead of the recipe's.")
    private Optimizer.Kind optimizer;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            description = "Peak learning rate, instead of the recipe's.")
    private Double learningRate;

    @Option(
            names = "--weight-decay",
            paramLabel = "SHARE",
            description = "On weights only, instead of the recipe's.")
    private Double weightDecay;

    @Option(
            names = "--label-smoothing",
            paramLabel = "SHARE",
            description = "Instead of the recipe's.")
    private Double labelSmoothing;

    /**
     * Makes the recipe.
     *
     * @param size Large or Small
     * @param dataset the images it is for
     */
    Recipe choose(Size size, String dataset) {
        Recipe named = Recipe.named(recipe, size);
        if ("mnist".equals(dataset)) {
            named = named.withoutFlip(); // a mirrored digit is no digit
        }
        return named.with(epochs, batchSize, optimizer, learningRate, weightDecay, labelSmoothing);
    }
}
