package org.mobilenetv3.download;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.mobilenetv3.download.FetchException.Kind;
import org.mobilenetv3.download.Http.Answer;
import org.mobilenetv3.io.Checksums;

/**
 * Finds files of weights on this machine, or fetches them once into a cache.
 *
 * <p>A file is looked for in the cache, then in those of Python (torch's and the Hugging Face
 * Hub's, which are only read), and then fetched: resumed if an earlier try was cut, checked against
 * size and checksum before it is used, by one program at a time. A {@code file:} address is used
 * where it lies. {@code MOBILENETV3_MIRROR} stands for every host, {@code HF_ENDPOINT} for the
 * Hub's; what is fetched from either is kept under its published address.
 */
public final class Fetcher {
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final int LONGEST = 200; // leaves room for .part.version

    /** Names of devices on Windows. */
    private static final Pattern RESERVED =
            Pattern.compile("^(?i)(con|prn|aux|nul|com\\d|lpt\\d)(?=\\s*(\\.|$))");

    private final Path cache;
    private final boolean offline;
    private final DownloadListener listener;
    private final Duration stall;
    private final Mirrors mirrors;
    private final PythonCaches python;
    private final Http http;
    private final Path locks;

    /**
     * A fetcher with this process's environment variables.
     *
     * @param cache where fetched files are kept, as {@code CACHE/HOST/PATH}; made when needed
     * @param offline whether the network must not be tried; it is not either if DJL is offline
     *     ({@code AI_DJL_OFFLINE}, {@code -Dai.djl.offline=true})
     * @param listener is told what is fetched from where, and of progress
     */
    public Fetcher(Path cache, boolean offline, DownloadListener listener) {
        this(cache, offline, listener, Environment.system());
    }

    /**
     * A fetcher.
     *
     * @param cache as above
     * @param offline as above
     * @param listener as above
     * @param environment holds the variables that choose mirrors, proxies and Python's caches
     */
    public Fetcher(
            Path cache, boolean offline, DownloadListener listener, Environment environment) {
        this(cache, offline, listener, environment, STALL);
    }

    Fetcher(
            Path cache,
            boolean offline,
            DownloadListener listener,
            Environment environment,
            Duration stall) {
        this.cache = cache;
        this.offline = offline || environment.isOffline();
        this.listener = listener;
        this.stall = stall;
        mirrors = new Mirrors(environment);
        python = new PythonCaches(environment, listener);
        http = new Http(environment);
        locks = environment.locks();
    }

    /**
     * Returns where a file lies on this machine, complete, after fetching it if need be.
     *
     * @param file which one
     * @return in the cache, in one of Python's, or where a {@code file:} address points
     * @throws IOException in one sentence, if it is not here and cannot be had, or is not what it
     *     should be
     */
    public Path fetch(RemoteFile file) throws IOException {
        if (file.isLocal()) {
            return local(file);
        }
        Optional<Path> found = find(file);
        return found.isPresent() ? found.get() : fetch(file, place(file), null);
    }

    /**
     * Fetches a file to a place of the caller's own and replaces what is there.
     *
     * @param file which one
     * @param target where it goes; missing directories are made
     * @return the target
     * @throws IOException as {@link #fetch(RemoteFile)}
     */
    public Path fetch(RemoteFile file, Path target) throws IOException {
        return fetch(file, target, stamp(target));
    }

    /**
     * Looks for a file on this machine, without the network; what does not have its size and
     * checksum is not that file.
     *
     * @param file which one
     * @return where {@link #fetch(RemoteFile)} would find it; empty if it would fetch it
     */
    public Optional<Path> find(RemoteFile file) {
        Path place = place(file);
        if (isRight(file, place)) {
            return Optional.of(place);
        }
        return file.isLocal() ? Optional.empty() : python.find(file);
    }

    /**
     * Returns where the cache keeps a file, whether it is there or not, so that people may put it
     * there.
     *
     * @param file which one
     * @return {@code CACHE/HOST/PATH} of its address, or the place of a {@code file:} address
     */
    public Path place(RemoteFile file) {
        URI address = file.address();
        if (file.isLocal()) {
            return Path.of(address);
        }
        String host = address.getRawAuthority().toLowerCase(Locale.ROOT).replace(':', '_');
        Path place = cache.resolve(portable(host));
        String query = address.getRawQuery();
        String path = address.getRawPath() + (query == null ? "" : "?" + query.replace("/", "%2F"));
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                place = place.resolve(portable(part));
            }
        }
        return place;
    }

    /** A name that every system takes; one that had to be changed ends in a sum of what it was. */
    private static String portable(String part) {
        String name = part.contains("?") ? part : HubFile.decoded(part);
        String safe = name.replaceAll("[\\\\/:*?\"<>|\\p{Cntrl}]|[. ]$", "_");
        safe = RESERVED.matcher(safe).replaceFirst("_$0");
        if (safe.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            safe = safe.replaceAll("[^ -~]", "_");
            safe = safe.substring(0, Math.min(LONGEST, safe.length()));
        }
        return safe.equals(name) ? name : safe + "-" + hash(part).substring(0, 8);
    }

    /** What tells texts apart, in hexadecimal. */
    static String hash(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(Checksums.digest("SHA-256").digest(bytes));
    }

    DownloadListener listener() {
        return listener;
    }

    PythonCaches python() {
        return python;
    }

    /**
     * Returns whether a file may be asked for: there is a network, or the mirror is a directory.
     */
    boolean reaches(RemoteFile file) throws IOException {
        return !offline || isDirectory(mirrors.source(file.address()));
    }

    /**
     * Asks the Hub which commit a revision is.
     *
     * @param file any of the repository at that revision
     * @return the commit; empty from a mirror that does not know
     * @throws IOException in one sentence, if there is no such revision or no answer
     */
    Optional<String> commit(RemoteFile file) throws IOException {
        URI source = mirrors.source(file.address());
        if (isDirectory(source)) {
            return Optional.empty();
        }
        Answer answer = http.send("HEAD", source, Map.of());
        answer.response().body().close();
        Optional<String> commit = answer.firstHeader("X-Repo-Commit").filter(HubFile::isCommit);
        if (commit.isEmpty() && answer.status() != 200) {
            throw Refusals.of(answer, file, place(file));
        }
        if (commit.isEmpty() && answer.header("Content-Type").orElse("").startsWith("text/html")) {
            throw Refusals.page(answer, file, place(file));
        }
        return commit;
    }

    private static boolean isDirectory(URI source) {
        return "file".equalsIgnoreCase(source.getScheme());
    }

    private Path local(RemoteFile file) throws IOException {
        Path path = Path.of(file.address());
        if (!Files.isRegularFile(path)) {
            throw new FetchException(Kind.MISSING, "There is no file '%s'.".formatted(path), null);
        }
        String wrong = Download.wrong(path, file);
        if (wrong != null) {
            throw new FetchException(
                    Kind.REFUSED,
                    "'%s' has %s: it is damaged or another file.".formatted(path, wrong),
                    null);
        }
        return path;
    }

    private Path fetch(RemoteFile file, Path target, Object before) throws IOException {
        if (Files.isDirectory(target)) {
            throw new FetchException(
                    Kind.REFUSED,
                    "'%s' is a directory; move it away, %s belongs there."
                            .formatted(target, file.name()),
                    null);
        }
        String wrong = Files.exists(target) ? Download.wrong(target, file) : null;
        if (wrong != null) {
            listener.message(
                    "'%s' has %s: it is another file and is to be replaced."
                            .formatted(target, wrong));
        }
        if (!reaches(file)) {
            throw new FetchException(
                    Kind.UNREACHABLE,
                    "%s is not on this machine and the network is not to be used; fetch %s elsewhere and put it at '%s'."
                            .formatted(file.name(), file.address(), target),
                    null);
        }
        URI source = mirrors.source(file.address());
        WriterLock lock = WriterLock.take(target, locks, listener);
        try {
            // Another one may have fetched it while this one waited.
            if (isRight(file, target) && !stamp(target).equals(before)) {
                return target;
            }
            listener.message("Fetching " + source + " to '" + target + "'.");
            return new Download(http, file, source, target, listener, stall).run();
        } finally {
            lock.close();
        }
    }

    private static boolean isRight(RemoteFile file, Path path) {
        try {
            return Files.isRegularFile(path) && Download.wrong(path, file) == null;
        } catch (IOException e) {
            return false;
        }
    }

    /** What tells a file from one that took its place; null if there is none. */
    private static Object stamp(Path path) throws IOException {
        if (!Files.exists(path)) {
            return null;
        }
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        return file.lastModifiedTime() + " " + file.size() + " " + file.fileKey();
    }
}
