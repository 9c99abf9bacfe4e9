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
    private static final Pattern ELSEWHERE = Pattern.compile("(^|/)\\.\\.?(/|$)|\\p{Cntrl}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Returns which file an address is of; empty if it is not on the Hub. */
    static Optional<HubFile> of(URI address) {
        if (!HOST.equalsIgnoreCase(address.getHost())) {
            return Optional.empty();
        }
        Matcher parts = PATH.matcher(address.getRawPath());
        return parts.matches() && !ELSEWHERE.matcher(address.getPath()).find()
                ? Optional.of(
                        new HubFile(
                                decoded(parts.group(1)),
                                decoded(parts.group(2)),
                                decoded(parts.group(3))))
                : Optional.empty();
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

    private static String decoded(String part) {
        return URI.create("/" + part).getPath().substring(1);
    }
}
