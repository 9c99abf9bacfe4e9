package org.mobilenetv3.io;

import com.google.gson.Gson;
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

/** Files of JSON, read into records. */
public final class JsonFile {

    /**
     * Reads as DJL's {@code JsonUtils.GSON} does, which takes a tenth of a second to start, logging
     * included. It does not write: DJL's writes whole doubles without a point.
     */
    public static final Gson GSON = new Gson();

    private JsonFile() {}

    /**
     * Reads a file.
     *
     * @param <T> what it holds
     * @param file in UTF-8, perhaps with a byte order mark
     * @param type to fill
     * @param what may be wrong with the file if it cannot be read, and what to do, without a full
     *     stop
     * @return never null, though parts of it may be
     * @throws IOException if there is no such file, or its content is not of that type
     */
    public static <T> T read(Path file, Class<T> type, String what) throws IOException {
        T value = null;
        RuntimeException reason = null;
        try {
            value = GSON.fromJson(TextFile.read(file), type);
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            reason = e;
        }
        if (value == null) { // also of an empty file
            throw new IOException("%s cannot be read: %s.".formatted(file, what), reason);
        }
        return value;
    }

    /**
     * Reads a file without Gson's reflection, which takes most of a tenth of a second where a
     * process begins with it.
     *
     * @param file in UTF-8
     * @return its object
     * @throws IOException if it cannot be read
     * @throws RuntimeException if it is not an object in JSON
     */
    public static JsonObject tree(Path file) throws IOException {
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
