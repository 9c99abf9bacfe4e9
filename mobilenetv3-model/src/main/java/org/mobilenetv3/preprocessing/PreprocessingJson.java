package org.mobilenetv3.preprocessing;

import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import java.lang.reflect.Type;
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
        JsonObject object = json.getAsJsonObject();
        return new Preprocessing(
                fit(object, context),
                context.deserialize(object.get(NORMALIZATION), Normalization.class));
    }

    private static Fit fit(JsonObject object, JsonDeserializationContext context) {
        if (object.has(FIT)) {
            if (!STRETCH.equals(object.get(FIT).getAsString())) {
                throw new JsonParseException(
                        "The fit is %s but must be %s or left out."
                                .formatted(object.get(FIT), STRETCH));
            }
            return context.deserialize(object, Fit.Stretch.class);
        }
        if (object.has("width")) {
            return context.deserialize(object, Fit.PadRight.class);
        }
        if (object.has("shorterSide")) {
            return context.deserialize(object, Fit.WholeImage.class);
        }
        JsonObject crop = object.deepCopy();
        if (!crop.has(INTERPOLATION)) { // written before there was another
            crop.addProperty(INTERPOLATION, "bilinear");
        }
        return context.deserialize(crop, Fit.CenterCrop.class);
    }
}
