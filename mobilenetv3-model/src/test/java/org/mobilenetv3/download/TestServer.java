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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A web server on the loopback interface that serves files as a test wants it: one for every path,
 * or {@link #files}.
 */
final class TestServer implements AutoCloseable {
    /** The Range header of each request, or "whole". */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** By their paths, without the first slash; if there are any, others are not found. */
    final Map<String, byte[]> files = new ConcurrentHashMap<>();

    volatile boolean honoursRange = true;

    /** Bytes after which each answer is cut off, or -1. */
    volatile int cutAfter = -1;

    volatile boolean hangsAtCut;
    volatile int status = 200;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final byte[] only;

    TestServer(byte[] content) throws IOException {
        only = content;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    URI uri(String file) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + file);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? "whole" : range);
        String path = exchange.getRequestURI().getPath().substring(1);
        byte[] content = files.isEmpty() ? only : files.get(path);
        if (status != 200 || content == null) {
            exchange.sendResponseHeaders(content == null ? 404 : status, -1);
            exchange.close();
            return;
        }
        int from = 0;
        if (range != null && honoursRange) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            String sent = "bytes " + from + "-" + (content.length - 1) + "/" + content.length;
            exchange.getResponseHeaders().set("Content-Range", sent);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
        int left = content.length - from;
        int count = cutAfter < 0 ? left : Math.min(cutAfter, left);
        exchange.getResponseBody().write(content, from, count);
        exchange.getResponseBody().flush();
        if (count < left) {
            pause(hangsAtCut ? 60_000 : 0);
            throw new IOException("cut here"); // the server drops the connection
        }
        exchange.close();
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
