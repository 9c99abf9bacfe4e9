package org.mobilenetv3.spark.command;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.spark.MobileNetV3Transformer;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;

/**
 * What answers depend on, noted beside them.
 *
 * @param values by the names of the options
 * @param format of the answers
 * @param embedding whether they have one
 * @param input what is to be classified
 */
record BatchSettings(
        Map<String, String> values, AnswerFormat format, boolean embedding, List<String> input) {

    static BatchSettings of(
            Path weights, MobileNetV3Transformer stage, AnswerFormat format, List<String> input)
            throws IOException {
        boolean embedding = (boolean) stage.getOrDefault(stage.embedding());
        Map<String, String> values = new LinkedHashMap<>();
        values.put("--weights", sum(weights));
        values.put("--input", String.join(" ", input));
        values.put("--format", "" + format);
        values.put("--engine", stage.getOrDefault(stage.engine()));
        values.put("--top-k", "" + stage.getOrDefault(stage.topK()));
        values.put("--embedding", "" + embedding);
        return new BatchSettings(values, format, embedding, input);
    }

    private static String sum(Path weights) throws IOException {
        if (!FileKind.of(weights).isPackage()) {
            return Checksums.sha256(weights);
        }
        ModelPackage found = ModelPackage.find(weights);
        return found.parametersSha256()
                + " "
                + Checksums.sha256(found.directory().resolve("model.json"));
    }

    String json() {
        return JsonUtils.GSON_PRETTY.toJson(values) + "\n";
    }

    /** Returns the first option that was another one; null if all are the same. */
    String difference(String json) {
        Map<?, ?> before = JsonUtils.GSON.fromJson(json, Map.class);
        for (Map.Entry<String, String> now : values.entrySet()) {
            Object then = before == null ? null : before.get(now.getKey());
            if (!Objects.equals(now.getValue(), then)) {
                return now.getKey();
            }
        }
        return null;
    }
}
