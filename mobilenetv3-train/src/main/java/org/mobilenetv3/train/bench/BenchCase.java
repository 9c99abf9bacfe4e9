package org.mobilenetv3.train.bench;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;

/**
 * Work that all implementations do.
 *
 * @param mode training steps or inference
 * @param arch whose net, with stem stride 2
 * @param pixels side of the square RGB images
 * @param batch images per step
 * @param classes number of logits
 */
public record BenchCase(Mode mode, String arch, int pixels, int batch, int classes) {

    /** What a step is. */
    public enum Mode {
        /** Forward, cross entropy, backward, Adam, the loss read back. */
        TRAIN,
        /** Forward in inference mode, the logits read back. */
        INFER
    }

    private static final List<String> PAPER = List.of("mobilenet_v3_large", "mobilenet_v3_small");

    /** All cases, in the order in which they are measured. */
    public static final List<BenchCase> ALL = all();

    private static List<BenchCase> all() {
        List<BenchCase> cases = new ArrayList<>();
        // docs/article.md: batches of 148.
        cases.add(new BenchCase(Mode.TRAIN, "article_large", 32, 148, 10));
        for (Mode mode : Mode.values()) {
            for (String net : PAPER) {
                cases.add(new BenchCase(mode, net, 32, 128, 10));
            }
        }
        for (String net : PAPER) {
            for (int batch : new int[] {1, 16}) {
                cases.add(new BenchCase(Mode.INFER, net, 224, batch, 1000));
            }
        }
        return List.copyOf(cases);
    }

    /**
     * Finds a case.
     *
     * @param name as {@link #name()} gives it
     * @return one of {@link #ALL}
     * @throws IllegalArgumentException if there is none of this name; lists them
     */
    public static BenchCase named(String name) {
        return ALL.stream()
                .filter(x -> x.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "There is no case '%s'; there are %s."
                                                .formatted(
                                                        name,
                                                        ALL.stream()
                                                                .map(BenchCase::name)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    /**
     * Returns the name of this case.
     *
     * @return for instance {@code train-paper-large-32-b128}
     */
    public String name() {
        return String.format(Locale.ROOT, "%s-%s-%d-b%d", lower(mode), net(), pixels, batch);
    }

    /**
     * Describes this case.
     *
     * @return for instance {@code train mobilenet_v3_large, 10 classes, batches of 128 at 32×32}
     */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s %s, %d classes, batches of %d at %d×%d",
                lower(mode),
                arch,
                classes,
                batch,
                pixels,
                pixels);
    }

    /** The net; dropout as published, which is torchvision's default too. */
    Architecture architecture() {
        return Presets.of(arch).withClasses(classes);
    }

    /** For instance {@code paper-large}, as bench/peers.py and its logs call it. */
    private String net() {
        return arch.replace("mobilenet_v3_", "paper-").replace('_', '-');
    }

    /** This case as bench/peers.py reads it. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("mode", lower(mode));
        json.addProperty("variant", net().split("-", -1)[0]);
        json.addProperty("model", net().split("-", -1)[1]);
        json.addProperty("size", pixels);
        json.addProperty("batch", batch);
        json.addProperty("classes", classes);
        return json;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
