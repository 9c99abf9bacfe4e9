package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilenetv3.serve.http.TestServer.image;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.serve.TestPackage;

@Timeout(120)
class StopTest {

    @TempDir private Path temporary;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java cannot send a signal there")
    void aSignalLetsRequestsFinishTakesNoMoreAndEndsWithZero() throws Exception {
        Path model = TestPackage.save(temporary.resolve("net"), 3);
        Path log = temporary.resolve("log");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Main.class.getName(),
                                        "serve",
                                        "--weights=" + model,
                                        "--port=0",
                                        "--access-log"))
                        .redirectError(log.toFile())
                        .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String ready = lines.readLine();
            assertThat(ready).as(Files.readString(log)).startsWith("Ready at http://127.0.0.1:");
            URI predict = URI.create(ready.replaceAll("Ready at (\\S+) .*", "$1/predict"));
            HttpRequest slow =
                    HttpRequest.newBuilder(predict)
                            .POST(BodyPublishers.ofByteArray(image("png", 4000, 4000)))
                            .build();
            HttpClient client = HttpClient.newHttpClient();
            CompletableFuture<HttpResponse<String>> inFlight =
                    client.sendAsync(slow, BodyHandlers.ofString());
            awaitInFlight(client, predict.resolve("/metrics"));
            nonsense(predict.getPort()); // what is no request must not be taken for one that ended
            process.toHandle().destroy(); // SIGTERM; leaves the streams open
            HttpResponse<String> reply = inFlight.get();
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
            assertThat(reply.headers().firstValue("Connection")).contains("close");
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(0);
            assertThatThrownBy(() -> client.send(slow, BodyHandlers.ofString()))
                    .isInstanceOf(ConnectException.class);
        } finally {
            process.destroyForcibly();
        }
        String line =
                Files.readAllLines(log).stream()
                        .filter(l -> l.contains("\"/predict\""))
                        .findFirst()
                        .orElseThrow();
        assertThat(JsonParser.parseString(line).getAsJsonObject().get("status").getAsInt())
                .isEqualTo(200);
    }

    private static void nonsense(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(
                            "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.ISO_8859_1))
                    .contains(" 400 ");
        }
    }

    private static void awaitInFlight(HttpClient client, URI metrics) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(metrics).build();
        while (!client.send(request, BodyHandlers.ofString())
                .body()
                .contains("mobilenetv3_requests_in_flight{model=\"net\"} 1.0")) {
            Thread.sleep(2);
        }
    }
}
