package org.mobilenetv3.zoo;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobilenetv3.files.TextFile;
import org.mobilenetv3.image.Normalization;

/**
 * The {@code config.json} that lies beside timm's weights on the Hugging Face Hub.
 *
 * @param architecture timm's name of the net
 * @param input what its images are brought to
 */
record TimmConfig(String architecture, Preprocessing input) {

    /**
     * Reads it.
     *
     * @param weights a file of weights
     * @return empty if there is none beside them, or it is of something else
     * @throws IOException in one sentence, if it is timm's and damaged
     */
    static Optional<TimmConfig> beside(Path weights) throws IOException {
        Path file = weights.resolveSibling("config.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonObject json = JsonUtils.GSON.fromJson(TextFile.read(file), JsonObject.class);
            if (json == null || !json.has("architecture") || !json.has("pretrained_cfg")) {
                return Optional.empty();
            }
            JsonObject trained = json.getAsJsonObject("pretrained_cfg");
            int size = trained.getAsJsonArray("input_size").get(2).getAsInt();
            double crop = trained.has("crop_pct") ? trained.get("crop_pct").getAsDouble() : 0.875;
            // As timm's transforms: the shorter side to floor(size / crop_pct).
            int resize = Math.max(size, (int) Math.floor(size / crop));
            return Optional.of(
                    new TimmConfig(
                            json.get("architecture").getAsString(),
                            new Preprocessing(
                                    size,
                                    resize,
                                    new Normalization(
                                            floats(trained.get("mean")),
                                            floats(trained.get("std"))))));
        } catch (RuntimeException e) { // Gson's, of missing or other elements
            throw new IOException(
                    file + " is not as timm writes it; copy it again or remove it.", e);
        }
    }

    private static float[] floats(JsonElement array) {
        return JsonUtils.GSON.fromJson(array, float[].class);
    }
}
