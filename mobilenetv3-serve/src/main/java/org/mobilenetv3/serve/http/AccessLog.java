package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import java.time.Instant;

/**
 * Counts each request and, if asked to, logs it.
 *
 * @param print whether to write a line of JSON to standard error
 * @param metrics where requests are counted
 */
record AccessLog(boolean print, Metrics metrics) {

    private record Line(
            String time, String from, String method, String path, int status, double ms) {}

    void handle(Context context, Float milliseconds) {
        int status = context.statusCode();
        Endpoint endpoint = context.endpoints().matchedHttpEndpoint();
        String route = endpoint == null ? "none" : endpoint.path;
        metrics.request(route, status, (long) (milliseconds * 1e6));
        if (print) {
            System.err.println(
                    JsonUtils.GSON.toJson(
                            new Line(
                                    Instant.now().toString(),
                                    context.ip(),
                                    context.method().name(),
                                    context.path(),
                                    status,
                                    milliseconds)));
        }
    }
}
