package org.mobilenetv3.train.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A process that answers each line of JSON with one; between them it waits on its input. */
final class PythonProcess implements AutoCloseable {

    private final Process process;
    private final LinkedBlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final Thread errors;
    private volatile String lastError = "";

    /**
     * Starts a process.
     *
     * @param command program and arguments
     * @param environment what to set in its environment; an empty value takes a variable away
     * @throws IOException if it cannot be started
     */
    PythonProcess(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        environment.forEach(
                (name, value) -> {
                    if (value.isEmpty()) {
                        builder.environment().remove(name);
                    } else {
                        builder.environment().put(name, value);
                    }
                });
        process = builder.start();
        errors =
                read(
                        process.getErrorStream(),
                        line -> lastError = line.isBlank() ? lastError : line.strip(),
                        () -> {});
        read(
                process.getInputStream(),
                line -> answers.add(Optional.of(line)),
                () -> answers.add(Optional.empty()));
    }

    private static Thread read(InputStream from, Consumer<String> line, Runnable end) {
        Thread thread =
                new Thread(
                        () -> {
                            try (BufferedReader reader =
                                    new BufferedReader(
                                            new InputStreamReader(from, StandardCharsets.UTF_8))) {
                                reader.lines().forEach(line);
                            } catch (IOException | RuntimeException e) {
                                // The process is gone; the end says so.
                            } finally {
                                end.run();
                            }
                        },
                        "bench-python");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /**
     * Sends a request and waits for the answer.
     *
     * @param request one JSON object
     * @param limit how long to wait
     * @return the answer
     * @throws IOException if the process ended, was silent for too long, answered anything but a
     *     JSON object, or reported an error
     */
    JsonObject ask(JsonObject request, Duration limit) throws IOException {
        try {
            OutputStream out = process.getOutputStream();
            out.write((request + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw ended();
        }
        return answer(limit);
    }

    /** Waits for a line; what {@link #ask} throws, this throws. */
    JsonObject answer(Duration limit) throws IOException {
        String line = next(limit).orElseThrow(this::ended);
        JsonObject answer = parse(line);
        if (answer.has("error")) {
            throw new IOException(answer.get("error").getAsString());
        }
        return answer;
    }

    private Optional<String> next(Duration limit) throws IOException {
        try {
            Optional<String> line = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new IOException(
                        "The process did not answer within %s s."
                                .formatted(limit.toMillis() / 1000.0));
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The measurement was interrupted.", e);
        }
    }

    private static JsonObject parse(String line) throws IOException {
        try {
            return JsonParser.parseString(line).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            String start = line.length() > 80 ? line.substring(0, 80) + "…" : line;
            throw new IOException(
                    "The process answered '%s' instead of a JSON object.".formatted(start), e);
        }
    }

    /** What is known about a process that gives no more answers. */
    private IOException ended() {
        try {
            errors.join(1000);
            String code =
                    process.waitFor(1, TimeUnit.SECONDS)
                            ? "with exit code " + process.exitValue()
                            : "its output";
            return new IOException(
                    lastError.isEmpty()
                            ? "The process ended %s.".formatted(code)
                            : "The process ended %s: %s".formatted(code, lastError));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The measurement was interrupted.", e);
        }
    }

    /** Asks the process to end; ends it if it does not within two seconds. */
    @Override
    public void close() {
        try (OutputStream out = process.getOutputStream()) {
            out.write("{\"quit\": true}\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended already.
        }
        try {
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
