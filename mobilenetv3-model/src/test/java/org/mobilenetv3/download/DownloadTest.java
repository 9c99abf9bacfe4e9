package org.mobilenetv3.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.io.Checksums;

class DownloadTest {
    private static final int LENGTH = 300_000;
    private static final String DATE = "Sat, 28 Nov 2026 03:00:";

    @TempDir Path dir;
    private final byte[] content = new byte[LENGTH];
    private TestServer server;
    private Path target;
    private Path part;
    private String md5;

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(content);
        server = new TestServer(content);
        target = dir.resolve("deep").resolve("file.bin");
        part = dir.resolve("deep").resolve("file.bin.part");
        Files.createDirectories(target.getParent());
        md5 = "md5:" + Checksums.of(Files.write(dir.resolve("copy"), content), "MD5");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void fetch() throws IOException {
        fetch(server.uri("file.bin"), DownloadListener.SILENT);
    }

    private void fetch(URI address, DownloadListener listener) throws IOException {
        Environment none = new Environment(Map.of(), dir);
        Fetcher fetcher = new Fetcher(dir, false, listener, none, Duration.ofMillis(700));
        RemoteFile file = new RemoteFile(address, -1, md5);
        assertThat(fetcher.fetch(file, target)).isEqualTo(target);
    }

    @Test
    void aFileIsFetchedWithProgressAndNoPartIsLeft() throws IOException {
        Files.delete(target.getParent()); // missing directories are made
        List<Long> done = new ArrayList<>();
        DownloadListener listener =
                new DownloadListener() {
                    @Override
                    public void message(String text) {}

                    @Override
                    public void progress(String what, long bytes, long total) {
                        assertThat(what).isEqualTo("file.bin");
                        assertThat(total).isEqualTo(LENGTH);
                        done.add(bytes);
                    }
                };
        fetch(server.uri("file.bin"), listener);
        assertThat(target).hasBinaryContent(content);
        assertThat(part).doesNotExist();
        assertThat(done).isSorted().endsWith((long) LENGTH);
    }

    @Test
    void aPartOfAnEarlierTryIsResumed() throws IOException {
        Files.write(part, Arrays.copyOf(content, 100_000));
        fetch();
        assertThat(target).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("bytes=100000-");
    }

    @Test
    void aServerThatIgnoresRangeStartsAgain() throws IOException {
        server.honorsRange = false;
        Files.write(part, Arrays.copyOf(content, 100_000));
        fetch();
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aCompletePartIsOnlyChecked() throws IOException {
        Files.write(part, content);
        fetch();
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aConnectionCutInTheMiddleIsTakenUpAgain() throws IOException {
        server.cutAfter(120_000);
        fetch();
        assertThat(target).hasBinaryContent(content);
        // How much of what was sent arrives before the cut is up to the network.
        assertThat(server.requests.get(0)).isEqualTo("whole");
        assertThat(server.requests).hasSizeGreaterThan(1);
        assertThat(server.requests.subList(1, server.requests.size()))
                .allMatch(range -> range.matches("bytes=[1-9]\\d*-"));
    }

    @Test
    void aConnectionThatStallsIsTakenUpAgain() throws IOException {
        server.cutAfter(160_000);
        server.hangsAtCut = true;
        fetch();
        assertThat(target).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("whole", "bytes=160000-");
    }

    @Test
    void aConnectionCutForGoodKeepsThePartForLater() throws IOException {
        server.cutAfter(5_000);
        assertThat(Sentences.of(this::fetch)).contains("127.0.0.1", "resume");
        assertThat(target).doesNotExist();
        assertThat(Files.size(part)).isEqualTo(100_000);
        server.cut = left -> -1;
        fetch();
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aWrongChecksumDeletesThePartAndSaysSo() {
        md5 = "md5:0123456789abcdef0123456789abcdef";
        assertThat(Sentences.of(this::fetch)).contains(md5.substring(4), "deleted");
        assertThat(part).doesNotExist();
        assertThat(target).doesNotExist();
    }

    @Test
    void aMissingPageIsToldWithItsStatus() {
        server.status = 404;
        assertThat(Sentences.of(this::fetch)).contains("404", "file.bin");
        assertThat(server.requests).hasSize(1);
        assertThat(part).doesNotExist();
    }

    @Test
    void aRefusedConnectionIsToldAtOnce() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        URI nobody = URI.create("http://127.0.0.1:" + port + "/file.bin");
        long start = System.nanoTime();
        assertThat(Sentences.of(() -> fetch(nobody, DownloadListener.SILENT)))
                .contains("Cannot reach", nobody.toString());
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void aServerThatNeverAnswersIsGivenUpWithinTenSeconds() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/file.bin");
            long start = System.nanoTime();
            assertThat(Sentences.of(() -> fetch(uri, DownloadListener.SILENT)))
                    .contains("Cannot reach");
            assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
        }
    }

    @Test
    void aFullDiskLeavesNoTarget() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full on this system");
        Files.createSymbolicLink(part, Path.of("/dev/full"));
        assertThat(Sentences.of(this::fetch)).contains("Cannot write", "space");
        Files.delete(part);
        assertThat(target).doesNotExist();
    }

    @Test
    void aDirectoryThatIsAFileIsTold() throws IOException {
        target = Files.writeString(dir.resolve("taken"), "x").resolve("file.bin");
        assertThat(Sentences.of(this::fetch)).contains("taken", "directory");
    }

    @Test
    void aFetchCutTenTimesAtRandomIsResumedAndRight() throws IOException {
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            AtomicInteger cuts = new AtomicInteger(10);
            server.requests.clear();
            server.cut = left -> cuts.getAndDecrement() > 0 ? 1 + random.nextInt(left / 4 + 1) : -1;
            Files.deleteIfExists(target);
            fetch();
            assertThat(target).hasBinaryContent(content);
            assertThat(server.requests).hasSize(11);
        }
    }

    @Test
    void withoutAChecksumAResumedFileIsOfOneVersion() throws IOException {
        byte[] changed = content.clone();
        changed[10] ^= 1;
        changed[LENGTH - 10] ^= 1;
        for (String header : List.of("ETag", "Last-Modified")) {
            for (boolean weak : List.of(false, true)) {
                String before = header.equals("ETag") ? quoted("a", weak) : DATE + "02 GMT";
                String after = header.equals("ETag") ? quoted("b", weak) : DATE + "03 GMT";
                md5 = null;
                Files.deleteIfExists(target);
                server.only = content;
                server.extra = Map.of(header, before);
                server.cutAfter(2_000);
                Sentences.of(this::fetch);
                assertThat(part).exists();
                server.only = changed;
                server.extra = Map.of(header, after);
                server.cut = left -> -1;
                fetch();
                assertThat(target).as(header + weak).hasBinaryContent(changed);
                assertThat(target.getParent()).isDirectoryNotContaining(p -> !p.equals(target));
            }
        }
    }

    private static String quoted(String tag, boolean weak) {
        return (weak ? "W/" : "") + '"' + tag + '"';
    }

    @Test
    void aPartOfUnknownOriginIsContinuedOnlyIfAChecksumCanTell() throws IOException {
        Files.write(part, new byte[100_000]);
        md5 = null;
        fetch();
        assertThat(target).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("whole");
    }

    @Test
    void aPartOfOtherContentIsGivenUpOnce() throws IOException {
        Files.write(part, new byte[100_000]);
        fetch();
        assertThat(target).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("bytes=100000-", "whole");
        Files.write(part, new byte[100_000]);
        md5 = "md5:0123456789abcdef0123456789abcdef";
        server.requests.clear();
        assertThat(Sentences.of(this::fetch)).contains(md5.substring(4), "deleted");
        assertThat(server.requests).hasSize(2);
        assertThat(part).doesNotExist();
    }

    @Test
    void aPartLongerThanTheFileIsGivenUp() throws IOException {
        Files.write(part, new byte[LENGTH + 1]);
        fetch();
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aWebPageInsteadOfTheFileIsRefusedAndNothingKept() throws IOException {
        for (String page : List.of("<!DOCTYPE html><html>", "\n <HTML><body>", "Log in")) {
            server.only = page.getBytes(StandardCharsets.UTF_8);
            server.extra = page.startsWith("L") ? Map.of("Content-Type", "text/html") : Map.of();
            assertThat(Sentences.of(this::fetch)).contains("web page", "file.bin", "proxy");
            assertThat(target.getParent()).isEmptyDirectory();
        }
    }

    @Test
    void aWebPageDoesNotCostWhatIsThereAlready() throws IOException {
        Files.write(part, Arrays.copyOf(content, 100_000));
        server.only = "<!doctype html>".getBytes(StandardCharsets.UTF_8);
        server.honorsRange = false;
        assertThat(Sentences.of(this::fetch)).contains("web page");
        assertThat(Files.size(part)).isEqualTo(100_000);
    }

    @Test
    void anEmptyOrCompressedBodyIsRefusedWhereNoChecksumCanTell() throws IOException {
        server.extra = Map.of("Content-Encoding", "gzip");
        fetch(); // its checksum is right
        Files.delete(target);
        md5 = null;
        assertThat(Sentences.of(this::fetch)).contains("compressed (gzip)", "" + target);
        server.only = new byte[0];
        server.extra = Map.of("Content-Encoding", "identity");
        assertThat(Sentences.of(this::fetch)).contains("no content", "file.bin");
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void aSizeThatIsNotThePublishedOneIsRefusedBeforeAnythingIsWritten() {
        Environment none = new Environment(Map.of(), dir);
        Fetcher fetcher = new Fetcher(dir, false, DownloadListener.SILENT, none);
        RemoteFile file = new RemoteFile(server.uri("file.bin"), LENGTH + 1, null);
        assertThat(Sentences.of(() -> fetcher.fetch(file, target)))
                .contains("300000 bytes", "expected 300001");
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void aFileThatDoesNotFitOnTheDiskIsRefusedBeforeAnythingIsWritten() {
        server.claimed = 1L << 60;
        assertThat(Sentences.of(this::fetch)).contains("has room for", "1152921504606846976");
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void aDirectoryWithoutPermissionIsTold() {
        // Not even root may write there.
        assumeTrue(Files.isDirectory(Path.of("/sys")), "there is no /sys on this system");
        target = Path.of("/sys/weights/file.bin");
        assertThat(Sentences.of(this::fetch)).contains("Cannot write", "/sys/weights/file.bin");
        assertThat(server.requests).isEmpty();
    }
}
