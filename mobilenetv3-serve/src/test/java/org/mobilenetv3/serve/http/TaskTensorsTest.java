package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.http.TestServer.concat;
import static org.mobilenetv3.serve.http.TestServer.json;
import static org.mobilenetv3.serve.http.TestServer.refused;
import static org.mobilenetv3.serve.http.TestServer.text;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.trained.TrainedNet;

/** The outputs of nets that detect and segment as the Open Inference Protocol has them. */
@Timeout(120)
class TaskTensorsTest {

    private static final int INPUT = 3 * 64 * 64;
    private static final String HEADER = "Inference-Header-Content-Length";

    @TempDir private static Path temporary;
    private static Path boxes;
    private static Path masks;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        boxes = temporary.resolve("boxes.onnx");
        masks = temporary.resolve("masks.onnx");
        Exporter exporter = new Exporter(ExportFormat.ONNX, true, false);
        exporter.export(TestPackage.detector(temporary.resolve("detector")), boxes);
        exporter.export(TestPackage.segmenter(temporary.resolve("segmenter")), masks);
        server = TestServer.start(Map.of("boxes", boxes, "masks", masks), setup -> setup);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theMetadataNameTheOutputsAndTheirShapes() throws Exception {
        JsonObject of = json(server.get("/v2/models/boxes"));
        assertThat(of.getAsJsonArray("inputs").get(0).getAsJsonObject().get("shape"))
                .hasToString("[-1,3,64,64]");
        int anchors = outputs(boxes, new float[INPUT], 64, 64).length / 8;
        assertThat(of.get("outputs"))
                .hasToString(
                        ("[{'name':'boxes','datatype':'FP32','shape':[-1,%1$s,4]},"
                                        + "{'name':'scores','datatype':'FP32','shape':[-1,%1$s,4]}]")
                                .replace('\'', '"')
                                .formatted(anchors));
        JsonObject masked = json(server.get("/v2/models/masks"));
        assertThat(masked.getAsJsonArray("inputs").get(0).getAsJsonObject().get("shape"))
                .hasToString("[-1,3,-1,-1]");
        assertThat(masked.getAsJsonArray("outputs").get(0).getAsJsonObject().get("shape"))
                .hasToString("[-1,4,-1,-1]");
    }

    @Test
    void tensorsGetBoxesAndScoresInJsonAndInBinary() throws Exception {
        float[] x = tensor(2 * INPUT);
        float[] answer = outputs(boxes, x, 64, 64);
        String request = request("[2,3,64,64]", x);
        JsonArray both = json(infer("boxes", request)).getAsJsonArray("outputs");
        assertThat(both).hasSize(2);
        float[] edges = data(both.get(0));
        float[] scores = data(both.get(1));
        for (int i = 0; i < answer.length; i++) {
            float value = i % 8 < 4 ? edges[i / 8 * 4 + i % 8] : scores[i / 8 * 4 + i % 8 - 4];
            assertThat(value).isEqualTo(answer[i]);
        }
        JsonArray one =
                json(infer(
                                "boxes",
                                request.replace(
                                        "{\"inputs",
                                        "{\"outputs\":[{\"name\":\"scores\"}],\"inputs")))
                        .getAsJsonArray("outputs");
        assertThat(one).hasSize(1);
        assertThat(data(one.get(0))).isEqualTo(scores);
        HttpResponse<byte[]> mixed =
                infer(
                        "boxes",
                        request.replace(
                                "{\"inputs",
                                "{\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"boxes\"},{\"name\":\"scores\",\"parameters\":{\"binary_data\":false}}],\"inputs"));
        assertThat(binary(mixed)).isEqualTo(edges);
    }

    @Test
    void tensorsOfAnySizeGetTheLogitsOfEachPixel() throws Exception {
        float[] x = tensor(2 * 3 * 48 * 80);
        float[] logits = outputs(masks, x, 48, 80);
        JsonObject output =
                json(infer("masks", request("[2,3,48,80]", x)))
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject();
        assertThat(output.get("name").getAsString()).isEqualTo("logits");
        assertThat(output.get("shape")).hasToString("[2,4,48,80]");
        assertThat(data(output)).isEqualTo(logits);
        float[] large = tensor(3 * 128 * 129); // whose answer is written as it becomes text
        float[] many = outputs(masks, large, 128, 129);
        HttpResponse<byte[]> text = infer("masks", request("[1,3,128,129]", large));
        assertThat(data(json(text).getAsJsonArray("outputs").get(0))).isEqualTo(many);
        assertThat(
                        binary(
                                infer(
                                        "masks",
                                        request("[1,3,128,129]", large)
                                                .replace(
                                                        "{\"inputs",
                                                        "{\"parameters\":{\"binary_data_output\":true},\"inputs"))))
                .isEqualTo(many);
    }

    @Test
    void pixelsOfAnySizeAreNormalizedByTheServer() throws Exception {
        int height = 40;
        int width = 70;
        byte[] samples = new byte[2 * 3 * height * width];
        float[] x = new float[samples.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (i * 7 + i / 1000);
            x[i] = (samples[i] & 0xff) / 255f;
        }
        byte[] head =
                ("{'inputs':[{'name':'pixels','datatype':'UINT8','shape':[2,3,40,70],'parameters':"
                                + "{'binary_data_size':16800}}]}")
                        .replace('\'', '"')
                        .getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> reply =
                server.post(
                        "/v2/models/masks/infer",
                        concat(head, samples),
                        HEADER,
                        Integer.toString(head.length));
        assertThat(data(json(reply).getAsJsonArray("outputs").get(0)))
                .isEqualTo(outputs(masks, x, height, width));
    }

    @Test
    void whatDoesNotFitTheNetIsRefusedInASentence() throws Exception {
        for (String shape :
                List.of(
                        "[1,3,8,64]",
                        "[1,3,64]",
                        "[9,3,64,64]",
                        "[1,3,64,9223372036854775807]",
                        "[1,3,4294967296,4294967296]",
                        "[8,3,64,65]",
                        "[1,1,64,64]")) {
            refused(400, infer("masks", request(shape, new float[] {1})));
        }
        refused(400, infer("boxes", request("[1,3,64,80]", tensor(3 * 64 * 80))));
        String request = request("[1,3,64,64]", tensor(INPUT));
        HttpResponse<byte[]> output =
                infer(
                        "boxes",
                        request.replace("{\"in", "{\"outputs\":[{\"name\":\"logits\"}],\"in"));
        refused(400, output);
        assertThat(text(output)).contains("boxes and scores");
    }

    private static float[] outputs(Path file, float[] x, int height, int width) throws IOException {
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            int count = x.length / 3 / height / width;
            return net.logits(FloatBuffer.wrap(x), new Shape(count, 3, height, width));
        }
    }

    private static float[] tensor(int values) {
        float[] x = new float[values];
        for (int i = 0; i < x.length; i++) {
            x[i] = i * 31 % 256 / 255f;
        }
        return x;
    }

    private static String request(String shape, float[] x) {
        return "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":%s,\"data\":%s}]}"
                .formatted(shape, new Gson().toJson(x));
    }

    private static HttpResponse<byte[]> infer(String net, String request) throws Exception {
        // In binary: the server of these tests takes only small bodies.
        JsonObject json = new Gson().fromJson(request, JsonObject.class);
        JsonObject input = json.getAsJsonArray("inputs").get(0).getAsJsonObject();
        float[] x = data(input);
        input.remove("data");
        JsonObject parameters = new JsonObject();
        parameters.addProperty("binary_data_size", 4 * x.length);
        input.add("parameters", parameters);
        byte[] head = json.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer tail = ByteBuffer.allocate(4 * x.length).order(ByteOrder.LITTLE_ENDIAN);
        tail.asFloatBuffer().put(x);
        return server.post(
                "/v2/models/" + net + "/infer",
                concat(head, tail.array()),
                HEADER,
                Integer.toString(head.length));
    }

    private static float[] data(JsonElement tensor) {
        return new Gson().fromJson(tensor.getAsJsonObject().get("data"), float[].class);
    }

    private static float[] binary(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).isEqualTo(200);
        int length = Integer.parseInt(reply.headers().firstValue(HEADER).orElseThrow());
        ByteBuffer bytes =
                ByteBuffer.wrap(reply.body(), length, reply.body().length - length)
                        .slice()
                        .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
