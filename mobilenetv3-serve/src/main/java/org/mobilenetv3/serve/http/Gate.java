package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Lets those in who show the token; health and the page, which has no secrets, are open. Web pages
 * of others are kept out of a server that has no token and listens on this machine only.
 *
 * @param settings the token, if any, and the address
 */
record Gate(ServeSettings settings) {

    void check(Context context) {
        if ("cross-site".equals(context.header("Sec-Fetch-Site")) && !context.path().equals("/")) {
            throw new HttpError(403, "Pages of other sites may not ask this server.");
        }
        if (settings.token().isEmpty()) {
            requireOwnName(context);
            return;
        }
        String path = context.path();
        if (path.equals("/") || path.startsWith("/v2/health/")) {
            return;
        }
        String shown = context.header("Authorization");
        boolean bearer = shown != null && shown.regionMatches(true, 0, "Bearer ", 0, 7);
        if (!MessageDigest.isEqual(
                bytes(settings.token().get()), bytes(bearer ? shown.substring(7).strip() : ""))) {
            throw new HttpError(401, "Send the header Authorization: Bearer TOKEN.");
        }
    }

    /** Another name is one that somebody else's name server points to this machine. */
    private void requireOwnName(Context context) {
        String host = context.header("Host");
        if (!settings.loopback() || host == null) {
            return;
        }
        String name = host.replaceFirst(":\\d+$", "");
        boolean number = name.matches("[0-9.]+|\\[[0-9a-fA-F:.]+\\]");
        if (!number && !name.equalsIgnoreCase("localhost") && !name.equals(settings.host())) {
            throw new HttpError(
                    403,
                    "This server answers to localhost only; behind a proxy, send that as Host or use --token-file.");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
