package org.mobilenetv3.train.data.augment;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.mobilenetv3.image.Pixels;

/** torchvision's figures, made by src/test/python/augmentation.py. */
final class AugmentationGolden {
    static final List<String> PICTURES = List.of("colour", "square", "grey", "one_colour");

    private static final JsonObject FIGURES = read();

    private AugmentationGolden() {}

    private static JsonObject read() {
        try (Reader reader =
                new InputStreamReader(
                        AugmentationGolden.class.getResourceAsStream("/golden/augmentation.json"),
                        StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The objects of one list. */
    static List<JsonObject> rows(String name) {
        return FIGURES.getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    /** The figures of one of TrivialAugment's operations. */
    static List<JsonObject> operation(TrivialAugment operation) {
        JsonObject all = FIGURES.getAsJsonObject("operations");
        String name =
                all.keySet().stream()
                        .filter(key -> key.equalsIgnoreCase(operation.name().replace("_", "")))
                        .findFirst()
                        .orElseThrow();
        return all.getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    static int operations() {
        return FIGURES.getAsJsonObject("operations").size();
    }

    static Pixels picture(String name) {
        JsonObject stored = FIGURES.getAsJsonObject("pictures").getAsJsonObject(name);
        int[] shape = ints(stored.getAsJsonArray("shape"));
        return new Pixels(bytes(stored), shape[0], shape[1], shape[2]);
    }

    static byte[] bytes(JsonObject row) {
        return HexFormat.of().parseHex(row.get("hex").getAsString());
    }

    static long crc(Pixels image) {
        CRC32 crc = new CRC32();
        crc.update(image.data());
        return crc.getValue();
    }

    static double[] doubles(String name) {
        return doubles(FIGURES.getAsJsonArray(name));
    }

    static double[] doubles(JsonArray array) {
        return array.asList().stream().mapToDouble(JsonElement::getAsDouble).toArray();
    }

    static int[] ints(JsonArray array) {
        return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    }

    static double[][] matrix(JsonArray rows) {
        return rows.asList().stream()
                .map(row -> doubles(row.getAsJsonArray()))
                .toArray(double[][]::new);
    }

    static double[][] matrix(String name) {
        return matrix(FIGURES.getAsJsonArray(name));
    }
}
