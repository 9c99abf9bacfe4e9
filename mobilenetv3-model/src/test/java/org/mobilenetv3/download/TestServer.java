package org.mobilenetv3.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;

/** A web server on the loopback interface that serves files, as badly as a test wants it. */
final class TestServer implements AutoCloseable {
    /** Each request: the method if it is not GET, the path, the Range header if there is one. */
    final List<String> log = Collections.synchronizedList(new ArrayList<>());

    /** The Range header of each request, or "whole". */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** The headers of each request by their names in small letters. */
    final List<Map<String, String>> headers = Collections.synchronizedList(new ArrayList<>());

    /** By their paths, without the first slash; others are {@link #only}. */
    final Map<String, Answer> files = new ConcurrentHashMap<>();

    volatile boolean honorsRange = true;

    /** How many bytes of those left are sent before the connection is cut; -1: all. */
    volatile IntUnaryOperator cut = left -> -1;

    volatile boolean hangsAtCut;
    volatile int status = 200;
    volatile int delay;

    /** The Content-Length, if it is to be another than the content's. */
    volatile long claimed = -1;

    volatile byte[] only;
    volatile Map<String, String> extra = Map.of();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** What a path is answered with. */
    record Answer(int status, byte[] content, Map<String, String> headers) {
        static Answer of(byte[] content) {
            return new Answer(200, content, Map.of());
        }

        static Answer redirect(String location, Map<String, String> headers) {
            Map<String, String> all = new LinkedHashMap<>(headers);
            all.put("Location", location);
            return new Answer(302, new byte[0], all);
        }
    }

    TestServer(byte[] content) throws IOException {
        only = content;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** Cuts each answer after so many bytes. */
    void cutAfter(int bytes) {
        cut = left -> bytes < left ? bytes : -1;
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI uri(String file) {
        return URI.create("http://127.0.0.1:" + port() + "/" + file);
    }

    private void answer(HttpExchange exchange) throws IOException {
        note(exchange);
        pause(delay);
        Answer answer =
                files.getOrDefault(
                        exchange.getRequestURI().getPath().substring(1),
                        new Answer(only == null ? 404 : status, only, extra));
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        if (answer.status() != 200 || "HEAD".equals(exchange.getRequestMethod())) {
            exchange.sendResponseHeaders(answer.status(), -1);
            exchange.close();
            return;
        }
        byte[] content = answer.content();
        int from = from(exchange, content.length);
        if (from > 0 && from >= content.length) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
        }
        if (from > 0) {
            String sent = "bytes " + from + "-" + (content.length - 1) + "/" + content.length;
            exchange.getResponseHeaders().set("Content-Range", sent);
        }
        int left = content.length - from;
        exchange.sendResponseHeaders(
                from > 0 ? 206 : 200, claimed < 0 ? left : claimed); // of 0, Java sends no length
        int count = cut.applyAsInt(left);
        exchange.getResponseBody().write(content, from, count < 0 ? left : count);
        exchange.getResponseBody().flush();
        if (count >= 0) {
            pause(hangsAtCut ? 60_000 : 0);
            throw new IOException("cut here"); // the server drops the connection
        }
        exchange.close();
    }

    /** Where the answer begins: at a range, if it is still of the version that was asked for. */
    private int from(HttpExchange exchange, int length) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String version = exchange.getRequestHeaders().getFirst("If-Range");
        String now = exchange.getResponseHeaders().getFirst("ETag");
        boolean same = version == null || Objects.equals(version, now);
        return range == null || !honorsRange || !same
                ? 0
                : Math.min(length, Integer.parseInt(range.replaceAll("\\D", "")));
    }

    private void note(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? "whole" : range);
        String method = exchange.getRequestMethod();
        log.add(
                (method.equals("GET") ? "" : method + " ")
                        + exchange.getRequestURI()
                        + (range == null ? "" : " " + range));
        Map<String, String> sent = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((k, v) -> sent.put(k.toLowerCase(Locale.ROOT), v.get(0)));
        headers.add(sent);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
