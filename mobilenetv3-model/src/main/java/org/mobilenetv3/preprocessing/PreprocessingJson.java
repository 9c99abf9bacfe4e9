package org.mobilenetv3.preprocessing;

import com.google.gson.JsonDeserializationContext;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import java.lang.reflect.Type;
import org.mobilenetv3.image.Normalization;

/**
 * One flat object: {@code size}, {@code resize} and {@code normalization} for a center crop, {@code
 * height}, {@code width} and {@code normalization} for padding on the right.
 */
final class PreprocessingJson
        implements JsonSerializer<Preprocessing>, JsonDeserializer<Preprocessing> {

    private static final String NORMALIZATION = "normalization";

    @Override
    public JsonElement serialize(
            Preprocessing preprocessing, Type type, JsonSerializationContext context) {
        JsonObject json = context.serialize(preprocessing.fit()).getAsJsonObject();
        json.add(NORMALIZATION, context.serialize(preprocessing.normalization()));
        return json;
    }

    @Override
    public Preprocessing deserialize(
            JsonElement json, Type type, JsonDeserializationContext context) {
        JsonObject object = json.getAsJsonObject();
        boolean padded = object.has("width");
        Fit fit = context.deserialize(object, padded ? Fit.PadRight.class : Fit.CenterCrop.class);
        return new Preprocessing(
                fit, context.deserialize(object.get(NORMALIZATION), Normalization.class));
    }
}
