package org.mobilenetv3.preprocessing;

import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import java.lang.reflect.Type;
import java.util.Locale;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;

/**
 * One flat object: {@code size}, {@code resize}, {@code interpolation} (bilinear if absent) and
 * {@code normalization} for a center crop, {@code height}, {@code width} and {@code normalization}
 * for padding on the right, the same with {@code "fit": "stretch"} for stretching, {@code
 * shorterSide} and {@code normalization} for whole images.
 */
final class PreprocessingJson
        implements JsonSerializer<Preprocessing>, JsonDeserializer<Preprocessing> {

    private static final String NORMALIZATION = "normalization";
    private static final String INTERPOLATION = "interpolation";
    private static final String FIT = "fit";
    private static final String STRETCH = "stretch";

    @Override
    public JsonElement serialize(
            Preprocessing preprocessing, Type type, JsonSerializationContext context) {
        JsonObject json = context.serialize(preprocessing.fit()).getAsJsonObject();
        if (preprocessing.fit() instanceof Fit.Stretch) {
            json.addProperty(FIT, STRETCH);
        }
        json.add(NORMALIZATION, context.serialize(preprocessing.normalization()));
        return json;
    }

    @Override
    public Preprocessing deserialize(
            JsonElement json, Type type, JsonDeserializationContext context) {
        return read(json.getAsJsonObject());
    }

    /** By hand: Gson's reflection takes a tenth of a second where a process begins with it. */
    static Preprocessing read(JsonObject json) {
        JsonObject normalization = json.getAsJsonObject(NORMALIZATION);
        return new Preprocessing(
                fit(json),
                new Normalization(
                        floats(normalization.getAsJsonArray("mean")),
                        floats(normalization.getAsJsonArray("std"))));
    }

    private static Fit fit(JsonObject json) {
        if (json.has(FIT)) {
            if (!STRETCH.equals(json.get(FIT).getAsString())) {
                throw new JsonParseException(
                        "The fit is %s but must be %s or left out."
                                .formatted(json.get(FIT), STRETCH));
            }
            return new Fit.Stretch(integer(json, "height"), integer(json, "width"));
        }
        if (json.has("width")) {
            return new Fit.PadRight(integer(json, "height"), integer(json, "width"));
        }
        if (json.has("shorterSide")) {
            return new Fit.WholeImage(integer(json, "shorterSide"));
        }
        JsonElement how = json.get(INTERPOLATION);
        return new Fit.CenterCrop(
                integer(json, "size"),
                integer(json, "resize"),
                how == null // written before there was another
                        ? Interpolation.BILINEAR
                        : Interpolation.valueOf(how.getAsString().toUpperCase(Locale.ROOT)));
    }

    private static int integer(JsonObject json, String name) {
        if (!json.has(name)) {
            throw new JsonParseException("The preprocessing has no %s.".formatted(name));
        }
        return json.get(name).getAsInt();
    }

    private static float[] floats(JsonArray array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).getAsFloat();
        }
        return values;
    }
}
