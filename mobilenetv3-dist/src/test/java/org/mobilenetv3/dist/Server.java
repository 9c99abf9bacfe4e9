package org.mobilenetv3.dist;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A running 'serve', told to listen on any port. */
record Server(Process process, int port) implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("Ready at http://[^:]+:(\\d+)");

    static Server start(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(directory, "serve", ".txt");
        Process process =
                Child.builder(directory, environment, command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        for (int i = 0; i < 1200 && process.isAlive(); i++) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                return new Server(process, Integer.parseInt(ready.group(1)));
            }
            Thread.sleep(100);
        }
        process.destroyForcibly();
        throw new IllegalStateException("The server is not ready: " + Files.readString(log));
    }

    /** Returns what it says of an image, but for the time it took. */
    String predict(Path image) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + port + "/predict"))
                                        .POST(HttpRequest.BodyPublishers.ofFile(image))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        return response.statusCode()
                + " "
                + response.body().replaceFirst(",\"milliseconds\":[\\d.]+", "");
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
