package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.export.PackageNet;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.serve.http.ServeSettings.Limits;

class ServerTest {

    private static final int VALUES = 3 * 32 * 32;

    @TempDir private static Path temporary;
    private static Path model;
    private static Server server;
    private static Server guarded;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        model = TestPackage.save(temporary.resolve("net"), 3);
        server = server(Optional.empty());
        guarded = server(Optional.of("secret"));
    }

    @AfterAll
    static void stop() {
        server.close();
        guarded.close();
    }

    static Server server(Optional<String> token) throws IOException {
        ServeSettings settings =
                new ServeSettings(
                        "127.0.0.1",
                        0,
                        new Batching(64, 8, Duration.ofMillis(20)),
                        new Limits(
                                200_000, 10_000, Duration.ofSeconds(5), Duration.ofSeconds(20), 2),
                        token,
                        Optional.empty(),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(10),
                        false);
        Server server =
                new Server(
                        settings,
                        new NetLoader(EngineChoice.AUTO, new ComputeOptions()),
                        Map.of("net", model));
        server.start();
        return server;
    }

    @Test
    void aPhotographIsAnsweredWithTheLikeliestClasses() throws Exception {
        HttpResponse<byte[]> reply = post("/predict?top_k=2", image(60, 40));
        assertThat(reply.statusCode()).isEqualTo(200);
        JsonObject answer = json(reply);
        assertThat(answer.getAsJsonArray("guesses")).hasSize(2);
        assertThat(
                        answer.getAsJsonArray("guesses")
                                .get(0)
                                .getAsJsonObject()
                                .get("className")
                                .getAsString())
                .isEqualTo("dog");
        assertThat(answer.get("version").getAsString()).hasSize(12);
        byte[] form =
                concat(
                        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1),
                        image(60, 40),
                        "\r\n--b--\r\n".getBytes(StandardCharsets.ISO_8859_1));
        JsonObject same =
                json(post("/predict/net", form, "Content-Type", "multipart/form-data; boundary=b"));
        assertThat(same.getAsJsonArray("guesses").get(0))
                .isEqualTo(answer.getAsJsonArray("guesses").get(0));
    }

    @Test
    void tensorsInJsonAndInBinaryGetTheNetsLogits() throws Exception {
        float[] x = tensor(2, 1);
        float[] expected = logits(x, 2);
        String data = new Gson().toJson(x);
        JsonObject answer =
                json(
                        post(
                                "/v2/models/net/infer",
                                request(2, ",\"data\":" + data).getBytes(StandardCharsets.UTF_8)));
        float[] logits =
                new Gson()
                        .fromJson(
                                answer.getAsJsonArray("outputs")
                                        .get(0)
                                        .getAsJsonObject()
                                        .get("data"),
                                float[].class);
        assertThat(logits).containsExactly(expected, org.assertj.core.api.Assertions.within(1e-4f));

        ByteBuffer bytes = ByteBuffer.allocate(4 * x.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(x);
        byte[] head =
                request(2, ",\"parameters\":{\"binary_data_size\":" + 4 * x.length + "}")
                        .replace(
                                "{\"inputs",
                                "{\"parameters\":{\"binary_data_output\":true},\"inputs")
                        .getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> binary =
                post(
                        "/v2/models/net/infer",
                        concat(head, bytes.array()),
                        "Inference-Header-Content-Length",
                        "" + head.length);
        int length =
                Integer.parseInt(
                        binary.headers()
                                .firstValue("Inference-Header-Content-Length")
                                .orElseThrow());
        float[] got = new float[6];
        ByteBuffer.wrap(binary.body(), length, 24)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(got);
        assertThat(got).containsExactly(logits);
    }

    @Test
    void requestsAtOnceShareBatchesAndEachGetsItsOwnAnswer() throws Exception {
        List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            byte[] body =
                    request(1, ",\"data\":" + new Gson().toJson(tensor(1, i)))
                            .getBytes(StandardCharsets.UTF_8);
            replies.add(
                    client.sendAsync(
                            HttpRequest.newBuilder(uri(server, "/v2/models/net/infer"))
                                    .POST(BodyPublishers.ofByteArray(body))
                                    .build(),
                            BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < 24; i++) {
            float[] got =
                    new Gson()
                            .fromJson(
                                    json(replies.get(i).get())
                                            .getAsJsonArray("outputs")
                                            .get(0)
                                            .getAsJsonObject()
                                            .get("data"),
                                    float[].class);
            assertThat(got)
                    .containsExactly(
                            logits(tensor(1, i), 1), org.assertj.core.api.Assertions.within(1e-4f));
        }
        String figures = text(get(server, "/metrics"));
        assertThat(figures)
                .contains("mobilenetv3_queue_images{model=\"net\"}")
                .contains("mobilenetv3_requests_seconds_bucket");
        double one = figure(figures, "mobilenetv3_batch_size_bucket{model=\"net\",le=\"1.0\"}");
        double all = figure(figures, "mobilenetv3_batch_size_bucket{model=\"net\",le=\"+Inf\"}");
        assertThat(all).isGreaterThan(one + 1); // the warm-up has one, too
    }

    @Test
    void badRequestsAreRefusedInOneSentence() throws Exception {
        byte[] whole = image(60, 40);
        refused(400, post("/predict", Arrays.copyOf(whole, whole.length / 2)));
        refused(400, post("/predict", image(200, 200)));
        refused(415, post("/predict", "this is text".getBytes(StandardCharsets.UTF_8)));
        refused(413, post("/predict", new byte[200_001]));
        refused(400, post("/predict?top_k=0", whole));
        refused(404, post("/predict/other", whole));
        refused(404, get(server, "/nothing"));
        refused(405, get(server, "/predict"));
        refused(404, get(server, "/v2/models/net/versions/0"));
        for (String body :
                List.of(
                        "{",
                        "[]",
                        "{}",
                        request(1, ",\"data\":[1,2]"),
                        request(9, ",\"data\":[1]"),
                        request(1, ",\"data\":[\"x\"]"),
                        request(1, ",\"data\":[1]").replace("FP32", "INT64"),
                        request(1, ",\"data\":[1]").replace("[1,3", "[3"),
                        request(1, ",\"parameters\":{\"binary_data_size\":4}"))) {
            refused(400, post("/v2/models/net/infer", body.getBytes(StandardCharsets.UTF_8)));
        }
        assertThat(post("/predict", whole).statusCode()).isEqualTo(200);
    }

    @Test
    void healthAndMetadataAreToldAndATokenIsAskedFor() throws Exception {
        assertThat(get(server, "/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(text(get(server, "/v2/models/net"))).contains("[-1,3,32,32]");
        assertThat(text(get(server, "/"))).contains("<title>");
        assertThat(get(guarded, "/v2/health/live").statusCode()).isEqualTo(200);
        refused(401, get(guarded, "/v2"));
        HttpRequest request =
                HttpRequest.newBuilder(uri(guarded, "/v2"))
                        .header("Authorization", "Bearer secret")
                        .build();
        assertThat(client.send(request, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
    }

    private static String request(int n, String rest) {
        return "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"FP32\",\"shape\":[%d,3,32,32]%s}]}"
                .formatted(n, rest);
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
            return net.logits(FloatBuffer.wrap(x), n, 3, 32, 32);
        }
    }

    private static double figure(String figures, String name) {
        return figures.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    private static void refused(int status, HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(status);
        assertThat(json(reply).get("error").getAsString())
                .endsWith(".")
                .doesNotContain(temporary.toString(), "Exception", "org.", "java.");
    }

    private static byte[] image(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", out);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(server, path)).POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(Server from, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(from, path)).build(), BodyHandlers.ofByteArray());
    }

    private static URI uri(Server server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static JsonObject json(HttpResponse<byte[]> reply) {
        return JsonParser.parseString(text(reply)).getAsJsonObject();
    }

    private static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
