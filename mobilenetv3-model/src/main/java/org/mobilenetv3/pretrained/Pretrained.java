package org.mobilenetv3.pretrained;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.mobilenetv3.Presets;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * A published checkpoint: what it is, where its file is, and what its makers say of it.
 *
 * @param name {@code LIBRARY/MODEL.TAG}, as its library calls it
 * @param aliases other names, for instance {@code large}
 * @param task what it is for
 * @param architecture of {@link org.mobilenetv3.Presets}, or the library's name of a net that is
 *     not run here
 * @param parameters how many are trained
 * @param classes how many it tells apart; 1000 are ImageNet's
 * @param input what images are brought to
 * @param files the same weights in several places or forms, the first that can be had is taken
 * @param top1 published accuracy on ImageNet's validation images at this input in percent, or null
 * @param top5 likewise
 * @param source where that is published
 * @param license of the library that publishes it
 * @param page to read more
 */
public record Pretrained(
        String name,
        List<String> aliases,
        Task task,
        String architecture,
        long parameters,
        int classes,
        Preprocessing input,
        List<RemoteWeights> files,
        Double top1,
        Double top5,
        String source,
        String license,
        String page) {

    /** The best of the paper's Large nets that needs no note: torchvision's second recipe. */
    public static final String DEFAULT = "large";

    /** What to keep in mind with all of them. */
    public static final String TERMS =
            "The license is the library's; the weights may also carry the terms of the data they were"
                    + " trained on, and ImageNet is for non-commercial research.";

    /** What a net answers. */
    public enum Task {
        /** A class for the image. */
        @SerializedName("classification")
        CLASSIFICATION(org.mobilenetv3.Task.CLASSIFY),
        /** Boxes. */
        @SerializedName("detection")
        DETECTION(org.mobilenetv3.Task.DETECT),
        /** A class for each pixel. */
        @SerializedName("segmentation")
        SEGMENTATION(org.mobilenetv3.Task.SEGMENT);

        private final org.mobilenetv3.Task ofNets;

        Task(org.mobilenetv3.Task ofNets) {
            this.ofNets = ofNets;
        }
    }

    /**
     * A file of weights somewhere.
     *
     * @param address {@code https:}, or {@code hf:OWNER/NAME@REVISION} on the Hugging Face Hub
     * @param sha256 its checksum or the beginning of it as far as published, or null
     * @param bytes its size if published, or null
     */
    public record RemoteWeights(String address, String sha256, Long bytes) {

        /** Refuses what can be nobody's address or checksum. */
        public RemoteWeights {
            if (address == null || !address.matches("(https?|file|hf):\\S+")) {
                throw new IllegalArgumentException(
                        "'%s' is not an address of weights; give one that begins with https:, hf: or file:."
                                .formatted(address));
            }
            if (sha256 != null && !sha256.matches("[0-9a-f]{8,64}")) {
                throw new IllegalArgumentException(
                        "The SHA-256 of %s is '%s'; give 8 to 64 small hexadecimal digits."
                                .formatted(address, sha256));
            }
        }
    }

    /** Copies the lists; what may be left out in JSON is empty. */
    public Pretrained {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("A record has no name.");
        }
        require(name, "task", task);
        require(name, "architecture", architecture);
        require(name, "files", files);
        require(name, "source", source);
        require(name, "license", license);
        boolean preset = Presets.names().contains(architecture.toLowerCase(Locale.ROOT));
        if (preset || task == Task.CLASSIFICATION) {
            require(name, "input", input);
        }
        if (!preset && task == Task.CLASSIFICATION) {
            throw new IllegalArgumentException(
                    "%s has the architecture %s, which is not known here; 'architectures' lists them."
                            .formatted(name, architecture));
        }
        if (files.isEmpty() || files.stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException("%s has no files.".formatted(name));
        }
        if (parameters < 1 || classes < 1) {
            throw new IllegalArgumentException(
                    "%s has no parameters or no classes; give how many.".formatted(name));
        }
        aliases = aliases == null ? List.of() : List.copyOf(aliases);
        files = List.copyOf(files);
    }

    private static void require(String name, String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException("%s has no %s.".formatted(name, field));
        }
    }

    /**
     * Lists the registry.
     *
     * @return those of the file that {@code MOBILENETV3_REGISTRY} names, then the built-in ones
     */
    public static List<Pretrained> all() {
        return Registry.get();
    }

    /**
     * Finds a checkpoint by name.
     *
     * @param name a name or an alias, in any case
     * @return empty if there is none
     */
    public static Optional<Pretrained> find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return all().stream().filter(one -> one.isCalled(wanted)).findFirst();
    }

    /**
     * Finds a checkpoint by its file's content.
     *
     * @param sha256 all 64 digits, small
     * @return empty if no record has this checksum or a beginning of it
     */
    public static Optional<Pretrained> ofChecksum(String sha256) {
        return all().stream()
                .filter(
                        one ->
                                one.files.stream()
                                        .map(RemoteWeights::sha256)
                                        .anyMatch(sum -> sum != null && sha256.startsWith(sum)))
                .findFirst();
    }

    /**
     * Finds the checkpoint whose checksum a file's name has, as torchvision's and timm's names do.
     *
     * @param name of a file
     * @return empty if it has none that is known
     */
    public static Optional<Pretrained> ofFileName(String name) {
        return all().stream()
                .filter(
                        one ->
                                one.files.stream()
                                        .map(RemoteWeights::sha256)
                                        .anyMatch(
                                                sum ->
                                                        sum != null
                                                                && name.contains(
                                                                        "-" + sum.substring(0, 8))))
                .findFirst();
    }

    private boolean isCalled(String wanted) {
        return name.toLowerCase(Locale.ROOT).equals(wanted)
                || aliases.stream().anyMatch(alias -> alias.equalsIgnoreCase(wanted));
    }

    /**
     * Returns whether this version runs the net.
     *
     * @return whether its architecture is one of {@link Presets#names()}, and for its task
     */
    public boolean isRunnable() {
        return Presets.names().contains(architecture.toLowerCase(Locale.ROOT))
                && Presets.of(architecture).task() == task.ofNets;
    }

    /**
     * Returns the library.
     *
     * @return {@code torchvision}, {@code timm} or {@code paddle}, or whoever's names yours are
     */
    public String library() {
        return name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
    }

    /**
     * Returns the shortest name.
     *
     * @return an alias if there is one
     */
    public String shortName() {
        return aliases.isEmpty() ? name : aliases.get(0);
    }

    /**
     * Returns how large the first file is.
     *
     * @return for people, exact to a megabyte
     */
    public String size() {
        Long bytes = files.isEmpty() ? null : files.get(0).bytes();
        return String.format(
                Locale.ROOT, "%.0f MB", (bytes == null ? 4.0 * parameters : bytes) / 1e6);
    }
}
