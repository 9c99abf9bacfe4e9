package org.mobilenetv3.serve.http;

import ai.djl.util.JsonUtils;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** What Jetty refuses before any of our code sees it gets the same kind of answer. */
final class JsonErrors extends ErrorHandler {

    @Override
    public void handle(
            String target, Request base, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        response.setContentType("application/json");
        response.getOutputStream().write(json(response.getStatus()));
        base.setHandled(true);
    }

    @Override
    public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
        byte[] json = json(status);
        fields.put(HttpHeader.CONTENT_TYPE, "application/json");
        fields.put(HttpHeader.CONTENT_LENGTH, Integer.toString(json.length));
        return ByteBuffer.wrap(json);
    }

    private static byte[] json(int status) {
        String message =
                switch (status) {
                    case 408 -> "The request did not arrive whole and in time.";
                    case 414 -> "The address is too long.";
                    case 431 -> "The headers are too long.";
                    default ->
                            status < 500
                                    ? "This is no request in HTTP."
                                    : "The server cannot handle the request.";
                };
        return JsonUtils.GSON.toJson(Map.of("error", message)).getBytes(StandardCharsets.UTF_8);
    }
}
