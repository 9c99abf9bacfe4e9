package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Lets those in who show the token; health and the page, which has no secrets, are open.
 *
 * @param token what to show, if anything
 */
record Gate(Optional<String> token) {

    void check(Context context) {
        String path = context.path();
        if (token.isEmpty() || path.equals("/") || path.startsWith("/v2/health/")) {
            return;
        }
        String shown = context.header("Authorization");
        if (!MessageDigest.isEqual(
                bytes("Bearer " + token.get()), bytes(shown == null ? "" : shown))) {
            throw new HttpError(401, "Send the header Authorization: Bearer TOKEN.");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
