package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mobilenetv3.serve.http.TestServer.concat;
import static org.mobilenetv3.serve.http.TestServer.image;
import static org.mobilenetv3.serve.http.TestServer.json;
import static org.mobilenetv3.serve.http.TestServer.refused;
import static org.mobilenetv3.serve.http.TestServer.text;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.PackageNet;

class ServerTest {

    private static final int VALUES = 3 * 32 * 32;

    @TempDir private static Path temporary;
    private static Path model;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        model = TestPackage.save(temporary.resolve("net"), 3);
        server = TestServer.start(model);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aPhotographIsAnsweredWithTheLikeliestClasses() throws Exception {
        HttpResponse<byte[]> reply = server.post("/predict?top_k=2", image("jpg", 60, 40));
        assertThat(reply.statusCode()).isEqualTo(200);
        JsonObject answer = json(reply);
        assertThat(answer.getAsJsonArray("predictions")).hasSize(2);
        JsonObject first = answer.getAsJsonArray("predictions").get(0).getAsJsonObject();
        assertThat(first.get("className").getAsString()).isEqualTo("dog");
        assertThat(answer.get("version").getAsString()).hasSize(12);
    }

    @Test
    void aFormsPartIsAnsweredAsTheImageItself() throws Exception {
        byte[] form =
                concat(
                        ("--b\r\nContent-Disposition: form-data; name=\"mask\"; filename=\"file\"\r\n\r\nno"
                                        + "\r\n--b\r\nContent-Disposition: form-data; name=file; filename=\"x\"\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1),
                        image("jpg", 60, 40),
                        "\r\n--b--\r\n".getBytes(StandardCharsets.ISO_8859_1));
        JsonObject answer =
                json(
                        server.post(
                                "/predict/net",
                                form,
                                "Content-Type",
                                "multipart/form-data; charset=utf-8; boundary=\"b\""));
        assertThat(answer.getAsJsonArray("predictions"))
                .isEqualTo(
                        json(server.post("/predict", image("jpg", 60, 40)))
                                .getAsJsonArray("predictions"));
    }

    @Test
    void tensorsInJsonAndInBinaryGetTheNetsLogits() throws Exception {
        float[] x = tensor(2, 1);
        float[] logits = infer(server, "net", "input", "FP32", x);
        assertThat(logits).containsExactly(logits(x, 2), within(1e-4f));

        ByteBuffer bytes = ByteBuffer.allocate(4 * x.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(x);
        assertThat(binary(bytes.array(), "input", "FP32")).containsExactly(logits);
    }

    @Test
    void whatIsNullIsAbsentAndAnOutputsOwnWishIsTheLast() throws Exception {
        String body =
                request("input", "FP32", tensor(1, 1))
                        .replace(
                                "{\"inputs",
                                "{\"id\":null,\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"logits\",\"parameters\":{\"binary_data\":false}}],\"inputs");
        assertThat(output(server.post("/v2/models/net/infer", body))).hasSize(3);
        refused(400, server.post("/v2/models/net/infer", body + "{}"));
        refused(
                400,
                server.post(
                        "/v2/models/net/infer", body.replace("binary_data\"", "classification\"")));
        refused(
                400,
                server.post(
                        "/v2/models/net/infer",
                        body.replace("binary_data\"", "shared_memory_region\"")));
    }

    @Test
    void pixelsAreNormalizedByTheServer() throws Exception {
        float[] pixels = new float[2 * VALUES];
        byte[] bytes = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            bytes[i] = (byte) (i * 7);
            pixels[i] = bytes[i] & 0xFF;
        }
        float[] scaled = pixels.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= 255;
        }
        float[] expected = infer(server, "net", "input", "FP32", scaled);
        assertThat(infer(server, "net", "pixels", "UINT8", pixels)).containsExactly(expected);
        assertThat(binary(bytes, "pixels", "UINT8")).containsExactly(expected);
        pixels[5] = 256;
        refused(400, server.post("/v2/models/net/infer", request("pixels", "UINT8", pixels)));
    }

    @Test
    void requestsAtOnceShareBatchesAndEachGetsItsOwnAnswer() throws Exception {
        List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            replies.add(
                    server.client()
                            .sendAsync(
                                    server.request("/v2/models/net/infer")
                                            .POST(
                                                    BodyPublishers.ofString(
                                                            request("input", "FP32", tensor(1, i))))
                                            .build(),
                                    BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < 24; i++) {
            assertThat(output(replies.get(i).get()))
                    .containsExactly(logits(tensor(1, i), 1), within(1e-4f));
        }
        String batches = "mobilenetv3_batch_size_bucket{model=\"net\",le=\"";
        double one = server.metric(batches + "1.0\"}");
        assertThat(server.metric(batches + "+Inf\"}"))
                .isGreaterThan(one + 1); // the warm-up has one, too
        assertThat(text(server.get("/metrics")))
                .contains("mobilenetv3_request_duration_seconds_bucket");
    }

    @Test
    void everyMetricHasAConventionalNameAndIsExplained() throws Exception {
        server.post("/predict", image("jpg", 60, 40));
        String metrics = text(server.get("/metrics"));
        assertThat(metrics.lines().filter(line -> line.startsWith("# HELP")))
                .allMatch(line -> line.matches("# HELP \\S+ [A-Z].+\\."));
        assertThat(metrics.lines().filter(line -> line.startsWith("# TYPE")))
                .containsExactlyInAnyOrder(
                        "# TYPE mobilenetv3_request_duration_seconds histogram",
                        "# TYPE mobilenetv3_request_duration_seconds_max gauge",
                        "# TYPE mobilenetv3_batch_size histogram",
                        "# TYPE mobilenetv3_batch_size_max gauge",
                        "# TYPE mobilenetv3_requests_in_flight gauge");
    }

    @Test
    void theMetadataNamesBothInputs() throws Exception {
        JsonObject input =
                json(server.get("/v2/models/net"))
                        .getAsJsonArray("inputs")
                        .get(0)
                        .getAsJsonObject();
        JsonObject other = input.getAsJsonObject("parameters").getAsJsonObject("or");
        assertThat(input.get("name").getAsString()).isEqualTo("input");
        assertThat(other.get("name").getAsString()).isEqualTo("pixels");
        assertThat(other.get("datatype").getAsString()).isEqualTo("UINT8");
        assertThat(other.get("shape")).isEqualTo(input.get("shape"));
    }

    @Test
    void severalModelsOnBothEnginesAnswerAlike() throws Exception {
        Path onnx = temporary.resolve("net.onnx");
        Path script = temporary.resolve("net.pt");
        new Exporter(ExportFormat.ONNX, true, false).export(model, onnx);
        new Exporter(ExportFormat.TORCHSCRIPT, true, false).export(model, script);
        float[] x = tensor(1, 5);
        float[] expected = infer(server, "net", "input", "FP32", x);
        try (TestServer files =
                        TestServer.start(Map.of("onnx", onnx, "script", script), setup -> setup);
                TestServer torch =
                        TestServer.start(
                                Map.of("net", model), setup -> setup.with(NetEngine.TORCH))) {
            assertThat(infer(files, "onnx", "input", "FP32", x)).containsExactly(expected);
            assertThat(infer(files, "script", "input", "FP32", x))
                    .containsExactly(expected, within(1e-4f));
            assertThat(infer(torch, "net", "input", "FP32", x))
                    .containsExactly(expected, within(1e-4f));
            assertThat(text(files.get("/v2/repository/index"))).contains("onnx", "script");
            refused(404, files.get("/v2/models/net"));
        }
    }

    @Test
    void theVectorEngineAnswersRequestsSideBySide() throws Exception {
        Path onnx = temporary.resolve("vector.onnx");
        new Exporter(ExportFormat.ONNX, true, false).export(model, onnx);
        List<float[]> inputs = List.of(tensor(1, 5), tensor(2, 6), tensor(3, 7), tensor(1, 8));
        try (TestServer vector =
                TestServer.start(
                        Map.of("net", model, "file", onnx),
                        setup -> setup.with(NetEngine.VECTOR))) {
            assertThat(text(vector.get("/v2/models/net"))).contains("\"mobilenetv3_vector\"");
            for (String name : List.of("net", "file")) {
                List<CompletableFuture<float[]>> answers =
                        inputs.stream().map(x -> later(() -> infer(vector, name, x))).toList();
                for (int i = 0; i < inputs.size(); i++) {
                    assertThat(answers.get(i).join())
                            .containsExactly(infer(server, "net", inputs.get(i)), within(1e-4f));
                }
            }
        }
    }

    private static CompletableFuture<float[]> later(Callable<float[]> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static float[] infer(TestServer of, String name, float[] x) throws Exception {
        return infer(of, name, "input", "FP32", x);
    }

    @Test
    void healthAndMetadataAreToldAndATokenIsAskedFor() throws Exception {
        assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(text(server.get("/v2/models/net"))).contains("[-1,3,32,32]");
        assertThat(text(server.get("/"))).contains("<title>");
        byte[] photograph = image("jpg", 60, 40);
        refused(403, server.post("/predict", photograph, "Sec-Fetch-Site", "cross-site"));
        try (TestServer guarded =
                TestServer.start(Map.of("net", model), setup -> setup.withToken("secret"))) {
            assertThat(guarded.get("/v2/health/live").statusCode()).isEqualTo(200);
            refused(401, guarded.get("/v2"));
            refused(401, guarded.post("/predict", image("jpg", 60, 40)));
            byte[] image = image("jpg", 60, 40);
            refused(401, guarded.post("/predict", image, "Authorization", "Bearer secre"));
            assertThat(
                            guarded.post("/predict", image, "Authorization", "Bearer secret")
                                    .statusCode())
                    .isEqualTo(200);
        }
    }

    static String request(String input, String datatype, float[] x) {
        return String.format(
                Locale.ROOT,
                "{\"inputs\":[{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[%d,3,32,32],\"data\":%s}]}",
                input,
                datatype,
                x.length / VALUES,
                new Gson().toJson(x));
    }

    private static float[] infer(
            TestServer from, String model, String input, String datatype, float[] x)
            throws Exception {
        return output(from.post("/v2/models/" + model + "/infer", request(input, datatype, x)));
    }

    private static float[] output(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        return new Gson()
                .fromJson(
                        json(reply).getAsJsonArray("outputs").get(0).getAsJsonObject().get("data"),
                        float[].class);
    }

    /** Two images, there and back in binary. */
    private static float[] binary(byte[] bytes, String input, String datatype) throws Exception {
        byte[] head =
                String.format(
                                Locale.ROOT,
                                "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[2,3,32,32],\"parameters\":{\"binary_data_size\":%d}}]}",
                                input,
                                datatype,
                                bytes.length)
                        .getBytes(StandardCharsets.UTF_8);
        String header = "Inference-Header-Content-Length";
        HttpResponse<byte[]> reply =
                server.post("/v2/models/net/infer", concat(head, bytes), header, "" + head.length);
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(200);
        int length = Integer.parseInt(reply.headers().firstValue(header).orElseThrow());
        float[] got = new float[6];
        ByteBuffer.wrap(Arrays.copyOfRange(reply.body(), length, reply.body().length))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(got);
        return got;
    }

    private static float[] tensor(int n, int seed) {
        float[] x = new float[n * VALUES];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 31 + seed * 77) % 256 / 255f;
        }
        return x;
    }

    private static float[] logits(float[] x, int n) throws IOException {
        try (PackageNet net = PackageNet.open(model, Device.cpu())) {
            return net.logits(FloatBuffer.wrap(x), new Shape(n, 3, 32, 32));
        }
    }
}
