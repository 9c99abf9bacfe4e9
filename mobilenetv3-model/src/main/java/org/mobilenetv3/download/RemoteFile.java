package org.mobilenetv3.download;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A file and what is known of its content.
 *
 * @param address where it is published: {@code https:}, {@code http:} or {@code file:}
 * @param bytes its exact size; -1 if not known
 * @param checksum its SHA-256 in hexadecimal, whole or its beginning (8 digits or more), or {@code
 *     md5:} or {@code sha1:} and all digits of that; null if not known
 */
public record RemoteFile(URI address, long bytes, String checksum) {

    private static final Pattern CHECKSUM =
            Pattern.compile("[0-9a-f]{8,64}|md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}");

    /** In a path: what no name of a file is, and what may lead elsewhere. */
    private static final Pattern ELSEWHERE = Pattern.compile("(^|/)\\.\\.?(/|$)|\\\\|\\p{Cntrl}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if the address is not whole, has a password or {@code ..} in
     *     it, or the checksum is none
     */
    public RemoteFile {
        Objects.requireNonNull(address, "address");
        boolean web = isWeb(address) && !name(address).isEmpty();
        if (hasUser(address)) {
            throw new IllegalArgumentException(
                    "%s has a name or password in it, which is not sent; leave it out and fetch the file yourself if it needs one."
                            .formatted(shown(address.toString())));
        }
        if (!web && !isPath(address)) {
            throw not(address.toString());
        }
        if (web && ELSEWHERE.matcher(address.getPath()).find()) {
            throw new IllegalArgumentException(
                    "'%s' has parts '.' or '..', a backslash or control characters; give the plain address of a file."
                            .formatted(shown(address.toString())));
        }
        if (checksum != null) {
            checksum = checksum.toLowerCase(Locale.ROOT);
            if (!CHECKSUM.matcher(checksum).matches()) {
                throw new IllegalArgumentException(
                        "'%s' is not the checksum of %s; give 8 to 64 hexadecimal digits."
                                .formatted(checksum, address));
            }
        }
    }

    /**
     * Creates a file of which only the address is known.
     *
     * @param address where it is published
     * @return size and checksum are not known
     * @throws IllegalArgumentException if the address is not whole
     */
    public static RemoteFile of(String address) {
        URI parsed;
        try {
            parsed = URI.create(address);
        } catch (IllegalArgumentException e) { // its words are no sentences, and show all
            throw not(address);
        }
        return new RemoteFile(parsed, -1, null);
    }

    private static IllegalArgumentException not(String address) {
        return new IllegalArgumentException(
                "'%s' is not the address of a file; give one that begins with https:, http: or file:."
                        .formatted(shown(address)));
    }

    /** Whether an address begins with {@code USER@} or {@code USER:PASSWORD@}. */
    static boolean hasUser(URI address) {
        return Objects.requireNonNullElse(address.getRawAuthority(), "").contains("@");
    }

    /** What may be printed of a text from elsewhere: no password, and one line. */
    static String shown(String text) {
        return text.replaceAll("\\p{Cntrl}", "?").replaceFirst("//.*@", "//");
    }

    /** Returns the last part of the address, by which people know the file. */
    public String name() {
        return name(address);
    }

    private static String name(URI address) {
        String path = Objects.requireNonNullElse(address.getPath(), "");
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whether an address is a server's, or a file's on one. */
    static boolean isWeb(URI address) {
        String scheme = Objects.requireNonNullElse(address.getScheme(), "");
        return scheme.matches("(?i)https?") && address.getHost() != null;
    }

    /** Whether an address is a file's on this machine. */
    static boolean isPath(URI address) {
        try {
            return "file".equalsIgnoreCase(address.getScheme())
                    && Path.of(address).getFileName() != null;
        } catch (IllegalArgumentException e) { // it has a host, or no slash
            return false;
        }
    }

    boolean isLocal() {
        return "file".equalsIgnoreCase(address.getScheme());
    }

    /** The JDK's name of the checksum's algorithm. */
    String algorithm() {
        return checksum.startsWith("md5:")
                ? "MD5"
                : checksum.startsWith("sha1:") ? "SHA-1" : "SHA-256";
    }

    /** The checksum without the name of its algorithm. */
    String digits() {
        return checksum.substring(checksum.indexOf(':') + 1);
    }
}
