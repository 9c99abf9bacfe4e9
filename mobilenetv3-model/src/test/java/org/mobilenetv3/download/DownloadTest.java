package org.mobilenetv3.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.io.Checksums;

class DownloadTest {
    private static final int LENGTH = 300_000;

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
        md5 = Checksums.of(Files.write(dir.resolve("copy"), content), "MD5");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Download download() {
        return new Download(server.uri("file.bin"), target, "MD5", md5, Duration.ofMillis(700));
    }

    private void fetch() throws IOException {
        assertThat(download().fetch(DownloadListener.SILENT)).isEqualTo(target);
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
        download().fetch(listener);
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
        server.honoursRange = false;
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
        server.cutAfter = 120_000;
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
        server.cutAfter = 160_000;
        server.hangsAtCut = true;
        fetch();
        assertThat(target).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("whole", "bytes=160000-");
    }

    @Test
    void aConnectionCutForGoodKeepsThePartForLater() throws IOException {
        server.cutAfter = 50_000;
        assertThat(Sentences.of(this::fetch)).contains("127.0.0.1", "resume");
        assertThat(target).doesNotExist();
        assertThat(Files.size(part)).isEqualTo(200_000);
        server.cutAfter = -1;
        fetch();
        assertThat(target).hasBinaryContent(content);
    }

    @Test
    void aWrongChecksumDeletesThePartAndSaysSo() {
        md5 = "0123456789abcdef0123456789abcdef";
        assertThat(Sentences.of(this::fetch)).contains(md5, "deleted");
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
        assertThat(
                        Sentences.of(
                                () ->
                                        new Download(nobody, target, "MD5", md5)
                                                .fetch(DownloadListener.SILENT)))
                .contains("Cannot reach", nobody.toString());
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void aServerThatNeverAnswersIsGivenUpWithinTenSeconds() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/file.bin");
            long start = System.nanoTime();
            assertThat(
                            Sentences.of(
                                    () ->
                                            new Download(uri, target, "MD5", md5)
                                                    .fetch(DownloadListener.SILENT)))
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
}
