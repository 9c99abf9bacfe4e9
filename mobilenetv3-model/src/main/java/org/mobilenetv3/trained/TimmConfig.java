package org.mobilenetv3.trained;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.TextFile;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * The {@code config.json} that lies beside timm's weights on the Hugging Face Hub. What changes the
 * net is refused, and what changes the image otherwise than here becomes a note.
 *
 * @param architecture timm's name of the net
 * @param input what its images are brought to
 * @param classes their names, or empty
 * @param notes what is not done as the file says, in sentences
 */
record TimmConfig(
        String architecture, Preprocessing input, List<String> classes, List<String> notes) {

    /** What changes neither the net nor its images. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "architecture",
                    "num_classes",
                    "num_features",
                    "pretrained_cfg",
                    "label_descriptions",
                    "license",
                    "library_name",
                    "tag",
                    "tags",
                    "url",
                    "file",
                    "hf_hub_id",
                    "hf_hub_filename",
                    "source",
                    "custom_load",
                    "origin_url",
                    "paper_name",
                    "paper_ids",
                    "notes",
                    "description",
                    "first_conv",
                    "classifier",
                    "pool_size",
                    "test_input_size",
                    "min_input_size",
                    "fixed_input_size",
                    "test_crop_pct",
                    "_commit_hash",
                    "torch_dtype",
                    "transformers_version",
                    // Read below.
                    "label_names",
                    "labels",
                    "global_pool",
                    "model_args",
                    "input_size",
                    "crop_pct",
                    "crop_mode",
                    "interpolation",
                    "mean",
                    "std");

    private static final String BICUBIC = "bicubic";

    private static final int MOST_PIXELS = 4096;
    private static final double LEAST_CROP = 0.1;

    private static final Set<String> HARMLESS_ARGUMENTS =
            Set.of("num_classes", "in_chans", "drop_rate", "drop_path_rate", "global_pool");

    /**
     * Reads it.
     *
     * @param weights a file of weights
     * @return empty if there is none beside them, or it is of something else
     * @throws IOException in one sentence, if it is timm's and damaged, or of another net
     */
    static Optional<TimmConfig> beside(Path weights) throws IOException {
        Path file = weights.resolveSibling("config.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonObject json = JsonFile.GSON.fromJson(TextFile.read(file), JsonObject.class);
            if (json == null || !json.has("architecture") || !json.has("pretrained_cfg")) {
                return Optional.empty();
            }
            return Optional.of(read(file, json, json.getAsJsonObject("pretrained_cfg")));
        } catch (RuntimeException e) { // Gson's, of missing or other elements
            throw new IOException(
                    file + " is not as timm writes it; copy it again or remove it.", e);
        }
    }

    private static TimmConfig read(Path file, JsonObject json, JsonObject trained)
            throws IOException {
        int size = trained.getAsJsonArray("input_size").get(2).getAsInt();
        int height = trained.getAsJsonArray("input_size").get(1).getAsInt();
        double crop = Double.parseDouble(text(trained, "crop_pct", "0.875"));
        if (size < 1 || size > MOST_PIXELS || !(crop >= LEAST_CROP)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has the input size %d and crop_pct %s, which cannot be right; copy it again or remove it.",
                            file,
                            size,
                            crop));
        }
        // As timm's transforms: the shorter side to floor(size / crop_pct).
        int resize = Math.max(size, (int) Math.floor(size / crop));
        requireOurs(file, json, height, size);
        return new TimmConfig(
                json.get("architecture").getAsString(),
                new Preprocessing(
                        new Fit.CenterCrop(size, resize, interpolation(trained)),
                        new Normalization(floats(trained.get("mean")), floats(trained.get("std")))),
                classes(file, json),
                notes(file, json, trained));
    }

    /** timm resizes bicubically where nothing is said. */
    private static Interpolation interpolation(JsonObject trained) {
        return text(trained, "interpolation", BICUBIC).equals(BICUBIC)
                ? Interpolation.BICUBIC
                : Interpolation.BILINEAR;
    }

    private static void requireOurs(Path file, JsonObject json, int height, int width)
            throws IOException {
        if (height != width) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has images of %dx%d pixels, but only squares are cropped here; remove it and give the file of weights alone.",
                            file,
                            height,
                            width));
        }
        JsonObject arguments =
                json.has("model_args") ? json.getAsJsonObject("model_args") : new JsonObject();
        for (JsonObject place : List.of(json, arguments)) {
            String pool = text(place, "global_pool", "avg");
            if (!pool.equals("avg") && !pool.isEmpty()) {
                throw new IOException(
                        "%s pools by %s, but the net here by avg, so the weights would give other answers."
                                .formatted(file, pool));
            }
        }
        Set<String> others = new TreeSet<>(arguments.keySet());
        others.removeAll(HARMLESS_ARGUMENTS);
        if (!others.isEmpty()) {
            throw new IOException(
                    "%s makes the net with the arguments %s, which are not known here, so the weights might give other answers."
                            .formatted(file, others));
        }
    }

    private static List<String> notes(Path file, JsonObject json, JsonObject trained) {
        List<String> notes = new ArrayList<>();
        String asked = text(trained, "interpolation", BICUBIC);
        if (!asked.equals(BICUBIC) && !asked.equals("bilinear")) {
            notes.add(
                    "%s asks for %s interpolation; images are resized bilinearly here, so logits differ a little from timm's."
                            .formatted(file, asked));
        }
        String mode = text(trained, "crop_mode", "center");
        if (!mode.equals("center")) {
            notes.add(
                    "%s asks for the crop mode %s; images are cropped from the center here, so logits differ from timm's."
                            .formatted(file, mode));
        }
        Set<String> others = new TreeSet<>(json.keySet());
        others.addAll(trained.keySet());
        others.removeAll(HARMLESS);
        if (!others.isEmpty()) {
            notes.add("%s has %s, which are not known here and not used.".formatted(file, others));
        }
        return notes;
    }

    /** A list, or names by index. */
    private static List<String> classes(Path file, JsonObject json) throws IOException {
        JsonElement names = json.has("label_names") ? json.get("label_names") : json.get("labels");
        if (names == null || names.isJsonNull()) {
            return List.of();
        }
        List<String> classes = new ArrayList<>();
        if (names instanceof JsonArray list) {
            list.forEach(name -> classes.add(name.getAsString()));
            return classes;
        }
        JsonObject byIndex = names.getAsJsonObject();
        for (int i = 0; i < byIndex.size(); i++) {
            if (!byIndex.has(Integer.toString(i))) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s names %d classes, but none of them is number %d; remove its label_names.",
                                file,
                                byIndex.size(),
                                i));
            }
            classes.add(byIndex.get(Integer.toString(i)).getAsString());
        }
        return classes;
    }

    private static String text(JsonObject object, String name, String otherwise) {
        return object.has(name) && !object.get(name).isJsonNull()
                ? object.get(name).getAsString()
                : otherwise;
    }

    private static float[] floats(JsonElement array) {
        return JsonFile.GSON.fromJson(array, float[].class);
    }
}
