package org.mobilenetv3.download;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file on the Hugging Face Hub.
 *
 * @param repository {@code OWNER/NAME}
 * @param revision a branch, tag or commit
 * @param path within the repository
 */
record HubFile(String repository, String revision, String path) {
    static final String HOST = "huggingface.co";

    private static final Pattern PATH = Pattern.compile("/([^/]+/[^/]+)/resolve/([^/]+)/(.+)");
    private static final Pattern ELSEWHERE =
            Pattern.compile("(^|/)\\.{0,2}(/|$)|[\\\\:]|\\p{Cntrl}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Returns which file an address is of; empty if it is not on the Hub. */
    static Optional<HubFile> of(URI address) {
        if (!HOST.equalsIgnoreCase(address.getHost())) {
            return Optional.empty();
        }
        Matcher parts = PATH.matcher(address.getRawPath());
        if (!parts.matches() || ELSEWHERE.matcher(address.getPath().substring(1)).find()) {
            return Optional.empty();
        }
        HubFile file =
                new HubFile(
                        decoded(parts.group(1)), decoded(parts.group(2)), decoded(parts.group(3)));
        boolean plain = // only revisions have slashes of their own
                slashes(file.repository) == 1 && slashes(file.path) == slashes(parts.group(3));
        return plain ? Optional.of(file) : Optional.empty();
    }

    private static long slashes(String text) {
        return text.chars().filter(c -> c == '/').count();
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** The published address; a mirror may stand for its host. */
    URI address() {
        return URI.create(
                "https://%s/%s/resolve/%s/%s"
                        .formatted(
                                HOST,
                                repository,
                                URLEncoder.encode(revision, StandardCharsets.UTF_8),
                                path));
    }

    /** Returns a part of an address without percent signs. */
    static String decoded(String part) {
        return URI.create("/" + part).getPath().substring(1);
    }
}
