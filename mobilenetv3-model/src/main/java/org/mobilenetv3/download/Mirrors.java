package org.mobilenetv3.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.download.FetchException.Kind;

/** From where a published file is really fetched, and with which token. */
final class Mirrors {
    private final Environment environment;

    Mirrors(Environment environment) {
        this.environment = environment;
    }

    /**
     * Returns the address to ask: {@code HF_ENDPOINT/PATH} for the Hub, {@code
     * MOBILENETV3_MIRROR/HOST/PATH} for all others and for the Hub without an endpoint of its own.
     */
    URI source(URI published) throws IOException {
        if (published.getHost() == null) { // file:
            return published;
        }
        String path = Objects.requireNonNullElse(published.getRawPath(), "");
        String query = published.getRawQuery() == null ? "" : "?" + published.getRawQuery();
        String endpoint = base("HF_ENDPOINT");
        if (endpoint != null && HubFile.HOST.equalsIgnoreCase(published.getHost())) {
            return URI.create(endpoint + path + query);
        }
        String mirror = base("MOBILENETV3_MIRROR");
        if (mirror == null) {
            return published;
        }
        String host = published.getRawAuthority().toLowerCase(Locale.ROOT);
        String local = // a part of the name, as wget writes it
                RemoteFile.isPath(URI.create(mirror))
                        ? query.replace("?", "%3F").replaceAll("(?i)/|%2F", "%252F")
                        : query;
        return URI.create(mirror + "/" + host + path + local);
    }

    /**
     * Returns the {@code Authorization} header for an address; null for all but the Hub's own host,
     * and without a token.
     */
    String authorization(URI address) throws IOException {
        String endpoint = base("HF_ENDPOINT");
        URI hub = URI.create(endpoint == null ? "https://" + HubFile.HOST : endpoint);
        boolean own =
                hub.getScheme().equalsIgnoreCase(address.getScheme())
                        && hub.getRawAuthority() != null
                        && hub.getRawAuthority().equalsIgnoreCase(address.getRawAuthority());
        String token = own ? token() : null;
        return token == null ? null : "Bearer " + token;
    }

    private String token() throws IOException {
        for (String variable : List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")) {
            String token = environment.first(variable);
            if (token != null) {
                return checked(token, variable);
            }
        }
        String place = environment.first("HF_TOKEN_PATH");
        Path file =
                place != null
                        ? environment.path(place)
                        : environment.huggingFace().resolve("token");
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            return null; // who is not logged in has none
        }
        return text.isEmpty() ? null : checked(text, "'" + file + "'");
    }

    /** Refuses what cannot be sent without saying it, as Java would. */
    private static String checked(String token, String place) throws IOException {
        if (!token.matches("[!-~]+")) {
            throw new FetchException(
                    Kind.REFUSED,
                    "%s holds a space, a line break or another character that is in no token; correct it."
                            .formatted(place),
                    null);
        }
        return token;
    }

    private String base(String variable) throws IOException {
        String value = environment.first(variable);
        if (value == null) {
            return null;
        }
        if (!isBase(value)) {
            throw new FetchException(
                    Kind.REFUSED,
                    "%s is '%s', but must be an address that begins with https://, http:// or file:///, without a password, a query or spaces."
                            .formatted(variable, RemoteFile.shown(value)),
                    null);
        }
        return value.replaceFirst("/+$", "");
    }

    private static boolean isBase(String value) {
        try {
            URI base = URI.create(value);
            boolean plain = base.getRawQuery() == null && base.getRawFragment() == null;
            boolean whole = RemoteFile.isWeb(base) || RemoteFile.isPath(base);
            return plain && whole && !RemoteFile.hasUser(base);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
