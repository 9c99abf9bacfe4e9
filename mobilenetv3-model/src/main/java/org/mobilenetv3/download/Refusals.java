package org.mobilenetv3.download;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.download.FetchException.Kind;
import org.mobilenetv3.download.Http.Answer;

/** What answers mean that are not the file, each in one sentence. */
final class Refusals {

    private Refusals() {}

    /** Explains a status that is no success. */
    static FetchException of(Answer answer, RemoteFile file, Path target) {
        int status = answer.status();
        HubFile hub = HubFile.of(file.address()).orElse(null);
        boolean closed = status == 401 || status == 403 || status == 404;
        String text =
                hub != null && closed && answer.firstHeader("X-Error-Code").isPresent()
                        ? hub(answer, hub)
                        : closed ? closed(answer, file, target) : other(answer, target);
        String code = answer.firstHeader("X-Error-Code").orElse("EntryNotFound");
        boolean missing = status == 404 && code.equals("EntryNotFound");
        boolean later = status == 429 || status >= 500;
        return new FetchException(
                missing ? Kind.MISSING : later ? Kind.UNAVAILABLE : Kind.REFUSED, text, null);
    }

    /** Explains a page that came with success, as from a hotel's network or a company's proxy. */
    static FetchException page(Answer answer, RemoteFile file, Path target) {
        return new FetchException(
                Kind.UNAVAILABLE,
                ("%s answered with a web page instead of %s: a proxy, a firewall or a login page is"
                                + " in between; open %s in a browser, or put the file at '%s'.")
                        .formatted(host(answer), file.name(), answer.source(), target),
                null);
    }

    private static String hub(Answer answer, HubFile file) {
        boolean token =
                answer.response().request().headers().firstValue("Authorization").isPresent();
        String page = "https://" + HubFile.HOST + "/" + file.repository();
        String code = answer.firstHeader("X-Error-Code").orElse("");
        return switch (code) {
            case "GatedRepo" ->
                    token
                            ? "%s is gated: accept its terms at %s with the account of your token."
                                    .formatted(file.repository(), page)
                            : "%s is gated: accept its terms at %s and set HF_TOKEN to a token of yours."
                                    .formatted(file.repository(), page);
            case "RevisionNotFound" ->
                    "%s has no revision '%s'; %s/commits/main shows those that there are."
                            .formatted(file.repository(), file.revision(), page);
            case "EntryNotFound" ->
                    "%s has no file %s at revision %s (404)."
                            .formatted(file.repository(), file.path(), file.revision());
            default ->
                    token
                            ? "There is no %s on the Hugging Face Hub, or your token may not read it (%s); check the name and HF_TOKEN."
                                    .formatted(file.repository(), answer.status())
                            : "There is no %s on the Hugging Face Hub, or it is private (%s); check the name, or set HF_TOKEN to a token that may read it."
                                    .formatted(file.repository(), answer.status());
        };
    }

    private static String closed(Answer answer, RemoteFile file, Path target) {
        return answer.status() == 404
                ? "%s has no %s (404 for %s); check the address or put the file at '%s'."
                        .formatted(host(answer), file.name(), answer.source(), target)
                : String.format(
                        Locale.ROOT,
                        "%s does not give out %s (%d for %s); it may be private: fetch it yourself and put it at '%s'.",
                        host(answer),
                        file.name(),
                        answer.status(),
                        answer.source(),
                        target);
    }

    private static String other(Answer answer, Path target) {
        return String.format(
                Locale.ROOT,
                "%s answered %d to the request for %s; try again later or put the file at '%s'.",
                host(answer),
                answer.status(),
                answer.source(),
                target);
    }

    private static String host(Answer answer) {
        return Objects.requireNonNullElse(answer.address().getHost(), "The server");
    }
}
