package org.mobilenetv3.train.recipe;

import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.Presets;

/**
 * The values of a {@link Recipe}: the lines of its file and the options of {@code train}, under one
 * name. What each one means is its {@link #description()}.
 */
@SuppressWarnings("ImmutableEnumChecker") // its functions hold nothing
public enum RecipeKey {
    ARCH("NAME", Presets.DEFAULT, "Net the recipe is meant for, as of --arch.", text()),
    EPOCHS("N", "5", "Passes over the training set.", whole(1)),
    BATCH_SIZE("N", "64", "Images per optimizer step, over all replicas.", whole(2)),
    ACCUMULATE("N", "1", "Parts of a batch computed in turn, to save memory.", whole(1)),
    OPTIMIZER(
            "NAME",
            "adamw",
            "adam, adamw, sgd, nesterov, rmsprop or rmsprop-tf.",
            of(UpdateRule.class)),
    LR("RATE", "0.003", "Peak learning rate.", above0()),
    WEIGHT_DECAY("SHARE", "0", "On weights only, not on biases or batch norm.", atLeast0()),
    SCHEDULE(
            "SHAPE",
            "cosine",
            "cosine or poly (to 0), step, or constant.",
            of(Schedule.Shape.class)),
    WARMUP_EPOCHS("N", "0", "Epochs of linear warm-up; may be a fraction.", atLeast0()),
    RESTARTS("N", "0", "How often the cosine begins again (warm restarts).", whole(0)),
    LR_STEP_EPOCHS("N", "1", "Epochs between drops of the step schedule.", above0()),
    LR_GAMMA("FACTOR", "0.1", "Factor of each drop of the step schedule.", above0()),
    LABEL_SMOOTHING("SHARE", "0", "Share of each target spread over all classes.", below1()),
    CLASS_WEIGHTS(
            "KIND",
            "none",
            "none, or balanced: rare classes count as much as frequent ones.",
            of(ClassWeights.class)),
    DISTILL("SHARE", "0.9", "With --teacher: share of the loss that is the teacher's.", unit()),
    TEMPERATURE(
            "T",
            "1",
            "With --teacher: what both nets' logits are divided by in its share.",
            above0()),
    CLIP_NORM("NORM", "0", "Largest norm of the gradient; 0: any.", atLeast0()),
    EMA_DECAY(
            "SHARE",
            "0",
            "Decay of averaged weights to validate and keep; 0: no average.",
            below1()),
    PATIENCE("N", "0", "End after so many epochs without a better one; 0: never.", whole(0)),
    HEAD_EPOCHS(
            "N",
            "0",
            "First epochs, in which only the classifier learns, at the rate lr.",
            whole(0)),
    BODY_LR(
            "SHARE",
            "1",
            "Share of the learning rate for everything but the classifier.",
            number("above 0 and at most 1", v -> v > 0 && v <= 1)),
    FREEZE("NAMES", "", "Stages that do not learn, e.g. features.0,features.1.", text()),
    UNFREEZE_EPOCH("N", "0", "Epochs after which frozen stages learn too; 0: never.", whole(0)),
    FREEZE_NORM(
            "BOOL",
            "false",
            "Batch norm before the classifier stays as it is, statistics too.",
            bool()),
    NORM_MOMENTUM(
            "SHARE",
            "0",
            "Share of each batch in batch norm's running statistics; 0: the net's own (paper 0.01, article 0.1).",
            unit()),
    NORMALIZE("BOOL", "true", "Whether pixels are normalized or only scaled to [0, 1].", bool()),
    CROP_PADDING("PIXELS", "0", "Random crop with so many zeros on each side.", whole(0)),
    RESIZED_CROP(
            "SHARE",
            "0",
            "Random resized crop of at least this share of the area; 0: none.",
            unit()),
    FLIP("BOOL", "false", "Random horizontal flip (never on mnist).", bool()),
    TRIVIAL_AUGMENT(
            "BOOL", "false", "TrivialAugment, wide: one of 14 operations at random.", bool()),
    DATA_AUGMENTATION(
            "NAME",
            "none",
            "Of scenes with boxes: hflip, ssdlite, ssd or lsj; with masks: hflip or scale; none.",
            text()),
    COLOR_JITTER(
            "STRENGTH", "0", "Brightness, contrast and saturation vary by this share.", atLeast0()),
    RANDOM_ERASING("SHARE", "0", "Probability that a rectangle is erased.", unit()),
    CUTOUT("PIXELS", "0", "Side of a square that is erased in every image.", whole(0)),
    MIXUP("ALPHA", "0", "Alpha of mixup: blend pairs of images; usual: 0.2.", atLeast0()),
    CUTMIX("ALPHA", "0", "Alpha of cutmix: paste parts of other images; usual: 1.", atLeast0());

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

    private static Type above0() {
        return number("above 0", v -> v > 0);
    }

    private static Type atLeast0() {
        return number("at least 0", v -> v >= 0);
    }

    private static Type below1() {
        return number("of at least 0 and below 1", v -> v >= 0 && v < 1);
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
