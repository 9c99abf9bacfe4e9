package org.mobilenetv3.train;

import java.util.List;
import java.util.Locale;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.train.data.Augmentation;

/**
 * How a net is trained, all but the data.
 *
 * @param name for people and for provenance
 * @param variant the net that the recipe is meant for
 * @param epochs passes over the training set
 * @param batchSize images per step
 * @param optimizer update rule
 * @param learningRate peak rate
 * @param weightDecay acts on weights only
 * @param warmupEpochs epochs of linear warm-up, may be a fraction
 * @param cosine whether the rate falls to zero along half a cosine
 * @param labelSmoothing share of the target spread over all classes, 0 to below 1
 * @param augmentation what is done to training images
 * @param unitRange whether pixels are only scaled to [0, 1] instead of normalised
 */
public record Recipe(
        String name,
        Variant variant,
        int epochs,
        int batchSize,
        Optimizer.Kind optimizer,
        double learningRate,
        double weightDecay,
        double warmupEpochs,
        boolean cosine,
        double labelSmoothing,
        Augmentation augmentation,
        boolean unitRange) {

    /** Refuses values that cannot train. */
    public Recipe {
        require(epochs >= 1, "epochs", epochs, "at least 1");
        require(batchSize >= 2, "batch size", batchSize, "at least 2, for batch norm");
        require(learningRate > 0, "learning rate", learningRate, "above 0");
        require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
        require(
                labelSmoothing >= 0 && labelSmoothing < 1,
                "label smoothing",
                labelSmoothing,
                "at least 0 and below 1");
    }

    /** The names that {@link #named} knows. */
    public static final List<String> NAMES = List.of("quick", "article");

    /**
     * Finds a recipe.
     *
     * @param name one of {@link #NAMES}
     * @param size Large or Small: the article trains them at different rates
     * @return the recipe
     * @throws IllegalArgumentException lists the names
     */
    public static Recipe named(String name, Size size) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            // A few epochs of a small set: AdamW, warm-up and cosine, light augmentation.
            case "quick" ->
                    new Recipe(
                            "quick",
                            Variant.PAPER,
                            5,
                            64,
                            Optimizer.Kind.ADAMW,
                            0.003,
                            0.02,
                            0.5,
                            true,
                            0.1,
                            Augmentation.builder().optHorizontalFlip(true).build(),
                            false);
            // docs/article.md: Adam, constant rate, plain pixels, shuffled.
            case "article" ->
                    new Recipe(
                            "article",
                            Variant.ARTICLE,
                            10,
                            148,
                            Optimizer.Kind.ADAM,
                            size == Size.LARGE ? 0.001 : 0.01,
                            0,
                            0,
                            false,
                            0,
                            Augmentation.NONE,
                            true);
            default ->
                    throw new IllegalArgumentException(
                            "There is no recipe '%s'; there are %s."
                                    .formatted(name, String.join(", ", NAMES)));
        };
    }

    /**
     * Replaces single values; null leaves a value as it is.
     *
     * @param newEpochs passes over the training set
     * @param newBatchSize images per step
     * @param newOptimizer update rule
     * @param newLearningRate peak rate
     * @param newWeightDecay acts on weights only
     * @param newLabelSmoothing share of the target spread over all classes
     * @return the changed recipe
     */
    public Recipe with(
            Integer newEpochs,
            Integer newBatchSize,
            Optimizer.Kind newOptimizer,
            Double newLearningRate,
            Double newWeightDecay,
            Double newLabelSmoothing) {
        return new Recipe(
                name,
                variant,
                or(newEpochs, epochs),
                or(newBatchSize, batchSize),
                or(newOptimizer, optimizer),
                or(newLearningRate, learningRate),
                or(newWeightDecay, weightDecay),
                warmupEpochs,
                cosine,
                or(newLabelSmoothing, labelSmoothing),
                augmentation,
                unitRange);
    }

    /**
     * Leaves out mirroring, for images that mean something else in a mirror.
     *
     * @return the changed recipe
     */
    public Recipe withoutFlip() {
        return new Recipe(
                name,
                variant,
                epochs,
                batchSize,
                optimizer,
                learningRate,
                weightDecay,
                warmupEpochs,
                cosine,
                labelSmoothing,
                augmentation.toBuilder().optHorizontalFlip(false).build(),
                unitRange);
    }

    /**
     * Describes the recipe in a line.
     *
     * @return for instance {@code quick: 5 epochs of batches of 128, adamw, learning rate 0.003}
     */
    public String describe() {
        return "%s: %d epochs, batch size %d, %s, learning rate %s"
                .formatted(name, epochs, batchSize, optimizer, learningRate);
    }

    private static void require(boolean ok, String what, Object value, String expected) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "The %s is %s but must be %s.".formatted(what, value, expected));
        }
    }

    private static <T> T or(T value, T fallback) {
        return value == null ? fallback : value;
    }
}
