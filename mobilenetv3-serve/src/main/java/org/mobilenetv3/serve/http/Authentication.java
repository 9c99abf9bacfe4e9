package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Requires a bearer token if the server has one, except for health and the page, which holds no
 * secrets. Refuses requests from web pages of other sites, and, without a token on a loopback
 * address, host names other than localhost.
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
            throw new HttpError(403, "Pages of other sites may not call this server.");
        }
        if (token.isEmpty()) {
            requireLocalName(context);
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

    /** Any other name could be a foreign one that resolves to this machine (DNS rebinding). */
    private void requireLocalName(Context context) {
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
