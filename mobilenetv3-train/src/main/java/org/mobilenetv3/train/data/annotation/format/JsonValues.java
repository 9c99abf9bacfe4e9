package org.mobilenetv3.train.data.annotation.format;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Single values of a JSON stream; those of another type are passed over, not refused. */
final class JsonValues {

    private JsonValues() {}

    /** Begins to read; a byte order mark is passed over. */
    static JsonReader open(InputStream in) throws IOException {
        BufferedInputStream bytes = new BufferedInputStream(in, 1 << 16);
        bytes.mark(3);
        if (!Arrays.equals(
                bytes.readNBytes(3), new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF})) {
            bytes.reset(); // no byte order mark
        }
        Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8);
        JsonReader json = new JsonReader(text);
        json.setStrictness(Strictness.LENIENT); // Python writes NaN
        return json;
    }

    /** NaN if it is no number. */
    static double number(JsonReader json) throws IOException {
        if (json.peek() == JsonToken.NUMBER) {
            return json.nextDouble();
        }
        json.skipValue();
        return Double.NaN;
    }

    /** Null if it is no list; NaN in place of what is no number. */
    static double[] numbers(JsonReader json) throws IOException {
        if (json.peek() != JsonToken.BEGIN_ARRAY) {
            json.skipValue();
            return null;
        }
        double[] numbers = new double[4];
        int count = 0;
        json.beginArray();
        while (json.hasNext()) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = number(json);
        }
        json.endArray();
        return Arrays.copyOf(numbers, count);
    }

    /** Null if they are not four. */
    static double[] fourNumbers(JsonReader json) throws IOException {
        double[] numbers = numbers(json);
        boolean four =
                numbers != null
                        && numbers.length == 4
                        && Arrays.stream(numbers).allMatch(Double::isFinite);
        return four ? numbers : null;
    }

    /** 0 if it is no size. */
    static int size(JsonReader json) throws IOException {
        return size(number(json));
    }

    /** 0 if it is no size. */
    static int size(double value) {
        return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value)
                ? (int) value
                : 0;
    }

    /** Of true, or of a number above 0. */
    static boolean flag(JsonReader json) throws IOException {
        if (json.peek() == JsonToken.BOOLEAN) {
            return json.nextBoolean();
        }
        return number(json) > 0;
    }

    /** Of a text or number; a whole number has one form. */
    static String text(JsonReader json) throws IOException {
        if (json.peek() == JsonToken.NUMBER || json.peek() == JsonToken.STRING) {
            String text = json.nextString();
            return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
        }
        json.skipValue();
        return null;
    }
}
