package org.mobilenetv3.format.safetensors;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.FileBytes;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.Sizes;

/**
 * The header of a safetensors file, read as the reference implementation demands it: elements
 * follow each other from the header to the end of the file, without gap or overlap.
 *
 * @param entries the tensors in the header's order
 * @param metadata of the file
 * @param data where the elements begin
 */
record SafeTensorsHeader(List<Entry> entries, Map<String, String> metadata, long data) {

    /** The reference implementation's limit. */
    private static final long MOST = 100_000_000;

    /**
     * A tensor.
     *
     * @param name of the tensor
     * @param type of its elements
     * @param shape its shape
     * @param begin of its elements, from the first element of all
     * @param end behind them
     */
    record Entry(String name, ElementType type, Shape shape, long begin, long end) {}

    /** Reads and checks a header. */
    static SafeTensorsHeader read(FileBytes file) throws IOException {
        long size = file.size();
        if (size < Long.BYTES) {
            throw new IOException(String.format(Locale.ROOT, "the file has only %d bytes.", size));
        }
        long length =
                ByteBuffer.wrap(file.read(0, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > Math.min(MOST, size - Long.BYTES)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its header is said to have %s bytes, where the file has %d and %d are allowed.",
                            Long.toUnsignedString(length),
                            size,
                            MOST));
        }
        long data = Long.BYTES + length;
        Parser parser = new Parser();
        parser.parse(text(file.read(Long.BYTES, (int) length)));
        checkPlaces(parser.entries, size - data);
        return new SafeTensorsHeader(parser.entries, parser.metadata, data);
    }

    private static String text(byte[] utf8) throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("its header is not UTF-8.", e);
        }
    }

    private static void checkPlaces(List<Entry> entries, long size) throws IOException {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long end = 0;
        for (Entry entry : sorted) {
            if (entry.begin() != end) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "tensor %s begins at byte %d of the data where the one before it ends at %d.",
                                Quoted.name(entry.name()),
                                entry.begin(),
                                end));
            }
            end = entry.end();
        }
        if (end != size) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its tensors take %d bytes and the file has %d for them.",
                            end,
                            size));
        }
    }

    /** Reads the JSON; nothing that the format does not know is passed over. */
    private static final class Parser {
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Set<String> names = new HashSet<>();

        void parse(String text) throws IOException {
            try (JsonReader json = new JsonReader(new StringReader(text))) {
                json.setStrictness(Strictness.STRICT);
                json.beginObject();
                while (json.hasNext()) {
                    String name = json.nextName();
                    if (!names.add(name)) {
                        throw new IOException("it has %s twice.".formatted(Quoted.name(name)));
                    }
                    if (name.equals(SafeTensors.METADATA)) {
                        metadata(json);
                    } else {
                        entries.add(entry(name, json));
                    }
                }
                json.endObject();
                if (json.peek() != JsonToken.END_DOCUMENT) {
                    throw new IOException("its header has something behind the JSON.");
                }
            } catch (MalformedJsonException | EOFException | IllegalStateException e) {
                throw new IOException("its header is not the JSON that it should be.", e);
            }
        }

        private void metadata(JsonReader json) throws IOException {
            json.beginObject();
            while (json.hasNext()) {
                String key = json.nextName();
                if (metadata.put(key, string(json)) != null) {
                    throw new IOException("its metadata has %s twice.".formatted(Quoted.name(key)));
                }
            }
            json.endObject();
        }

        private static Entry entry(String name, JsonReader json) throws IOException {
            Map<String, Object> parts = new LinkedHashMap<>();
            json.beginObject();
            while (json.hasNext()) {
                String key = json.nextName();
                Object value =
                        switch (key) {
                            case "dtype" -> string(json);
                            case "shape", "data_offsets" -> numbers(json);
                            default ->
                                    throw new IOException(
                                            "tensor %s has an unknown part %s."
                                                    .formatted(
                                                            Quoted.name(name), Quoted.name(key)));
                        };
                if (parts.put(key, value) != null) {
                    throw new IOException(
                            "tensor %s has %s twice.".formatted(Quoted.name(name), key));
                }
            }
            json.endObject();
            if (parts.size() < 3) {
                throw new IOException(
                        "tensor %s has only %s, where dtype, shape and data_offsets are due."
                                .formatted(Quoted.name(name), parts.keySet()));
            }
            ElementType type = type(name, (String) parts.get("dtype"));
            return checked(
                    name, type, (long[]) parts.get("shape"), (long[]) parts.get("data_offsets"));
        }

        private static ElementType type(String name, String dtype) throws IOException {
            ElementType type = ElementType.ofSafeTensors(dtype).orElse(null);
            if (type == null) {
                throw new IOException(
                        "tensor %s is of type %s, which is not read; save it as F32."
                                .formatted(Quoted.name(name), Quoted.name(dtype)));
            }
            return type;
        }

        private static Entry checked(String name, ElementType type, long[] shape, long[] offsets)
                throws IOException {
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw new IOException(
                        "tensor %s has no begin and end in data_offsets."
                                .formatted(Quoted.name(name)));
            }
            long bytes = Sizes.bytes(Quoted.name(name), shape, type);
            if (bytes != offsets[1] - offsets[0]) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "tensor %s of shape %s and type %s takes %d bytes and has %d.",
                                Quoted.name(name),
                                new Shape(shape),
                                type,
                                bytes,
                                offsets[1] - offsets[0]));
            }
            return new Entry(name, type, new Shape(shape), offsets[0], offsets[1]);
        }

        private static String string(JsonReader json) throws IOException {
            if (json.peek() != JsonToken.STRING) {
                throw new IOException(
                        "its header has no text at %s.".formatted(Quoted.name(json.getPath())));
            }
            return json.nextString();
        }

        private static long[] numbers(JsonReader json) throws IOException {
            List<Long> numbers = new ArrayList<>();
            json.beginArray();
            while (json.hasNext()) {
                String digits = json.peek() == JsonToken.NUMBER ? json.nextString() : "";
                if (!digits.matches("[0-9]{1,18}")) {
                    throw new IOException(
                            "its header has no size in whole numbers at %s."
                                    .formatted(Quoted.name(json.getPath())));
                }
                numbers.add(Long.valueOf(digits));
            }
            json.endArray();
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }
    }
}
