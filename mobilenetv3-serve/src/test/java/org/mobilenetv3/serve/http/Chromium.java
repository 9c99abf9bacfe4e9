package org.mobilenetv3.serve.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium with one page. */
final class Chromium implements AutoCloseable {

    /** The strictest policy that the page must live with, whatever the server sends. */
    private static final String POLICY =
            "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline'; script-src"
                    + " 'unsafe-inline'; connect-src 'self'; media-src blob:; form-action 'none';"
                    + " frame-ancestors 'none'; base-uri 'none'";

    private final Path profile;
    private final Process process;
    private final Thread atExit = new Thread(this::kill);
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final Queue<Map<String, Object>> prepared = new ConcurrentLinkedQueue<>();
    private DevTools tools;

    private Chromium(Path profile, Process process) {
        this.profile = profile;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The program that the property or environment variable names, or one in the path. */
    static Optional<Path> find() {
        String given = System.getProperty("chromium", System.getenv("CHROMIUM"));
        if (given != null) {
            return Optional.of(Path.of(given));
        }
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(x -> Stream.of(Path.of(x, "chromium"), Path.of(x, "google-chrome")))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Chromium start(Path program) throws Exception {
        Path profile = Files.createTempDirectory("chromium-");
        ProcessBuilder builder =
                new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--use-fake-device-for-media-stream",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank");
        builder.environment().put("HOME", profile.toString());
        Chromium chromium = new Chromium(profile, builder.redirectErrorStream(true).start());
        try {
            chromium.attach();
            return chromium;
        } catch (Exception e) {
            chromium.close();
            throw e;
        }
    }

    private void attach() throws Exception {
        tools = new DevTools(address(), this::onEvent);
        JsonObject page = tools.call("Target.createTarget", Map.of("url", "about:blank"));
        tools.attach(page.get("targetId").getAsString());
        for (String domain : List.of("Page", "Runtime", "Log", "DOM")) {
            tools.call(domain + ".enable", Map.of());
        }
        Map<String, String> document =
                Map.of("resourceType", "Document", "requestStage", "Response");
        tools.call(
                "Fetch.enable",
                Map.of("patterns", List.of(document, Map.of("urlPattern", "*/predict/*"))));
    }

    /** Where the DevTools listen, as Chromium says when they do. */
    private URI address() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String announced = "DevTools listening on ";
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(announced)) {
                Thread rest = new Thread(() -> lines.lines().forEach(x -> {}), "chromium output");
                rest.setDaemon(true);
                rest.start();
                return URI.create(line.substring(announced.length()).strip());
            }
            said.append(line).append('\n');
        }
        throw new IOException("Chromium does not start: " + said);
    }

    private void onEvent(String method, JsonObject event) {
        switch (method) {
            case "Runtime.exceptionThrown", "Runtime.consoleAPICalled" ->
                    complaints.add(event.toString());
            case "Log.entryAdded" -> {
                JsonObject entry = event.getAsJsonObject("entry");
                // Answers of 400 and above, which Chromium itself notes.
                if (!entry.get("source").getAsString().equals("network")) {
                    complaints.add(entry.toString());
                }
            }
            case "Fetch.requestPaused" -> onRequest(event);
            default -> {}
        }
    }

    private void onRequest(JsonObject event) {
        String id = event.get("requestId").getAsString();
        if (event.has("responseHeaders")) {
            tools.post(
                    "Fetch.getResponseBody",
                    Map.of("requestId", id),
                    body -> tools.post("Fetch.fulfillRequest", withPolicy(event, body)));
            return;
        }
        Map<String, Object> reply = prepared.poll();
        if (reply == null) {
            tools.post("Fetch.continueRequest", Map.of("requestId", id));
        } else {
            reply.put("requestId", id);
            boolean nobody = reply.containsKey("errorReason");
            tools.post(nobody ? "Fetch.failRequest" : "Fetch.fulfillRequest", reply);
        }
    }

    // Fetch.continueResponse takes headers, too, but a policy among them is not obeyed.
    private static Map<String, Object> withPolicy(JsonObject event, JsonObject body) {
        JsonArray headers = new JsonArray();
        for (JsonElement header : event.getAsJsonArray("responseHeaders")) {
            String name = header.getAsJsonObject().get("name").getAsString();
            if (!name.equalsIgnoreCase("Content-Encoding")) { // the body is whole already
                headers.add(header);
            }
        }
        JsonObject policy = new JsonObject();
        policy.addProperty("name", "Content-Security-Policy");
        policy.addProperty("value", POLICY);
        headers.add(policy);
        String text = body.get("body").getAsString();
        boolean encoded = body.get("base64Encoded").getAsBoolean();
        return Map.of(
                "requestId",
                event.get("requestId"),
                "responseCode",
                event.get("responseStatusCode"),
                "responseHeaders",
                headers,
                "body",
                encoded ? text : base64(text));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers the next request for a prediction in the server's place. */
    void prepare(int status, String retryAfter, String json) {
        Map<String, Object> reply = new HashMap<>();
        reply.put("responseCode", status);
        reply.put(
                "responseHeaders",
                List.of(
                        Map.of("name", "Content-Type", "value", "application/json"),
                        Map.of("name", "Retry-After", "value", retryAfter)));
        reply.put("body", base64(json));
        prepared.add(reply);
    }

    void open(String address) throws Exception {
        complaints.clear();
        tools.call("Page.navigate", Map.of("url", address));
        until("document.readyState === 'complete' && location.href === '" + address + "'");
    }

    /** Lets the next request for a prediction fail as if nobody listened. */
    void prepareNobody() {
        prepared.add(new HashMap<>(Map.of("errorReason", "ConnectionRefused")));
    }

    void allowCamera(boolean allowed) throws Exception {
        Map<String, Object> permission = Map.of("name", "camera");
        tools.call(
                "Browser.setPermission",
                Map.of("permission", permission, "setting", allowed ? "granted" : "denied"));
    }

    /** Chooses a file, as the browser's own dialog does. */
    void choose(String selector, Path file) throws Exception {
        String object =
                call("document.querySelector('" + selector + "')", false)
                        .get("objectId")
                        .getAsString();
        tools.call(
                "DOM.setFileInputFiles",
                Map.of("objectId", object, "files", List.of(file.toString())));
    }

    /** Drags a file from the desktop onto the page. */
    void drop(Path file, int x, int y) throws Exception {
        Map<String, Object> data =
                Map.of(
                        "items",
                        List.of(),
                        "files",
                        List.of(file.toString()),
                        "dragOperationsMask",
                        1);
        for (String type : List.of("dragEnter", "dragOver", "drop")) {
            tools.call(
                    "Input.dispatchDragEvent", Map.of("type", type, "x", x, "y", y, "data", data));
        }
    }

    /** What a JavaScript expression is, once its promises are kept. */
    JsonElement evaluate(String expression) throws Exception {
        return call(expression, true).get("value");
    }

    /** Waits until a JavaScript expression is true. */
    void until(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!evaluate("Boolean(" + expression + ")").getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "It is not so that %s; the page shows: %s; complaints: %s"
                                .formatted(
                                        expression,
                                        evaluate("document.body.innerText"),
                                        complaints));
            }
            Thread.sleep(20);
        }
    }

    private JsonObject call(String expression, boolean byValue) throws Exception {
        JsonObject result =
                tools.call(
                        "Runtime.evaluate",
                        Map.of(
                                "expression",
                                expression,
                                "returnByValue",
                                byValue,
                                "awaitPromise",
                                true,
                                "userGesture",
                                true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(result.toString());
        }
        return result.getAsJsonObject("result");
    }

    /** What the console has shown since the page was opened. */
    List<String> complaints() {
        return complaints;
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void kill() {
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(x -> x.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(e -> x).join());
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).forEach(x -> x.toFile().delete());
        } catch (IOException e) {
            System.err.println("A temporary directory is left: " + e);
        }
    }
}
