package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.download.FetchException.Kind;
import org.mobilenetv3.download.Http.Answer;
import org.mobilenetv3.io.Checksums;

/**
 * Fetches one file. Data goes to a {@link Part} beside the target and is moved there when complete
 * and right, so a broken target never exists; what an earlier try left is resumed. Without a
 * network it gives up within 10 seconds. The caller holds the {@link WriterLock}.
 */
final class Download {
    private static final int TRIES = 20;
    private static final int TRIES_IN_VAIN = 2;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int HEAD = 64;

    private final Http http;
    private final URI source;
    private final Path target;
    private final Part part;
    private final DownloadListener listener;
    private final Duration stall;
    private RemoteFile file; // with what the server adds

    /**
     * A download that has not begun.
     *
     * @param http asks servers
     * @param file which one
     * @param source from where: its address, or a mirror's
     * @param target where it goes; its directory is made if need be
     * @param listener is told of progress
     * @param stall how long a connection may bring nothing
     */
    Download(
            Http http,
            RemoteFile file,
            URI source,
            Path target,
            DownloadListener listener,
            Duration stall) {
        this.http = http;
        this.file = file;
        this.source = source;
        this.target = target;
        this.listener = listener;
        this.stall = stall;
        part = new Part(target);
    }

    /**
     * Fetches the file; a connection that is cut is taken up again as long as that helps.
     *
     * @return the target, complete and right
     * @throws IOException in one sentence; a part that is not right is deleted
     */
    Path run() throws IOException {
        try {
            part.requireDirectory(); // before anything is fetched
            return fetched();
        } finally {
            part.removeEmpty();
        }
    }

    private Path fetched() throws IOException {
        boolean old = part.size() > 0;
        fetch();
        String wrong = wrong();
        if (wrong != null && old) {
            part.delete();
            listener.message(
                    "What was there of %s belongs to another version; it is fetched anew."
                            .formatted(file.name()));
            fetch();
            wrong = wrong();
        }
        if (wrong != null) {
            part.delete();
            throw new FetchException(
                    Kind.REFUSED,
                    "%s has %s; it was deleted: try again, or fetch the file elsewhere."
                            .formatted(source, wrong),
                    null);
        }
        part.finish();
        return target;
    }

    private void fetch() throws IOException {
        int vain = 0;
        for (int tries = 1; ; tries++) {
            long before = part.size();
            try {
                attempt();
                return;
            } catch (FetchException e) {
                boolean down = e.kind() == Kind.UNREACHABLE || e.kind() == Kind.UNAVAILABLE;
                boolean transitory = e.kind() == Kind.CUT || (down && tries > 1);
                vain = part.size() > before ? 0 : vain + 1;
                if (!transitory || tries == TRIES || vain == TRIES_IN_VAIN) {
                    throw e.kind() == Kind.UNREACHABLE ? placed(e) : e;
                }
                pause(vain);
            }
        }
    }

    private void pause(int vain) throws IOException {
        try {
            Thread.sleep(vain * PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw Http.interrupted(source);
        }
    }

    private FetchException placed(FetchException e) throws IOException {
        return new FetchException(
                Kind.UNREACHABLE,
                "%s; check the network or put the file at '%s'%s."
                        .formatted(
                                e.getMessage(),
                                target,
                                part.size() > 0 ? ", what is there already will be resumed" : ""),
                e);
    }

    private void attempt() throws IOException {
        if ("file".equalsIgnoreCase(source.getScheme())) {
            copy();
            return;
        }
        long have = resumable();
        if (have > 0 && have == file.bytes()) {
            return; // complete; the checksum decides
        }
        Answer answer = http.send("GET", source, headers(have));
        try (InputStream body = answer.response().body()) {
            int status = answer.status();
            if (status == 416 && have > 0) {
                requireAll(answer, have);
                return;
            }
            if (status != 200 && status != 206) {
                throw Refusals.of(answer, file, target);
            }
            if (status == 206) {
                requireSame(answer, have);
            }
            learn(answer);
            requirePlain(answer);
            long length = length(answer);
            long offset = status == 206 ? have : 0;
            requireSize(length < 0 ? -1 : offset + length);
            PushbackInputStream checked = new PushbackInputStream(body, HEAD);
            append(checked, offset, length, answer);
        }
    }

    /** How much of what is there can be continued. */
    private long resumable() throws IOException {
        boolean known = part.version() != null || file.checksum() != null;
        if (!known || (file.bytes() >= 0 && part.size() > file.bytes())) {
            part.delete();
        }
        return part.size();
    }

    private Map<String, String> headers(long have) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        if (have > 0) {
            headers.put("Range", "bytes=" + have + "-");
            String version = part.version();
            if (version != null && !version.startsWith("W/")) {
                headers.put("If-Range", version);
            }
        }
        return headers;
    }

    /** What the server calls this version of the file: its ETag, or else its date. */
    private static String version(Answer answer) {
        return answer.header("ETag").or(() -> answer.header("Last-Modified")).orElse(null);
    }

    private void requireSame(Answer answer, long have) throws IOException {
        String range = answer.header("Content-Range").orElse("").strip();
        boolean begins = range.startsWith("bytes " + have + "-");
        String version = version(answer);
        String noted = part.version();
        boolean other = version != null && noted != null && !version.equals(noted);
        if (!begins || other) {
            part.delete();
            throw cut(begins ? "it has another version now" : "it sent another part", null);
        }
    }

    /** There is nothing after what we have: is it all, or of a longer version? */
    private void requireAll(Answer answer, long have) throws IOException {
        String range = answer.header("Content-Range").orElse("").strip();
        if (range.startsWith("bytes */")
                ? !range.equals("bytes */" + have)
                : file.checksum() == null) {
            part.delete();
            throw cut("it has another version now", null);
        }
    }

    /** Takes over what the Hub says of a file's size and SHA-256 before it redirects. */
    private void learn(Answer answer) {
        if (HubFile.of(file.address()).isEmpty()) {
            return;
        }
        String sum = answer.firstHeader("X-Linked-Etag").orElse("").replaceAll("^W/|\"", "");
        long size =
                answer.firstHeader("X-Linked-Size")
                        .filter(x -> x.matches("\\d{1,18}"))
                        .map(Long::valueOf)
                        .orElse(-1L);
        file =
                new RemoteFile(
                        file.address(),
                        file.bytes() < 0 ? size : file.bytes(),
                        file.checksum() == null && sum.matches("[0-9a-f]{64}")
                                ? sum
                                : file.checksum());
    }

    /** Refuses a compressed body that no checksum would tell from the file; none is asked for. */
    private void requirePlain(Answer answer) throws FetchException {
        String coding = answer.header("Content-Encoding").orElse("identity").strip();
        if (file.checksum() == null && !coding.equalsIgnoreCase("identity")) {
            throw new FetchException(
                    Kind.REFUSED,
                    "%s sent %s compressed (%s), which was not asked for; fetch it yourself and put it at '%s'."
                            .formatted(
                                    source.getHost(),
                                    file.name(),
                                    RemoteFile.shown(coding),
                                    target),
                    null);
        }
    }

    private static long length(Answer answer) {
        return answer.response().headers().firstValueAsLong("Content-Length").orElse(-1);
    }

    private void requireSize(long total) throws IOException {
        if (total >= 0 && file.bytes() >= 0 && total != file.bytes()) {
            part.delete();
            throw new FetchException(
                    Kind.REFUSED,
                    String.format(
                            Locale.ROOT,
                            ("%s has %d bytes, expected %d: it is another file; nothing was kept:"
                                    + " fetch the file elsewhere and put it at '%s'."),
                            source,
                            total,
                            file.bytes(),
                            target),
                    null);
        }
    }

    private void append(PushbackInputStream body, long offset, long length, Answer answer)
            throws IOException {
        long total = length < 0 ? file.bytes() : offset + length;
        byte[] chunk = new byte[1 << 16];
        try (Watchdog watchdog = new Watchdog(body, stall)) {
            if (offset == 0) {
                requireFile(answer, body);
            }
            part.requireSpace(length, file);
            try (FileChannel channel = part.open(offset, version(answer))) {
                long done = offset;
                for (int n = read(body, chunk); n >= 0; n = read(body, chunk)) {
                    watchdog.alive();
                    part.write(channel, chunk, n);
                    done += n;
                    listener.progress(file.name(), done, total);
                }
                if (watchdog.timedOut() || (total >= 0 && done != total)) {
                    throw cut("it ended after " + done + " bytes of " + total, null);
                }
            }
        }
    }

    /** Refuses a web page before anything is written. */
    private void requireFile(Answer answer, PushbackInputStream body) throws IOException {
        byte[] head = new byte[HEAD];
        int count = 0;
        for (int n = 0; n >= 0 && count < HEAD; n = read(body, head, count)) {
            count += n;
        }
        body.unread(head, 0, count);
        String text = new String(head, 0, count, StandardCharsets.ISO_8859_1);
        String start = text.replaceFirst("^\u00EF\u00BB\u00BF", "").stripLeading();
        String type = answer.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        boolean wanted = file.name().toLowerCase(Locale.ROOT).matches(".*\\.x?html?");
        if (!wanted
                && (type.startsWith("text/html")
                        || start.regionMatches(true, 0, "<!doctype html", 0, 14)
                        || start.regionMatches(true, 0, "<html", 0, 5))) {
            throw Refusals.page(answer, file, target);
        }
    }

    private int read(InputStream body, byte[] chunk) throws IOException {
        return read(body, chunk, 0);
    }

    private int read(InputStream body, byte[] chunk, int from) throws IOException {
        try {
            return body.read(chunk, from, chunk.length - from);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw Http.interrupted(source);
            }
            throw cut(String.valueOf(e.getMessage()), e);
        }
    }

    /** A mirror that is a directory. */
    private void copy() throws IOException {
        part.delete();
        Path from = Path.of(source);
        if (!Files.isRegularFile(from)) {
            throw new FetchException(
                    Kind.MISSING,
                    file.isLocal()
                            ? "There is no file '%s'.".formatted(from)
                            : "The mirror has no file '%s'; put %s there."
                                    .formatted(from, file.address()),
                    null);
        }
        try (InputStream body = Files.newInputStream(from)) {
            long length = Files.size(from);
            requireSize(length);
            part.requireSpace(length, file);
            try (FileChannel channel = part.open(0, null)) {
                byte[] chunk = new byte[1 << 16];
                long done = 0;
                for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                    part.write(channel, chunk, n);
                    done += n;
                    listener.progress(file.name(), done, length);
                }
            }
        }
    }

    /** What of size and checksum is not as it should be; null if all is. */
    private String wrong() throws IOException {
        return wrong(part.file(), file);
    }

    /** What of a file's size and checksum is not as it should be; null if all is. */
    static String wrong(Path path, RemoteFile expected) throws IOException {
        long size = Files.size(path);
        if (size == 0 && expected.bytes() < 0 && expected.checksum() == null) {
            return "no content";
        }
        if (expected.bytes() >= 0 && size != expected.bytes()) {
            return String.format(Locale.ROOT, "%d bytes, expected %d", size, expected.bytes());
        }
        if (expected.checksum() == null) {
            return null;
        }
        String found = Checksums.of(path, expected.algorithm());
        return found.startsWith(expected.digits())
                ? null
                : "%s %s, expected %s".formatted(expected.algorithm(), found, expected.digits());
    }

    private FetchException cut(String why, Throwable cause) {
        return new FetchException(
                Kind.CUT,
                "The connection to %s was cut (%s); run the command again to resume."
                        .formatted(
                                source.getHost(), RemoteFile.shown(why).replaceFirst("\\.$", "")),
                cause);
    }
}
