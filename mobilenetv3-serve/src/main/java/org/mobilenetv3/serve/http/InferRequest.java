package org.mobilenetv3.serve.http;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request of the Open Inference Protocol, version 2, not yet validated against a model.
 *
 * @param id the caller's, or null
 * @param input name of the only input
 * @param datatype of the input
 * @param shape of the input
 * @param data numbers of the JSON, empty if it is binary
 * @param binarySize bytes after the JSON, or -1
 * @param outputs names of the outputs that are asked for, and whether their numbers are to be
 *     binary; none if all are
 * @param binaryOutputs whether they are to be binary if nothing is asked for by name
 */
record InferRequest(
        String id,
        String input,
        String datatype,
        long[] shape,
        float[] data,
        int binarySize,
        Map<String, Boolean> outputs,
        boolean binaryOutputs) {

    /**
     * Parses the JSON as a stream: a tree would take ten times the memory.
     *
     * @param maxValues numbers that a tensor may have
     */
    static InferRequest read(byte[] body, int length, int maxValues) {
        Reader reader = new Reader(maxValues);
        try (JsonReader json =
                new JsonReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(body, 0, length),
                                StandardCharsets.UTF_8))) {
            reader.request(json);
        } catch (HttpError e) {
            throw e;
        } catch (IOException | RuntimeException e) { // Gson has many kinds
            throw new HttpError(400, "The body is not an inference request in JSON.");
        }
        if (reader.inputs != 1 || reader.shape == null || reader.datatype == null) {
            throw new HttpError(400, "Give one input with name, shape, datatype and data.");
        }
        return new InferRequest(
                reader.id,
                reader.input,
                reader.datatype,
                reader.shape,
                Arrays.copyOf(reader.data, reader.count),
                reader.binarySize,
                reader.outputs(),
                reader.binaryOutputs);
    }

    /** The parser, with what it has read so far. */
    private static final class Reader {
        private static final int DIMENSIONS = 4;
        private static final int MOST_OUTPUTS = 16;

        private final int maxValues;
        private String id;
        private String input;
        private String datatype;
        private long[] shape;
        private float[] data = new float[1024];
        private int count;
        private int inputs;
        private int binarySize = -1;
        private final Map<String, Optional<Boolean>> outputs = new LinkedHashMap<>();
        private boolean binaryOutputs;

        Reader(int maxValues) {
            this.maxValues = maxValues;
        }

        /** With the wish for all outputs where one has none of its own. */
        Map<String, Boolean> outputs() {
            Map<String, Boolean> all = new LinkedHashMap<>();
            outputs.forEach((name, binary) -> all.put(name, binary.orElse(binaryOutputs)));
            return all;
        }

        void request(JsonReader json) throws IOException {
            members(
                    json,
                    name -> {
                        switch (name) {
                            case "id" -> id = json.nextString();
                            case "inputs" -> elements(json, () -> input(json));
                            case "outputs" -> elements(json, () -> output(json));
                            case "parameters" ->
                                    members(
                                            json,
                                            key -> {
                                                if (key.equals("binary_data_output")) {
                                                    binaryOutputs = json.nextBoolean();
                                                } else {
                                                    json.skipValue();
                                                }
                                            });
                            default -> json.skipValue();
                        }
                    });
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException("more than one value");
            }
        }

        private void input(JsonReader json) throws IOException {
            inputs++;
            members(
                    json,
                    name -> {
                        switch (name) {
                            case "name" -> input = json.nextString();
                            case "datatype" -> datatype = json.nextString();
                            case "shape" -> shape(json);
                            case "data" -> numbers(json);
                            case "parameters" ->
                                    members(
                                            json,
                                            key -> {
                                                refuseSharedMemory(key);
                                                if (key.equals("binary_data_size")) {
                                                    binarySize = json.nextInt();
                                                } else {
                                                    json.skipValue();
                                                }
                                            });
                            default -> json.skipValue();
                        }
                    });
        }

        private void shape(JsonReader json) throws IOException {
            long[] read = new long[DIMENSIONS];
            int dimensions = 0;
            json.beginArray();
            while (json.hasNext()) {
                if (dimensions == DIMENSIONS) {
                    throw new HttpError(400, "The shape has more than four dimensions.");
                }
                read[dimensions++] = json.nextLong();
            }
            json.endArray();
            shape = Arrays.copyOf(read, dimensions);
        }

        /** Flat or nested: the order is the same. */
        private void numbers(JsonReader json) throws IOException {
            int depth = 0;
            do {
                JsonToken token = json.peek();
                if (token == JsonToken.BEGIN_ARRAY && depth < DIMENSIONS) {
                    json.beginArray();
                    depth++;
                } else if (token == JsonToken.END_ARRAY) {
                    json.endArray();
                    depth--;
                } else {
                    if (count == maxValues) {
                        throw new HttpError(
                                400,
                                String.format(
                                        Locale.ROOT,
                                        "The tensor has more than %d values.",
                                        maxValues));
                    }
                    if (count == data.length) {
                        data = Arrays.copyOf(data, Math.min(maxValues, 2 * count));
                    }
                    data[count++] = (float) json.nextDouble();
                }
            } while (depth > 0);
        }

        private void output(JsonReader json) throws IOException {
            String[] named = {""};
            Boolean[] binary = {null};
            members(
                    json,
                    name -> {
                        switch (name) {
                            case "name" -> named[0] = json.nextString();
                            case "parameters" ->
                                    members(
                                            json,
                                            key -> {
                                                refuseSharedMemory(key);
                                                switch (key) {
                                                    case "classification" ->
                                                            throw new HttpError(
                                                                    400,
                                                                    "Classification outputs are not supported.");
                                                    case "binary_data" ->
                                                            binary[0] = json.nextBoolean();
                                                    default -> json.skipValue();
                                                }
                                            });
                            default -> json.skipValue();
                        }
                    });
            if (outputs.size() == MOST_OUTPUTS && !outputs.containsKey(named[0])) {
                throw new HttpError(400, "No net has so many outputs.");
            }
            outputs.put(named[0], Optional.ofNullable(binary[0]));
        }

        private static void refuseSharedMemory(String parameter) {
            if (parameter.startsWith("shared_memory")) {
                throw new HttpError(400, "Shared memory is not supported.");
            }
        }

        private interface Member {
            void read(String name) throws IOException;
        }

        private interface Element {
            void read() throws IOException;
        }

        /** Reads each member that is not null; a null object has none. */
        private static void members(JsonReader json, Member member) throws IOException {
            if (json.peek() == JsonToken.NULL) {
                json.nextNull();
                return;
            }
            json.beginObject();
            while (json.hasNext()) {
                String name = json.nextName();
                if (json.peek() == JsonToken.NULL) {
                    json.nextNull();
                } else {
                    member.read(name);
                }
            }
            json.endObject();
        }

        private static void elements(JsonReader json, Element element) throws IOException {
            json.beginArray();
            while (json.hasNext()) {
                element.read();
            }
            json.endArray();
        }
    }
}
