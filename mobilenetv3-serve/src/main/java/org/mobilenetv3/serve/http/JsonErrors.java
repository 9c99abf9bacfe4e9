package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers what Jetty refuses before our code sees it in the same form, as JSON. */
final class JsonErrors extends ErrorHandler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        byte[] json = json(response.getStatus());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.length);
        response.write(true, ByteBuffer.wrap(json), callback);
        return true;
    }

    private static byte[] json(int status) {
        String message =
                switch (status) {
                    case 408 -> "The request did not arrive completely and in time.";
                    case 414 -> "The address is too long.";
                    case 431 -> "The headers are too long.";
                    default ->
                            status < 500
                                    ? "The server does not understand this request."
                                    : "The server cannot handle the request.";
                };
        return JsonUtils.GSON
                .toJson(new HttpError.Answer(message))
                .getBytes(StandardCharsets.UTF_8);
    }
}
