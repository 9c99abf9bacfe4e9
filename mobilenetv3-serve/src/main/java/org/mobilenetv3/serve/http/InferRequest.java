package org.mobilenetv3.serve.http;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A request of the Open Inference Protocol, version 2, not yet held against a model.
 *
 * @param id the caller's, or null
 * @param input name of the only input
 * @param datatype of the input
 * @param shape of the input
 * @param data numbers of the JSON, empty if they are binary
 * @param binarySize bytes behind the JSON, or -1
 * @param output name of the output that is asked for, or null
 * @param binaryOutput whether the answer's numbers are to be binary
 */
record InferRequest(
        String id,
        String input,
        String datatype,
        long[] shape,
        float[] data,
        int binarySize,
        String output,
        boolean binaryOutput) {

    /** Reads number by number: a tree of JSON would take ten times the memory. */
    static InferRequest read(byte[] body, int length) {
        Reader reader = new Reader();
        try (JsonReader json =
                new JsonReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(body, 0, length),
                                StandardCharsets.UTF_8))) {
            reader.request(json);
        } catch (HttpError e) {
            throw e;
        } catch (IOException | RuntimeException e) { // Gson has many kinds
            throw new HttpError(400, "The body is no request of the inference protocol in JSON.");
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
                reader.output,
                reader.binaryOutput);
    }

    /** What has been read so far. */
    private static final class Reader {
        private static final Gson GSON = new Gson();

        private String id;
        private String input;
        private String datatype;
        private long[] shape;
        private float[] data = new float[1024];
        private int count;
        private int inputs;
        private int binarySize = -1;
        private String output;
        private boolean binaryOutput;

        void request(JsonReader json) throws IOException {
            json.beginObject();
            while (json.hasNext()) {
                switch (json.nextName()) {
                    case "id" -> id = json.nextString();
                    case "inputs" -> inputs(json);
                    case "outputs" -> outputs(json);
                    case "parameters" -> binaryOutput |= flag(tree(json), "binary_data_output");
                    default -> json.skipValue();
                }
            }
            json.endObject();
        }

        private void inputs(JsonReader json) throws IOException {
            json.beginArray();
            while (json.hasNext()) {
                inputs++;
                json.beginObject();
                while (json.hasNext()) {
                    switch (json.nextName()) {
                        case "name" -> input = json.nextString();
                        case "datatype" -> datatype = json.nextString();
                        case "shape" -> shape = GSON.fromJson(json, long[].class);
                        case "data" -> numbers(json);
                        case "parameters" -> {
                            JsonElement size = tree(json).get("binary_data_size");
                            binarySize = size == null ? -1 : size.getAsInt();
                        }
                        default -> json.skipValue();
                    }
                }
                json.endObject();
            }
            json.endArray();
        }

        /** Flat or nested: the order is the same. */
        private void numbers(JsonReader json) throws IOException {
            int depth = 0;
            do {
                JsonToken token = json.peek();
                if (token == JsonToken.BEGIN_ARRAY && depth < 4) {
                    json.beginArray();
                    depth++;
                } else if (token == JsonToken.END_ARRAY) {
                    json.endArray();
                    depth--;
                } else {
                    if (count == data.length) {
                        data = Arrays.copyOf(data, 2 * count);
                    }
                    data[count++] = (float) json.nextDouble();
                }
            } while (depth > 0);
        }

        private void outputs(JsonReader json) throws IOException {
            json.beginArray();
            while (json.hasNext()) {
                JsonObject wanted = tree(json);
                output = wanted.has("name") ? wanted.get("name").getAsString() : "";
                if (wanted.has("parameters")) {
                    JsonObject parameters = wanted.getAsJsonObject("parameters");
                    if (parameters.has("classification")) {
                        throw new HttpError(400, "Classification outputs are not supported.");
                    }
                    binaryOutput |= flag(parameters, "binary_data");
                }
            }
            json.endArray();
        }

        private static JsonObject tree(JsonReader json) {
            JsonObject tree = GSON.fromJson(json, JsonObject.class);
            if (tree == null) {
                throw new JsonParseException("null");
            }
            return tree;
        }

        private static boolean flag(JsonObject parameters, String name) {
            return parameters.has(name) && parameters.get(name).getAsBoolean();
        }
    }
}
