package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Lets those in who show the token; health and the page, which has no secrets, are open. Web pages
 * of others are kept out of a server that has no token and listens on this machine only.
 */
final class Authentication {

    private final Optional<String> token;
    private final String host;
    private final boolean loopback;

    Authentication(ServeSettings settings) {
        this.token = settings.token();
        this.host = settings.host();
        this.loopback = settings.loopback();
    }

    void check(Context context) {
        if ("cross-site".equals(context.header("Sec-Fetch-Site")) && !context.path().equals("/")) {
            throw new HttpError(403, "Pages of other sites may not ask this server.");
        }
        if (token.isEmpty()) {
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
                bytes(token.get()), bytes(bearer ? shown.substring(7).strip() : ""))) {
            throw new HttpError(401, "Send the header Authorization: Bearer TOKEN.");
        }
    }

    /** Another name is one that somebody else's name server points to this machine. */
    private void requireOwnName(Context context) {
        String asked = context.header("Host");
        if (!loopback || asked == null) {
            return;
        }
        String name = asked.replaceFirst(":\\d+$", "");
        boolean number = name.matches("[0-9.]+|\\[[0-9a-fA-F:.]+\\]");
        if (!number && !name.equalsIgnoreCase("localhost") && !name.equals(host)) {
            throw new HttpError(
                    403,
                    "This server answers to localhost only; behind a proxy, send that as Host or use --token-file.");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
