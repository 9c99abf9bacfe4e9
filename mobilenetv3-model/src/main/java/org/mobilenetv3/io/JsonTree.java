package org.mobilenetv3.io;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as a tree, without Gson's reflection, which takes most of a tenth of a second where a
 * process begins with it.
 */
public final class JsonTree {

    private JsonTree() {}

    /**
     * Reads a file.
     *
     * @param file in UTF-8
     * @return its object
     * @throws IOException if it cannot be read
     * @throws RuntimeException if it is not an object in JSON
     */
    public static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    /**
     * Makes plain Java of JSON, as Gson does where it is asked for an object.
     *
     * @param json any value
     * @return a map, a list, text, a double, a boolean or null
     */
    public static Object plain(JsonElement json) {
        if (json.isJsonObject()) {
            Map<String, Object> values = new LinkedHashMap<>();
            json.getAsJsonObject().asMap().forEach((key, value) -> values.put(key, plain(value)));
            return values;
        }
        if (json.isJsonArray()) {
            List<Object> values = new ArrayList<>(); // nulls are values
            json.getAsJsonArray().forEach(value -> values.add(plain(value)));
            return values;
        }
        if (json.isJsonNull()) {
            return null;
        }
        JsonPrimitive one = json.getAsJsonPrimitive();
        return one.isNumber()
                ? (Object) one.getAsDouble()
                : one.isBoolean() ? (Object) one.getAsBoolean() : one.getAsString();
    }
}
