package org.mobilenetv3.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** Figures that PyTorch computed in float64, with the scripts in src/test/python. */
public final class Golden {

    private Golden() {}

    /** Of optimizers.py. */
    public static JsonObject optimizers() throws IOException {
        return read("optimizers");
    }

    /** Of training.py. */
    public static JsonObject training() throws IOException {
        return read("training");
    }

    /** Of distillation.py. */
    public static JsonObject distillation() throws IOException {
        return read("distillation");
    }

    /** Of metrics.py. */
    public static JsonObject metrics() throws IOException {
        return read("metrics");
    }

    public static double[] numbers(JsonArray array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> array.get(i).getAsDouble())
                .toArray();
    }

    private static JsonObject read(String name) throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        Golden.class.getResourceAsStream("/golden/" + name + ".json"),
                        StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        }
    }
}
