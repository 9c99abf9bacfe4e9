package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import io.javalin.http.Context;
import java.util.Map;

/** Answers in JSON. */
final class Replies {

    private Replies() {}

    static void json(Context context, Object value) {
        context.contentType("application/json").result(JsonUtils.GSON.toJson(value));
    }

    static void error(Context context, int status, String message) {
        context.status(status);
        json(context, Map.of("error", message));
    }
}
