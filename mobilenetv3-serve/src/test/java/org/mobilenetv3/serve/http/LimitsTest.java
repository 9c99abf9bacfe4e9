package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.http.ServerTest.request;
import static org.mobilenetv3.serve.http.TestServer.concat;
import static org.mobilenetv3.serve.http.TestServer.image;
import static org.mobilenetv3.serve.http.TestServer.refused;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.serve.http.ServeSettings.Limits;

@Timeout(120)
class LimitsTest {

    private static final int SLOW = 3000; // pixels of a side; takes long to decode

    @TempDir private static Path temporary;
    private static Path model;
    private static TestServer server;
    private static byte[] slow;

    @BeforeAll
    static void start() throws IOException {
        model = TestPackage.save(temporary.resolve("net"), 3);
        server = TestServer.start(model);
        slow = image("png", SLOW, SLOW);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void badImagesAreRefusedInOneSentence() throws Exception {
        byte[] whole = image("jpg", 60, 40);
        refused(400, server.post("/predict", Arrays.copyOf(whole, whole.length / 2)));
        refused(413, server.post("/predict", image("png", 200, 200))); // too many pixels
        refused(413, server.post("/predict", slow)); // of few bytes and many pixels
        refused(415, server.post("/predict", "this is text"));
        refused(415, server.post("/predict", new byte[0]));
        refused(415, server.post("/predict", whole, "Content-Encoding", "gzip"));
        refused(413, server.post("/predict", new byte[200_001]));
        refused(400, server.post("/predict?top_k=0", whole));
        refused(400, server.post("/predict", whole, "Content-Type", "multipart/form-data"));
        String form = "multipart/form-data; boundary=b";
        String part = "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nGIF8";
        for (String body :
                List.of(
                        "",
                        "--b--\r\n",
                        "--b\r\n\r\n",
                        "--b\r\n--b--\r\n",
                        "--b",
                        part.formatted("image"), // cut off
                        (part.formatted("other") + "\r\n").repeat(2000) + "--b--\r\n")) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            refused(400, server.post("/predict", bytes, "Content-Type", form));
        }
        refused(400, server.post("/predict", whole, "X-Deadline-Ms", "soon"));
        assertThat(server.post("/predict", whole).statusCode()).isEqualTo(200);
    }

    @Test
    void badTensorsAreRefusedInOneSentence() throws Exception {
        for (String body :
                List.of(
                        "",
                        "{",
                        "[]",
                        "{}",
                        "{\"outputs\":[{\"name\":null}]}",
                        "{\"outputs\":[{\"name\":\"logits\",\"parameters\":5}]}",
                        "{\"inputs\":[{\"parameters\":{\"binary_data_size\":{}}}]}",
                        tensor("FP32", "[null,3,32,32]", ",\"data\":[1]"),
                        "null",
                        "[".repeat(100_000),
                        tensor("FP32", "[1,3,32,32]", ",\"data\":[1,2]"),
                        tensor("FP32", "[9,3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "[1,3,32,32]", ",\"data\":[\"x\"]"),
                        tensor("FP32", "[1,3,32,32]", ",\"data\":[[[[[1]]]]]"),
                        tensor("INT64", "[1,3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "[3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "[-1,3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "[9223372036854775807,3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "[1e400,3,32,32]", ",\"data\":[1]"),
                        tensor("FP32", "{}", ",\"data\":[1]"),
                        tensor("FP32", "[1,3,32,32]", ""),
                        tensor(
                                "FP32",
                                "[1,3,32,32]",
                                ",\"parameters\":{\"binary_data_size\":12288}"))) {
            refused(400, server.post("/v2/models/net/infer", body));
        }
        String nan = request("input", "FP32", new float[3 * 32 * 32]).replaceFirst("0.0", "NaN");
        refused(400, server.post("/v2/models/net/infer", nan));
        refused(400, server.post("/v2/models/net/infer", nan.replace("NaN", "1e39")));
        float[] large = new float[3 * 32 * 32];
        Arrays.fill(large, Float.MAX_VALUE);
        refused(400, server.post("/v2/models/net/infer", request("input", "FP32", large)));
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        String header = "Inference-Header-Content-Length";
        for (String length : List.of("-1", "3", "999999999999", "x")) {
            refused(400, server.post("/v2/models/net/infer", body, header, length));
        }
    }

    @Test
    void filesThatClaimMoreThanTheyHaveDoNotTakeMemory() throws Exception {
        byte[] png = image("png", 40, 30);
        byte[] exif = {0x7F, -1, -1, -1, 'e', 'X', 'I', 'f', 0, 0, 0, 0};
        assertThat(server.post("/predict", concat(png, exif)).statusCode()).isEqualTo(200);
        byte[] bmp = image("bmp", 10, 10);
        bmp[30] = 4; // a JPEG inside, of 2 GB
        bmp[37] = 0x7F;
        refused(400, server.post("/predict", bmp));
    }

    @Test
    void aHeadIsAnsweredAsItsGet() throws Exception {
        for (String path : List.of("/", "/metrics", "/v2/health/ready", "/v2/models/net")) {
            HttpRequest head = server.request(path).method("HEAD", BodyPublishers.noBody()).build();
            assertThat(server.client().send(head, BodyHandlers.ofByteArray()).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void wrongAddressesAndMethodsAreToldApart() throws Exception {
        refused(404, server.post("/predict/other", image("jpg", 60, 40)));
        refused(404, server.get("/nothing"));
        refused(405, server.get("/predict"));
        refused(404, server.get("/v2/models/net/versions/0"));
        refused(404, server.post("/v2/models/other/infer", "{}"));
    }

    @Test
    void whatIsNoHttpIsRefusedInJsonToo() throws Exception {
        assertThat(raw("NONSENSE\r\n\r\n")).contains(" 400 ", "{\"error\":\"");
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(9000) + "\r\n\r\n"))
                .contains(" 431 ", "{\"error\":\"");
        String post = "POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        assertThat(raw(post + "Content-Length: 200001\r\n\r\n")).contains(" 413 ");
        assertThat(raw(post + "Transfer-Encoding: chunked\r\n\r\n30d41\r\n" + "a".repeat(200_001)))
                .contains(" 413 ");
        assertThat(raw(post + "Expect: 100-continue\r\nContent-Length: 200001\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(raw(post.replace("localhost", "evil.example") + "Content-Length: 0\r\n\r\n"))
                .contains(" 403 ");
        assertThat(raw("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .contains("{\"error\":\"")
                .doesNotContain("root:", "jetty");
    }

    /** One in seventy found a broken connection when the rest of the body was not read. */
    @ParameterizedTest
    @CsvSource({
        "413, 200001, /predict, X-Other, x",
        "415, 150000, /predict, Content-Encoding, gzip",
        "400, 150000, /predict, X-Deadline-Ms, soon",
        "400, 150000, /predict?top_k=0, X-Other, x",
        "403, 150000, /predict, Sec-Fetch-Site, cross-site",
        "404, 150000, /predict/other, X-Other, x",
        "404, 150000, /nothing, X-Other, x",
        "405, 150000, /metrics, X-Other, x"
    })
    void whoSendsWhatIsRefusedUnreadIsAlwaysToldSo(
            int status, int bytes, String path, String header, String value) throws Exception {
        byte[] body = new byte[bytes];
        for (int i = 0; i < 150; i++) {
            refused(status, server.post(path, body, header, value));
        }
    }

    @Test
    void aBodyThatDoesNotComeIsGivenUpAndManyOfThemDisturbNobody() throws Exception {
        Limits impatient =
                new Limits(
                        200_000,
                        Duration.ofMillis(700),
                        10_000,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20));
        List<Socket> sockets = new ArrayList<>();
        try (TestServer other =
                TestServer.start(Map.of("net", model), setup -> setup.with(impatient))) {
            byte[] head =
                    "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc"
                            .getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < 200; i++) { // more than there are threads
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), other.port());
                sockets.add(socket);
                socket.getOutputStream().write(head);
            }
            assertThat(other.post("/predict", image("jpg", 60, 40)).statusCode()).isEqualTo(200);
            for (Socket socket : sockets) {
                assertThat(read(socket)).contains(" 408 ", "{\"error\":\"");
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aFullQueueIsToldAtOnceAndEmptiesAgain() throws Exception {
        try (TestServer other = slowServer(Duration.ofSeconds(30))) {
            CompletableFuture<HttpResponse<byte[]>> first =
                    other.client()
                            .sendAsync(
                                    other.request("/predict")
                                            .POST(BodyPublishers.ofByteArray(slow))
                                            .build(),
                                    BodyHandlers.ofByteArray());
            other.awaitInFlight(1);
            HttpResponse<byte[]> second = other.post("/predict", image("jpg", 60, 40));
            refused(429, second);
            assertThat(second.headers().firstValue("Retry-After")).contains("1");
            assertThat(first.get().statusCode()).isEqualTo(200);
            assertThat(other.post("/predict", image("jpg", 60, 40)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void decodingEndsWithItsTimeAndWithTheDeadline() throws Exception {
        try (TestServer other = slowServer(Duration.ofMillis(20))) {
            HttpResponse<byte[]> late = other.post("/predict", slow);
            refused(400, late);
            assertThat(new String(late.body(), StandardCharsets.UTF_8)).contains("20 ms");
            assertThat(other.post("/predict", image("jpg", 60, 40)).statusCode()).isEqualTo(200);
        }
        try (TestServer other = slowServer(Duration.ofSeconds(30))) {
            refused(504, other.post("/predict", slow, "X-Deadline-Ms", "20"));
        }
    }

    /** Takes huge images, one request at a time. */
    private static TestServer slowServer(Duration decode) throws IOException {
        Limits limits =
                new Limits(
                        10_000_000,
                        Duration.ofSeconds(30),
                        (long) SLOW * SLOW,
                        decode,
                        Duration.ofSeconds(60));
        return TestServer.start(
                Map.of("net", model),
                setup -> setup.with(limits).with(new Batching(1, 1, Duration.ofMillis(1))));
    }

    private static String tensor(String datatype, String shape, String rest) {
        return "{\"inputs\":[{\"name\":\"input\",\"datatype\":\"%s\",\"shape\":%s%s}]}"
                .formatted(datatype, shape, rest);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            socket.shutdownOutput();
            return read(socket);
        }
    }

    private static String read(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
}
