package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.Set;

/**
 * Notes each request.
 *
 * @param print whether on standard error, too
 * @param figures where it is counted
 */
record AccessLog(boolean print, Figures figures) {

    private static final Set<Integer> NOWHERE = Set.of(401, 404, 405);

    private record Line(
            String time, String from, String method, String path, int status, double ms) {}

    void handle(Context context, Float milliseconds) {
        int status = context.statusCode();
        String route = NOWHERE.contains(status) ? "none" : context.endpointHandlerPath();
        figures.request(route, status, (long) (milliseconds * 1e6));
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
