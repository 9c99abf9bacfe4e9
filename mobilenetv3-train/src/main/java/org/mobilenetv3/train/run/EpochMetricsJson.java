package org.mobilenetv3.train.run;

import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import java.lang.reflect.Type;

/**
 * An epoch's metrics in JSON. Scores are named after the metric, {@code validationTop1} and so on;
 * what was not computed is left out.
 */
final class EpochMetricsJson
        implements JsonSerializer<EpochMetrics>, JsonDeserializer<EpochMetrics> {

    @Override
    public JsonElement serialize(EpochMetrics m, Type type, JsonSerializationContext context) {
        JsonObject json = new JsonObject();
        json.addProperty("epoch", m.epoch());
        json.addProperty("learningRate", m.learningRate());
        json.addProperty("trainLoss", m.trainLoss());
        add(json, "train" + m.metric().key(), m.trainScore());
        add(json, "validationLoss", m.validationLoss());
        add(json, "validation" + m.metric().key(), m.validationScore());
        json.addProperty("seconds", m.seconds());
        json.addProperty("imagesPerSecond", m.imagesPerSecond());
        return json;
    }

    private static void add(JsonObject json, String name, double value) {
        if (!Double.isNaN(value)) {
            json.addProperty(name, value);
        }
    }

    @Override
    public EpochMetrics deserialize(
            JsonElement element, Type type, JsonDeserializationContext context) {
        JsonObject json = element.getAsJsonObject();
        for (Metric metric : Metric.values()) {
            if (json.has("validation" + metric.key())) {
                return new EpochMetrics(
                        json.get("epoch").getAsInt(),
                        number(json, "learningRate"),
                        number(json, "trainLoss"),
                        number(json, "train" + metric.key()),
                        number(json, "validationLoss"),
                        number(json, "validation" + metric.key()),
                        metric,
                        number(json, "seconds"),
                        number(json, "imagesPerSecond"));
            }
        }
        throw new JsonParseException("An epoch has no score.");
    }

    private static double number(JsonObject json, String name) {
        return json.has(name) ? json.get(name).getAsDouble() : Double.NaN;
    }
}
