package org.mobilenetv3.zoo;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * What the arguments of a {@code Criteria} say of an untrained net.
 *
 * @param preset the net unless they name another
 * @param arguments numbers or text by name
 */
record NetArguments(String preset, Map<String, Object> arguments) {

    /** Returns the input that is asked for, or that of torchvision's net of this task. */
    Preprocessing input(Architecture net) {
        int channels = net.inputChannels();
        Normalization photographs =
                channels == 3
                        ? Normalization.IMAGENET
                        : Normalization.uniform(channels, 0.5f, 0.25f);
        return switch (net.task()) {
            case CLASSIFY ->
                    new Preprocessing(Fit.CenterCrop.photograph(inputSize(224)), photographs);
            case DETECT ->
                    new Preprocessing(
                            new Fit.Stretch(inputSize(320), inputSize(320)),
                            Normalization.uniform(channels, 0.5f, 0.5f));
            case SEGMENT -> new Preprocessing(new Fit.WholeImage(inputSize(520)), photographs);
        };
    }

    private int inputSize(int customary) {
        return value("inputSize", customary, Integer::valueOf);
    }

    /** Returns the table that is asked for. */
    Architecture architecture() {
        String name = value("arch", name(), Function.identity());
        Double width = value("width", null, Double::valueOf);
        Architecture table = width == null ? Presets.of(name) : Presets.of(name, width);
        return table.withClasses(value("classes", table.classes(), Integer::valueOf))
                .withInputChannels(value("inputChannels", 3, Integer::valueOf))
                .withStemStride(value("stemStride", 2, Integer::valueOf))
                .withDropout(value("dropout", table.head().dropout(), Float::valueOf));
    }

    /** With the words of version 0.1: variant and dialect. */
    private String name() {
        String size = preset.substring(preset.lastIndexOf('_') + 1);
        String variant = value("variant", "paper", s -> s.toLowerCase(Locale.ROOT));
        String dialect = value("dialect", "torchvision", s -> s.toLowerCase(Locale.ROOT));
        return switch (variant + " " + dialect) {
            case "paper torchvision" -> preset;
            case "article torchvision" -> "article_" + size;
            case "paper timm" -> "mobilenetv3_" + size + "_100";
            case "paper paddle_ocr" -> "paddleocr_" + size;
            default ->
                    throw new IllegalArgumentException(
                            "There is no net of variant %s and dialect %s; name one as arch."
                                    .formatted(variant, dialect));
        };
    }

    /** Criteria arguments come as numbers or as text. */
    private <T> T value(String name, T fallback, Function<String, T> parse) {
        Object given = arguments.get(name);
        if (given == null) {
            return fallback;
        }
        try {
            return parse.apply(given.toString());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Argument %s is %s but should be like %s.".formatted(name, given, fallback), e);
        }
    }
}
