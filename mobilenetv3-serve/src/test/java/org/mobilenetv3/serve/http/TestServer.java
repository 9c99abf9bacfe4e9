package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.serve.http.ServeSettings.Limits;
import org.mobilenetv3.serve.http.ServeSettings.Tls;
import org.mobilenetv3.trained.NetEngine;

/** A server on a free port, and a client of it. */
final class TestServer implements AutoCloseable {

    /** What tests change. */
    record Setup(
            NetEngine engine,
            Batching batching,
            Optional<Degrade> degrade,
            Limits limits,
            Optional<String> token,
            Optional<Tls> tls) {

        static final Setup DEFAULT =
                new Setup(
                        NetEngine.AUTO,
                        new Batching(64, 8, Duration.ofMillis(20)),
                        Optional.empty(),
                        new Limits(
                                200_000,
                                Duration.ofSeconds(5),
                                10_000,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(20)),
                        Optional.empty(),
                        Optional.empty());

        Setup with(NetEngine other) {
            return new Setup(other, batching, degrade, limits, token, tls);
        }

        Setup with(Batching other) {
            return new Setup(engine, other, degrade, limits, token, tls);
        }

        Setup with(Limits other) {
            return new Setup(engine, batching, degrade, other, token, tls);
        }

        Setup with(Degrade other) {
            return new Setup(engine, batching, Optional.of(other), limits, token, tls);
        }

        Setup withToken(String other) {
            return new Setup(engine, batching, degrade, limits, Optional.of(other), tls);
        }

        Setup with(Tls other) {
            return new Setup(engine, batching, degrade, limits, token, Optional.of(other));
        }
    }

    private final Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    private TestServer(Server server) {
        this.server = server;
    }

    static TestServer start(Path model) throws IOException {
        return start(Map.of("net", model), setup -> setup);
    }

    static TestServer start(Map<String, Path> models, UnaryOperator<Setup> change)
            throws IOException {
        Setup setup = change.apply(Setup.DEFAULT);
        Server server =
                new Server(
                        new ServeSettings(
                                "127.0.0.1",
                                0,
                                setup.batching(),
                                setup.degrade(),
                                setup.limits(),
                                setup.token(),
                                setup.tls(),
                                Duration.ofMillis(50),
                                Duration.ofSeconds(10),
                                false),
                        setup.engine(),
                        new ComputeOptions(),
                        models);
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return new TestServer(server);
    }

    int port() {
        return server.port();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    HttpClient client() {
        return client;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path));
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> post(String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> post(String path, String body) throws IOException, InterruptedException {
        return post(path, body.getBytes(StandardCharsets.UTF_8));
    }

    double metric(String name) throws IOException, InterruptedException {
        return text(get("/metrics"))
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until so many requests have a place in the queue. */
    void awaitInFlight(int count) throws IOException, InterruptedException {
        while (metric("mobilenetv3_requests_in_flight{model=\"net\"}") < count) {
            Thread.sleep(2);
        }
    }

    static JsonObject json(HttpResponse<byte[]> reply) {
        return JsonParser.parseString(text(reply)).getAsJsonObject();
    }

    static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    /** Checks that a reply is one sentence that gives nothing away. */
    static void refused(int status, HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).as(text(reply)).isEqualTo(status);
        assertThat(json(reply).get("error").getAsString())
                .endsWith(".")
                .doesNotContain("/tmp", "Exception", "org.", "java.");
    }

    /** A JPEG or PNG of one color. */
    static byte[] image(String format, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, format, out);
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        server.close();
    }
}
