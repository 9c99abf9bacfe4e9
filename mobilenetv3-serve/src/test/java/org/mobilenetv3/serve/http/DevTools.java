package org.mobilenetv3.serve.http;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Chromium's DevTools protocol: calls and events as JSON over a WebSocket. */
final class DevTools implements WebSocket.Listener {

    private final BiConsumer<String, JsonObject> events;
    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    private final StringBuilder partial = new StringBuilder();
    private CompletableFuture<WebSocket> sent;
    private int calls;
    private volatile String session = "";

    DevTools(URI address, BiConsumer<String, JsonObject> events) {
        this.events = events;
        this.sent = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, this);
    }

    /** Speaks to this page from now on. */
    void attach(String targetId) throws Exception {
        session =
                call("Target.attachToTarget", Map.of("targetId", targetId, "flatten", true))
                        .get("sessionId")
                        .getAsString();
    }

    JsonObject call(String method, Map<String, ?> parameters) throws Exception {
        return send(method, parameters).get(20, TimeUnit.SECONDS);
    }

    /** Calls without waiting, as is to be done on the thread that reads: that of the events. */
    void post(String method, Map<String, ?> parameters) {
        post(method, parameters, reply -> {});
    }

    void post(String method, Map<String, ?> parameters, Consumer<JsonObject> then) {
        CompletableFuture<Void> unused = send(method, parameters).thenAccept(then);
    }

    private synchronized CompletableFuture<JsonObject> send(
            String method, Map<String, ?> parameters) {
        Map<String, Object> message = new HashMap<>();
        message.put("id", ++calls);
        message.put("method", method);
        message.put("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonObject> reply = new CompletableFuture<>();
        waiting.put(calls, reply);
        String text = new Gson().toJson(message);
        // One after the other: a WebSocket takes no message while it sends one.
        sent = sent.thenCompose(socket -> socket.sendText(text, true));
        return sent.thenCompose(socket -> reply);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            JsonObject message = JsonParser.parseString(partial.toString()).getAsJsonObject();
            partial.setLength(0);
            if (message.has("id")) {
                answer(message);
            } else {
                events.accept(
                        message.get("method").getAsString(), message.getAsJsonObject("params"));
            }
        }
        socket.request(1);
        return null;
    }

    private void answer(JsonObject message) {
        CompletableFuture<JsonObject> reply = waiting.remove(message.get("id").getAsInt());
        if (message.has("error")) {
            reply.completeExceptionally(new IllegalStateException(message.toString()));
        } else {
            reply.complete(message.getAsJsonObject("result"));
        }
    }
}
