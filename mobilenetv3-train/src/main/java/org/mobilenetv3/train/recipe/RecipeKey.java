package org.mobilenetv3.train.recipe;

import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.MobileNetV3.Variant;

/**
 * The values of a {@link Recipe}: the lines of its file and the options of {@code train}, under one
 * name. What each one means is its {@link #description()}.
 */
@SuppressWarnings("ImmutableEnumChecker") // its functions hold nothing
public enum RecipeKey {
    VARIANT("NAME", "paper", "Net the recipe is meant for: paper or article.", of(Variant.class)),
    EPOCHS("N", "5", "Passes over the training set.", whole(1)),
    BATCH_SIZE("N", "64", "Images per optimizer step, over all replicas.", whole(2)),
    ACCUMULATE(
            "N",
            "1",
            "Parts in which each replica computes its images, to save memory; batch norm sees the parts.",
            whole(1)),
    OPTIMIZER(
            "NAME",
            "adamw",
            "adam, adamw, sgd, nesterov, rmsprop or rmsprop-tf.",
            of(UpdateRule.class)),
    LR("RATE", "0.003", "Peak learning rate.", number("above 0", v -> v > 0)),
    WEIGHT_DECAY(
            "SHARE",
            "0",
            "Share of each weight removed per unit of learning rate; not of biases or batch norm.",
            number(0, "at least")),
    SCHEDULE(
            "SHAPE",
            "cosine",
            "Learning rate after the warm-up: cosine (to 0), step or constant.",
            of(Schedule.Shape.class)),
    WARMUP_EPOCHS("N", "0", "Epochs of linear warm-up; may be a fraction.", number(0, "at least")),
    RESTARTS("N", "0", "How often the cosine begins again (warm restarts).", whole(0)),
    LR_STEP_EPOCHS(
            "N", "1", "Epochs between drops of the step schedule.", number("above 0", v -> v > 0)),
    LR_GAMMA(
            "FACTOR",
            "0.1",
            "What the step schedule multiplies the rate with at each drop.",
            number("above 0", v -> v > 0)),
    LABEL_SMOOTHING(
            "SHARE", "0", "Share of each target spread over all classes.", share("below 1", 1)),
    CLASS_WEIGHTS(
            "KIND",
            "none",
            "none, or balanced: rare classes count as much as frequent ones.",
            of(ClassWeights.class)),
    CLIP_NORM("NORM", "0", "Largest norm of the gradient; 0: any.", number(0, "at least")),
    EMA_DECAY(
            "SHARE",
            "0",
            "Decay of a moving average of the weights, which is validated and kept; 0: no average.",
            share("below 1", 1)),
    PATIENCE(
            "N",
            "0",
            "End after so many epochs without a better validation top-1; 0: never.",
            whole(0)),
    HEAD_EPOCHS(
            "N",
            "0",
            "First epochs in which only the classifier learns, at the constant rate lr.",
            whole(0)),
    BODY_LR(
            "SHARE",
            "1",
            "Share of the learning rate for everything but the classifier.",
            number("above 0 and at most 1", v -> v > 0 && v <= 1)),
    FREEZE(
            "NAMES",
            "",
            "Stages that do not learn, e.g. features.0,features.1 or features.",
            text()),
    UNFREEZE_EPOCH("N", "0", "Epochs after which frozen stages learn too; 0: never.", whole(0)),
    FREEZE_NORM(
            "BOOL",
            "false",
            "Batch norm before the classifier keeps its statistics, weights and biases.",
            bool()),
    NORM_MOMENTUM(
            "SHARE",
            "0",
            "Share of each batch in batch norm's running statistics; 0: the net's own (paper 0.01, article 0.1).",
            unit()),
    NORMALIZE(
            "BOOL",
            "true",
            "Normalize pixels with the data set's mean and deviation; false: only scale them to [0, 1].",
            bool()),
    CROP_PADDING(
            "PIXELS", "0", "Random crop after so many zeros are added on each side.", whole(0)),
    RESIZED_CROP(
            "SHARE",
            "0",
            "Random resized crop of at least this share of the area; 0 or 1: none.",
            unit()),
    FLIP("BOOL", "false", "Random horizontal flip (never on mnist).", bool()),
    TRIVIAL_AUGMENT(
            "BOOL", "false", "TrivialAugment, wide: one of 14 operations at random.", bool()),
    COLOR_JITTER(
            "STRENGTH",
            "0",
            "Brightness, contrast and saturation vary by this share.",
            number(0, "at least")),
    RANDOM_ERASING("SHARE", "0", "Probability that a rectangle is erased.", unit()),
    CUTOUT("PIXELS", "0", "Side of a square that is erased in every image.", whole(0)),
    MIXUP(
            "ALPHA",
            "0",
            "Alpha of mixup, which blends pairs of images; usual: 0.2.",
            number(0, "at least")),
    CUTMIX(
            "ALPHA",
            "0",
            "Alpha of cutmix, which pastes parts of other images; usual: 1.",
            number(0, "at least"));

    private final String label;
    private final String fallback;
    private final String description;
    private final Type type;

    RecipeKey(String label, String fallback, String description, Type type) {
        this.label = label;
        this.fallback = fallback;
        this.description = description;
        this.type = type;
    }

    /** How text becomes a value; {@code parse} throws or gives null if it does not fit. */
    private record Type(String expected, Function<String, Object> parse) {}

    /** Returns what a placeholder in help is called. */
    public String label() {
        return label;
    }

    /** Returns the value where a recipe says nothing. */
    public String fallback() {
        return fallback;
    }

    /** Returns what it does, in a sentence for help. */
    public String description() {
        return description;
    }

    /**
     * Reads a value.
     *
     * @param value as in a file
     * @return an Integer, Double, Boolean, String or enum constant
     * @throws IllegalArgumentException if it does not fit
     */
    Object parse(String value) {
        Object parsed;
        try {
            parsed = type.parse.apply(value.strip());
        } catch (IllegalArgumentException e) {
            parsed = null;
        }
        if (parsed == null) {
            throw new IllegalArgumentException(
                    "%s is %s but must be %s."
                            .formatted(this, value.isBlank() ? "empty" : value, type.expected));
        }
        return parsed;
    }

    /** Returns the name in files and, after two dashes, on the command line: {@code batch-size}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Type whole(int least) {
        return new Type(
                "a whole number of at least " + least,
                s -> {
                    int value = Integer.parseInt(s);
                    return value < least ? null : value;
                });
    }

    private static Type number(String expected, Predicate<Double> fits) {
        return new Type(
                "a number " + expected,
                s -> {
                    Double value = Double.valueOf(s);
                    return Double.isFinite(value) && fits.test(value) ? value : null;
                });
    }

    private static Type number(double least, String expected) {
        return number(String.format(Locale.ROOT, "%s %.0f", expected, least), v -> v >= least);
    }

    private static Type share(String expected, double below) {
        return number("of at least 0 and " + expected, v -> v >= 0 && v < below);
    }

    private static Type unit() {
        return number("of 0 to 1", v -> v >= 0 && v <= 1);
    }

    private static Type bool() {
        return new Type(
                "true or false",
                s ->
                        switch (s.toLowerCase(Locale.ROOT)) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> null;
                        });
    }

    private static Type text() {
        return new Type("text", s -> s);
    }

    private static <T extends Enum<T>> Type of(Class<T> choices) {
        String names =
                Stream.of(choices.getEnumConstants())
                        .map(RecipeKey::lower)
                        .collect(Collectors.joining(", "));
        return new Type(
                "one of " + names,
                s -> Enum.valueOf(choices, s.toUpperCase(Locale.ROOT).replace('-', '_')));
    }

    /** A constant as files write it. */
    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
