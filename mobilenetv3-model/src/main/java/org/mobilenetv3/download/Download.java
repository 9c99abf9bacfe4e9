package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.FileErrors;

/**
 * Fetches one file over HTTP with a checksum. Data goes to {@code NAME.part} beside the target and
 * is moved there when complete and right, so a broken target never exists; a {@code .part} of an
 * earlier try is resumed. Without a network it gives up within 10 seconds.
 */
public final class Download {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(8);
    private static final int TRIES = 4;

    private final URI source;
    private final Path target;
    private final String algorithm;
    private final String sum;
    private final Duration stall;

    /**
     * A download that has not begun.
     *
     * @param source where the file is
     * @param target where it goes; missing directories are made
     * @param algorithm of its checksum, e.g. MD5
     * @param sum its checksum in hexadecimal; null: it is not checked
     */
    public Download(URI source, Path target, String algorithm, String sum) {
        this(source, target, algorithm, sum, Duration.ofSeconds(30));
    }

    Download(URI source, Path target, String algorithm, String sum, Duration stall) {
        this.source = source;
        this.target = target;
        this.algorithm = algorithm;
        this.sum = sum;
        this.stall = stall;
    }

    /**
     * Fetches the file; a connection that is cut is taken up again a few times.
     *
     * @param listener is told of progress
     * @return the target, complete and with the right checksum
     * @throws IOException in one sentence, if there is no network, the server refuses, the disk is
     *     full or the checksum is wrong (the {@code .part} is then deleted)
     */
    public Path fetch(DownloadListener listener) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        IOException last = null;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            long before = size(part);
            try {
                attempt(part, listener);
                return verified(part);
            } catch (CutException e) {
                last = e;
                if (attempt > 0 && size(part) <= before) {
                    break; // no headway: the rest of the tries would be no better
                }
            }
        }
        throw last;
    }

    private void attempt(Path part, DownloadListener listener) throws IOException {
        long have = size(part);
        HttpResponse<InputStream> response = send(have);
        try (InputStream body = response.body()) {
            int status = response.statusCode();
            if (status == 416 && have > 0) {
                return; // nothing after what we have: the checksum decides
            }
            if (status != 200 && status != 206) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                ("%s answered %d to the request for %s; try again later or put the file"
                                        + " at '%s'."),
                                source.getHost(),
                                status,
                                source,
                                target));
            }
            createDirectory(); // only now: without a network nothing is left behind
            boolean resumed = status == 206 && startsAt(response, have);
            if (status == 206 && !resumed) {
                Files.deleteIfExists(part);
                throw new CutException("it sent another part than asked for", null);
            }
            long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            append(part, body, resumed ? have : 0, length, listener);
        }
    }

    private static boolean startsAt(HttpResponse<?> response, long offset) {
        return response.headers()
                .firstValue("Content-Range")
                .map(range -> range.strip().startsWith("bytes " + offset + "-"))
                .orElse(false);
    }

    private HttpResponse<InputStream> send(long offset) throws IOException {
        HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build();
        HttpRequest.Builder request = HttpRequest.newBuilder(source).timeout(ANSWER);
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        CompletableFuture<HttpResponse<InputStream>> answer =
                client.sendAsync(request.build(), BodyHandlers.ofInputStream());
        try {
            // A name server that does not answer is outside the client's own timeouts.
            return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable(offset, e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw unreachable(offset, e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException(
                    "The download of " + source + " was interrupted; run it again.", e);
        }
    }

    private IOException unreachable(long offset, Throwable cause) {
        return new IOException(
                "Cannot reach %s (%s); check the network or put the file at '%s'%s."
                        .formatted(
                                source,
                                reason(cause),
                                target,
                                offset > 0 ? ", what is there already will be resumed" : ""),
                cause);
    }

    private static String reason(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "its name is not known here";
            }
            if (cause instanceof TimeoutException) {
                return "no answer within " + ANSWER.toSeconds() + " seconds";
            }
        }
        String message = thrown.getMessage();
        return message == null ? thrown.getClass().getSimpleName() : message;
    }

    private void append(
            Path part, InputStream body, long offset, long length, DownloadListener listener)
            throws IOException {
        long total = length < 0 ? -1 : offset + length;
        requireSpace(length);
        byte[] chunk = new byte[1 << 16];
        try (FileChannel file = open(part, offset);
                Watchdog watchdog = new Watchdog(body, stall)) {
            long done = offset;
            for (int n = read(body, chunk); n >= 0; n = read(body, chunk)) {
                watchdog.alive();
                write(file, chunk, n);
                done += n;
                listener.progress(String.valueOf(target.getFileName()), done, total);
            }
            if (watchdog.timedOut() || (total >= 0 && done != total)) {
                throw new CutException("it ended after " + done + " bytes of " + total, null);
            }
        }
    }

    private FileChannel open(Path part, long offset) throws IOException {
        try {
            FileChannel file =
                    FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (offset == 0) {
                file.truncate(0);
            }
            file.position(offset);
            return file;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private int read(InputStream body, byte[] chunk) throws CutException {
        try {
            return body.read(chunk);
        } catch (IOException e) {
            throw new CutException(String.valueOf(e.getMessage()), e);
        }
    }

    private void write(FileChannel file, byte[] chunk, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void requireSpace(long length) throws IOException {
        long usable = Files.getFileStore(directory()).getUsableSpace();
        if (length > usable) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            ("'%s' has room for %d of the %d bytes of %s; free some or give another"
                                    + " directory."),
                            directory(),
                            usable,
                            length,
                            source));
        }
    }

    private Path verified(Path part) throws IOException {
        String found = sum == null ? null : Checksums.of(part, algorithm);
        if (sum != null && !found.equalsIgnoreCase(sum)) {
            Files.deleteIfExists(part);
            throw new IOException(
                    ("%s has %s %s, expected %s; it was deleted: try again, or fetch the"
                                    + " file elsewhere.")
                            .formatted(source, algorithm, found, sum));
        }
        try {
            return Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void createDirectory() throws IOException {
        try {
            Files.createDirectories(directory());
        } catch (FileAlreadyExistsException e) {
            throw new IOException("'" + directory() + "' is a file; give a directory.", e);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private Path directory() {
        return target.toAbsolutePath().getParent();
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private IOException unwritable(IOException cause) {
        return new IOException(
                "Cannot write '%s' (%s); free space or give another directory."
                        .formatted(target, FileErrors.sentence(cause)),
                cause);
    }

    /** The connection went away in the middle; trying again may help. */
    private final class CutException extends IOException {
        private static final long serialVersionUID = 1;

        CutException(String why, Throwable cause) {
            super(
                    "The connection to %s was cut (%s); run the command again to resume."
                            .formatted(source.getHost(), why),
                    cause);
        }
    }
}
