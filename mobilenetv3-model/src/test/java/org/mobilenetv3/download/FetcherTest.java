package org.mobilenetv3.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.io.Checksums;

class FetcherTest {
    private static final int LENGTH = 200_000;
    private static final String NAME = "models/net-8738ca79.pth";

    @TempDir Path dir;
    private final byte[] content = new byte[LENGTH];
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
    private TestServer server;
    private String sum;

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(content);
        server = new TestServer(content);
        sum = Checksums.sha256(Files.write(dir.resolve("copy"), content));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Fetcher fetcher(boolean offline) {
        Environment environment = new Environment(variables, dir.resolve("home"));
        return new Fetcher(dir.resolve("cache"), offline, messages::add, environment);
    }

    private Path fetch(RemoteFile file) throws IOException {
        return fetcher(false).fetch(file);
    }

    private RemoteFile file() {
        return new RemoteFile(server.uri(NAME), LENGTH, sum.substring(0, 8));
    }

    private static RemoteFile published(String sum) {
        return new RemoteFile(URI.create("https://download.pytorch.org/" + NAME), LENGTH, sum);
    }

    private Path put(String path, byte[] bytes) throws IOException {
        Path file = dir.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    @Test
    void aFileIsFetchedOnceIntoHostAndPath() throws IOException {
        assertThat(fetcher(false).find(file())).isEmpty();
        Path path = fetch(file());
        assertThat(path)
                .isEqualTo(dir.resolve("cache/127.0.0.1_" + server.port() + "/" + NAME))
                .hasBinaryContent(content);
        assertThat(fetch(file())).isEqualTo(path);
        assertThat(fetcher(true).fetch(file())).isEqualTo(path);
        assertThat(fetcher(true).find(file())).contains(path);
        assertThat(server.log).hasSize(1);
        assertThat(messages).hasSize(1).first().asString().contains("Fetching", NAME);
        assertThat(path.getParent()).isDirectoryNotContaining(p -> !p.equals(path));
    }

    @Test
    void aFileOfAnotherSizeInTheCacheIsFetchedAnew() throws IOException {
        Path place = fetcher(true).place(file());
        Files.createDirectories(place.getParent());
        Files.write(place, new byte[10]);
        assertThat(fetcher(true).find(file())).isEmpty();
        assertThat(fetch(file())).hasBinaryContent(content);
    }

    @Test
    void aFileOfAnotherChecksumInTheCacheIsFetchedAnew() throws IOException {
        byte[] other = content.clone();
        other[7] ^= 1;
        Path place = put("cache/127.0.0.1_" + server.port() + "/" + NAME, other);
        assertThat(fetcher(true).find(file())).isEmpty();
        assertThat(Sentences.of(() -> fetcher(true).fetch(file()))).contains("not on this machine");
        assertThat(place).hasBinaryContent(other);
        messages.clear();
        assertThat(fetch(file())).isEqualTo(place).hasBinaryContent(content);
        assertThat(messages.get(0)).contains("" + place, "another file", sum.substring(0, 8));
        RemoteFile asked = new RemoteFile(file().address(), LENGTH, "0".repeat(64));
        assertThat(Sentences.of(() -> fetch(asked))).contains("SHA-256", "deleted");
        assertThat(place).hasBinaryContent(content);
    }

    @Test
    void aDirectoryWhereTheFileBelongsIsTold() throws IOException {
        Path place = fetcher(true).place(file());
        Files.createDirectories(place);
        assertThat(Sentences.of(() -> fetch(file()))).contains("" + place, "is a directory");
        assertThat(server.log).isEmpty();
        assertThat(place.getParent()).isDirectoryNotContaining(p -> !p.equals(place));
    }

    @Test
    void noAddressLeadsOutOfTheCache() {
        for (String path :
                List.of("../../x", "%2e%2e/%2e%2e/x", "a/..%2f..%2fx", "a%5C..%5Cx", "a%00x")) {
            assertThatThrownBy(() -> RemoteFile.of("https://h/" + path))
                    .hasMessageContaining("give the plain address");
        }
        for (String path : List.of("x?../../y", "%2fetc/x", "a%2fb", "...", "x?%2F..%2Fy")) {
            RemoteFile file = RemoteFile.of("https://h/" + path);
            Path place = fetcher(true).place(file);
            assertThat(place.normalize().startsWith(dir.resolve("cache/h"))).as(path).isTrue();
            assertThat(place.normalize()).isEqualTo(place);
        }
        assertThat(fetcher(true).place(RemoteFile.of("https://h/x.pth?download=1")))
                .isEqualTo(
                        dir.resolve(
                                "cache/h/x.pth_download=1-"
                                        + Fetcher.hash("x.pth?download=1").substring(0, 8)));
    }

    @Test
    void namesInTheCacheAreTakenByEverySystemAndDiffer() {
        Set<Path> places = new HashSet<>();
        List<String> names = new ArrayList<>(List.of("?a", "_a", "%3Fa", "%5Fa?", "a:b", "a_b"));
        names.addAll(List.of("x.", "x%20", "x_", "NUL", "_NUL", "con.pth", "CON%20.x", "console"));
        names.addAll(List.of("x".repeat(300), "x".repeat(299) + "?y", "%C3%A4".repeat(150)));
        for (String name : names) {
            RemoteFile file =
                    RemoteFile.of("https://h/d/" + (name.startsWith("?") ? "x" : "") + name);
            Path place = fetcher(true).place(file);
            assertThat(places.add(place)).as(place.toString()).isTrue();
            String last = place.getFileName().toString();
            assertThat(last.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(220);
            assertThat(last).doesNotMatch("(?i)(nul|con *)(\\..*)?|.*[?*:. ]");
        }
        assertThat(places).contains(dir.resolve("cache/h/d/console"), dir.resolve("cache/h/d/a_b"));
    }

    @Test
    void whatIsNoAddressOrChecksumIsToldInASentence() {
        for (String text :
                List.of(
                        "x.pth",
                        "https:x",
                        "ftp://h/x",
                        "https://a b/",
                        "",
                        "https://h/dir/",
                        "file:x",
                        "file://h/x")) {
            assertThat(Sentences.of(() -> RemoteFile.of(text))).contains("https:");
        }
        assertThat(Sentences.of(() -> new RemoteFile(URI.create("https://h/x"), 1, "xyz")))
                .contains("xyz", "hexadecimal");
    }

    @Test
    void aChecksumIsOfSha256UnlessItSaysOtherwise() throws IOException {
        URI copy = dir.resolve("copy").toUri();
        String md5 = Checksums.of(dir.resolve("copy"), "MD5");
        String sha1 = Checksums.of(dir.resolve("copy"), "SHA-1");
        for (String right :
                List.of(sum.substring(0, 32), sum.substring(0, 40), "md5:" + md5, "SHA1:" + sha1)) {
            assertThat(fetch(new RemoteFile(copy, -1, right))).exists();
        }
        for (String wrong : List.of(md5, sha1)) {
            assertThat(Sentences.of(() -> fetch(new RemoteFile(copy, -1, wrong))))
                    .contains("SHA-256 " + sum, wrong);
        }
        for (String none : List.of("md5:" + sum, "sha1:" + md5, "sha256:" + sum, "1234567")) {
            assertThat(Sentences.of(() -> new RemoteFile(copy, -1, none))).contains(none);
        }
    }

    @Test
    void aPasswordInAnAddressIsRefusedAndNotShown() {
        for (String text :
                List.of("https://me:secret@h/x", "https://me:se cret@h/x", "http://secret@h/x")) {
            assertThat(Sentences.of(() -> RemoteFile.of(text)))
                    .contains("h/x")
                    .doesNotContain("cret");
        }
        server.files.put(NAME, TestServer.Answer.redirect("http://me:secret@h/x", Map.of()));
        assertThat(Sentences.of(() -> fetch(file())))
                .contains("http://h/x", "not followed")
                .doesNotContain("secret");
    }

    @Test
    void severalThreadsFetchOnce() throws Exception {
        server.delay = 300;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Path>> paths = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            paths.add(threads.submit(() -> fetch(file())));
        }
        for (Future<Path> path : paths) {
            assertThat(path.get(60, TimeUnit.SECONDS)).hasBinaryContent(content);
        }
        threads.shutdown();
        assertThat(server.log).hasSize(1);
        assertThat(messages).filteredOn(m -> m.startsWith("Waiting for another")).hasSize(3);
        assertThat(fetcher(true).place(file()).getParent())
                .isDirectoryNotContaining(p -> !p.toString().endsWith(".pth"));
    }

    @Test
    void twoProcessesFetchOnce() throws Exception {
        server.delay = 3_000;
        Process one = child();
        Process two = child();
        assertThat(one.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(two.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(said(one)).contains("whole");
        assertThat(said(two)).contains("whole");
        assertThat(server.log).hasSize(1);
    }

    /** As another class loader's, or another process's. */
    @Test
    void aLockHeldElsewhereIsWaitedFor() throws Exception {
        Path place = put("cache/127.0.0.1_" + server.port() + "/" + NAME, new byte[1]);
        Path locks = Files.createDirectories(dir.resolve("home/.djl.ai/mobilenetv3/locks"));
        Path lock = locks.resolve(Fetcher.hash(place.toRealPath() + "") + ".lock");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<Path> fetched;
        try (FileChannel channel =
                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            fetched = thread.submit(() -> fetch(file()));
            for (int i = 0; i < 1_000 && !(messages + "").contains("Waiting for"); i++) {
                Thread.sleep(10);
            }
            assertThat(messages).anyMatch(m -> m.startsWith("Waiting for another download"));
            assertThat(server.log).isEmpty();
        }
        assertThat(fetched.get(60, TimeUnit.SECONDS)).hasBinaryContent(content);
        thread.shutdown();
    }

    @Test
    void whatACrashLeavesBlocksNobodyAndLocksMayLieBesideTheFile() throws IOException {
        put("home/.djl.ai", new byte[1]); // no directory
        Path lock = put("cache/127.0.0.1_" + server.port() + "/" + NAME + ".lock", new byte[1]);
        Path place = fetch(file());
        assertThat(place).hasBinaryContent(content);
        assertThat(place.getParent())
                .isDirectoryNotContaining(p -> !p.equals(place) && !p.equals(lock));
        assertThat(messages).noneMatch(m -> m.startsWith("Waiting"));
    }

    @Test
    void aProcessThatIsKilledLeavesWhatItHasForTheNext() throws Exception {
        server.cutAfter(120_000);
        server.hangsAtCut = true;
        Process killed = child();
        Path part = fetcher(true).place(file()).resolveSibling("net-8738ca79.pth.part");
        for (int i = 0; i < 6_000 && !(Files.exists(part) && Files.size(part) == 120_000); i++) {
            Thread.sleep(10);
        }
        killed.destroyForcibly().waitFor();
        assertThat(Files.size(part)).isEqualTo(120_000);
        server.cut = left -> -1;
        assertThat(fetch(file())).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("whole", "bytes=120000-");
        assertThat(part.getParent()).isDirectoryNotContaining(p -> !p.toString().endsWith("pth"));
    }

    private Process child() throws IOException {
        return child(file().address().toString(), "-", "-");
    }

    private Process child(String address, String variable, String value) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        dir.toString(),
                        address,
                        file().checksum(),
                        variable,
                        value)
                .redirectErrorStream(true)
                .start();
    }

    private static String said(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Fetches in a process of its own. */
    static final class Child {
        public static void main(String[] args) throws IOException {
            Environment environment = new Environment(Map.of(args[3], args[4]), Path.of(args[0]));
            RemoteFile file = new RemoteFile(URI.create(args[1]), LENGTH, args[2]);
            Path cache = Path.of(args[0], "cache");
            Path path = new Fetcher(cache, false, System.out::println, environment).fetch(file);
            System.out.println(Checksums.sha256(path).startsWith(args[2]) ? "whole" : "wrong");
        }
    }

    @Test
    void aFailedFetchLeavesNoDirectories() {
        server.status = 503;
        assertThat(Sentences.of(() -> fetch(file()))).contains("503");
        assertThat(dir.resolve("cache")).doesNotExist();
    }

    @Test
    void offlineSaysWhichFileFromWhereAndWhereToPutIt() throws IOException {
        String told = Sentences.of(() -> fetcher(true).fetch(file()));
        Path place = fetcher(true).place(file());
        assertThat(told)
                .contains("net-8738ca79.pth is not", file().address().toString(), "" + place);
        assertThat(server.log).isEmpty();
        assertThat(dir.resolve("cache")).doesNotExist();
        put("cache/127.0.0.1_" + server.port() + "/" + NAME, content);
        assertThat(fetcher(true).fetch(file())).isEqualTo(place);
    }

    @Test
    void variablesOfDjlAndTheHubKeepOffTheNetwork() {
        for (String variable : List.of("AI_DJL_OFFLINE", "HF_HUB_OFFLINE")) {
            for (String value : List.of("1", "true", "YES", "On", " 1 ")) {
                assertThat(new Environment(Map.of(variable, value), dir).isOffline()).isTrue();
            }
            for (String value : List.of("0", "false", "", "off")) {
                assertThat(new Environment(Map.of(variable, value), dir).isOffline()).isFalse();
            }
        }
        variables.put("HF_HUB_OFFLINE", "1");
        assertThat(Sentences.of(() -> fetch(file()))).contains("network is not to be used");
        assertThat(server.log).isEmpty();
    }

    @Test
    void torchsCacheIsUsedAndNotWrittenTo() throws IOException {
        for (String variable : List.of("TORCH_HOME", "XDG_CACHE_HOME", "")) {
            variables.clear();
            String base = variable.isEmpty() ? "home/.cache/torch" : variable;
            if (!variable.isEmpty()) {
                variables.put(variable, dir.resolve(variable).toString());
                base += variable.equals("TORCH_HOME") ? "" : "/torch";
            }
            Path path = put(base + "/hub/checkpoints/net-8738ca79.pth", content);
            assertThat(fetcher(true).fetch(published(sum))).isEqualTo(path);
            assertThat(path.getParent()).isDirectoryNotContaining(p -> !p.equals(path));
            Files.delete(path);
        }
    }

    @Test
    void aDamagedFileOfTorchsIsPassedOver() throws IOException {
        byte[] damaged = content.clone();
        damaged[7] ^= 1;
        Path path = put("home/.cache/torch/hub/checkpoints/net-8738ca79.pth", damaged);
        assertThat(fetcher(true).find(published(sum))).isEmpty();
        assertThat(messages).hasSize(1).first().asString().contains("" + path, "SHA-256", sum);
        Files.write(path, new byte[3]);
        assertThat(fetcher(true).find(published(sum))).isEmpty();
        assertThat(messages.get(1)).contains("3 bytes, expected 200000");
        // Nothing but the name tells that this is the file: the sum in it must be right.
        Files.write(path, content);
        assertThat(fetcher(true).find(published(null))).isEmpty();
    }

    @Test
    void aMirrorStandsForEveryHost() throws IOException {
        variables.put("MOBILENETV3_MIRROR", server.uri("weights/").toString());
        Path path = fetch(published(sum));
        assertThat(path).isEqualTo(dir.resolve("cache/download.pytorch.org/" + NAME));
        assertThat(server.log).containsExactly("/weights/download.pytorch.org/" + NAME);
        server.only = null;
        RemoteFile other = RemoteFile.of("https://github.com/x.pth");
        assertThat(Sentences.of(() -> fetch(other)))
                .contains("127.0.0.1 has no x.pth (404", "weights/github.com/x.pth");
    }

    @Test
    void aMirrorMayBeADirectoryEvenWithoutANetwork() throws IOException {
        variables.put("MOBILENETV3_MIRROR", dir.resolve("a mirror").toUri().toString());
        put("a mirror/download.pytorch.org/" + NAME, content);
        Path path = fetcher(true).fetch(published(sum));
        assertThat(path)
                .isEqualTo(dir.resolve("cache/download.pytorch.org/" + NAME))
                .hasBinaryContent(content);
        RemoteFile other = RemoteFile.of("https://github.com/x.pth");
        assertThat(Sentences.of(() -> fetch(other)))
                .contains(
                        "mirror has no file", dir.resolve("a mirror/github.com/x.pth").toString());
        Files.createDirectories(dir.resolve("a mirror/github.com/x.pth"));
        assertThat(Sentences.of(() -> fetch(other))).contains("mirror has no file");
        assertThat(dir.resolve("cache/github.com")).doesNotExist();
        Files.delete(path);
        put("a mirror/download.pytorch.org/" + NAME, new byte[LENGTH]);
        assertThat(Sentences.of(() -> fetch(published(sum)))).contains("SHA-256", "deleted");
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @Test
    void noAddressLeadsOutOfAMirrorOrPythonsCache() throws IOException {
        put("secret", content);
        put("m/h/x?/y", content);
        variables.put("MOBILENETV3_MIRROR", dir.resolve("m").toUri().toString());
        for (String query : List.of("/../../../secret", "%2F..%2F..%2F..%2Fsecret")) {
            assertThatThrownBy(() -> fetch(RemoteFile.of("https://h/x?" + query)))
                    .hasMessageContaining("mirror has no file");
        }
        variables.clear();
        Files.createDirectories(
                dir.resolve(
                        "home/.cache/huggingface/hub/models--o--n/snapshots/" + "0".repeat(40)));
        String hub = "https://huggingface.co/o/n/resolve/" + "0".repeat(40) + "/";
        String root = dir.toUri().getRawPath().replaceAll("/$", "");
        for (String path : List.of(root.replace("/", "%2F") + "%2Fcopy", "/" + root + "/copy")) {
            assertThat(fetcher(true).find(RemoteFile.of(hub + path))).as(path).isEmpty();
        }
        for (String path : List.of("a%2Fb", "a//b", "%2Fb", "C:b", "a/")) {
            assertThat(HubFile.of(URI.create(hub + path))).as(path).isEmpty();
        }
        URI pull = URI.create("https://huggingface.co/o/n/resolve/refs%2Fpr%2F1/a/b.bin");
        assertThat(HubFile.of(pull)).contains(new HubFile("o/n", "refs/pr/1", "a/b.bin"));
    }

    @Test
    void aMirrorThatIsNoAddressIsTold() {
        for (String mirror :
                List.of(
                        "/srv/mirror",
                        "file://srv/m",
                        "ftp://h",
                        "http://",
                        "https://h/ x",
                        "https://h/?x",
                        "file:///x?y",
                        "file:///x y",
                        "file:///x#y",
                        "file:///x\u001by",
                        "https://me:secret@h/x")) {
            variables.put("MOBILENETV3_MIRROR", mirror);
            assertThat(Sentences.of(() -> fetch(published(sum))))
                    .contains("MOBILENETV3_MIRROR is '")
                    .doesNotContain("secret", "\u001b");
            variables.put("HF_ENDPOINT", mirror);
            assertThat(Sentences.of(() -> HubModel.of("hf:a/b").fetch(fetcher(false))))
                    .contains("HF_ENDPOINT is '")
                    .doesNotContain("secret", "\u001b");
            variables.clear();
        }
    }

    @Test
    void aFileAddressIsUsedWhereItLies() throws IOException {
        URI address = dir.resolve("copy").toUri();
        assertThat(fetcher(true).fetch(new RemoteFile(address, LENGTH, sum)))
                .isEqualTo(dir.resolve("copy"));
        assertThat(fetcher(true).find(new RemoteFile(address, LENGTH, sum))).isPresent();
        assertThat(Sentences.of(() -> fetch(new RemoteFile(address, 5, sum))))
                .contains("200000 bytes, expected 5");
        assertThat(Sentences.of(() -> fetch(new RemoteFile(address, LENGTH, "00000000"))))
                .contains("copy", "SHA-256");
        assertThat(Sentences.of(() -> fetch(RemoteFile.of(address + "x"))))
                .contains("There is no file", "copyx");
        assertThat(dir.resolve("cache")).doesNotExist();
    }

    @Test
    void redirectsAreFollowedAndATokenStaysWithTheHub() throws IOException {
        try (TestServer other = new TestServer(content)) {
            variables.put("HF_ENDPOINT", server.uri("").toString());
            variables.put("HF_TOKEN", "hf_secret");
            Map<String, String> linked = Map.of("X-Linked-Etag", '"' + sum + '"');
            server.files.put(
                    "o/n/resolve/main/x.bin", TestServer.Answer.redirect("/api/x.bin", linked));
            server.files.put(
                    "api/x.bin",
                    TestServer.Answer.redirect(other.uri("blob").toString(), Map.of()));
            RemoteFile file = RemoteFile.of("https://huggingface.co/o/n/resolve/main/x.bin");
            assertThat(fetch(file))
                    .isEqualTo(dir.resolve("cache/huggingface.co/o/n/resolve/main/x.bin"))
                    .hasBinaryContent(content);
            assertThat(server.log).containsExactly("/o/n/resolve/main/x.bin", "/api/x.bin");
            assertThat(server.headers)
                    .allSatisfy(
                            h -> assertThat(h).containsEntry("authorization", "Bearer hf_secret"));
            assertThat(other.headers).hasSize(1);
            assertThat(other.headers.get(0)).doesNotContainKey("authorization");

            other.only = new byte[LENGTH]; // not what the Hub announced
            Files.delete(fetcher(true).place(file));
            assertThat(Sentences.of(() -> fetch(file))).contains("SHA-256", sum, "deleted");
        }
    }

    @Test
    void aTokenIsSentToNobodyButTheHub() throws IOException {
        variables.put("HF_TOKEN", "hf_secret");
        variables.put("MOBILENETV3_MIRROR", server.uri("").toString());
        fetch(RemoteFile.of("https://huggingface.co/o/n/resolve/main/x.bin"));
        fetch(published(sum));
        assertThat(server.headers)
                .hasSize(2)
                .allSatisfy(h -> assertThat(h).doesNotContainKey("authorization"));
    }

    @Test
    void endlessRedirectsAndThoseElsewhereAreRefused() {
        server.files.put(NAME, TestServer.Answer.redirect("/" + NAME, Map.of()));
        assertThat(Sentences.of(() -> fetch(file()))).contains("more than 10 times");
        assertThat(server.log).hasSize(11);
        server.files.put(NAME, TestServer.Answer.redirect("ftp://h/x", Map.of()));
        assertThat(Sentences.of(() -> fetch(file()))).contains("'ftp://h/x'", "not followed");
        server.files.put(NAME, TestServer.Answer.redirect("file:///etc/passwd", Map.of()));
        assertThat(Sentences.of(() -> fetch(file()))).contains("not followed");
        assertThatThrownBy(() -> Http.redirected(URI.create("https://h/x"), "http://h/x"))
                .hasMessageContaining("not encrypted");
    }

    @Test
    void anAnswerThatIsNoHttpIsToldInASentence() throws Exception {
        String ok = "HTTP/1.1 200 OK\r\n";
        for (String answer :
                List.of(
                        "SSH-2.0-x\u001b[31m\r\n\r\n",
                        "HTTP/1.1 2x0 \u0007\r\n\r\n",
                        "HTTP/1.1\r\n\r\n",
                        ok + "Content-Length: 1\u001b2\r\n\r\nx",
                        ok + "Content-Length: many\r\n\r\nx",
                        ok + "no header \u001b\r\n\r\n",
                        ok + "Transfer-Encoding: chunked\r\n\r\n\u001bzz\r\nx",
                        "")) {
            try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
                new Thread(() -> answer(socket, answer)).start();
                String address = "http://127.0.0.1:" + socket.getLocalPort() + "/x.pth";
                String told = Sentences.of(() -> fetch(RemoteFile.of(address)));
                assertThat(told).contains("127.0.0.1").doesNotContain("input string", "parser");
                assertThat(told).doesNotContainPattern("\\p{Cntrl}");
            }
        }
    }

    private static void answer(ServerSocket server, String text) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                int unused = in.read(new byte[1 << 14]);
                socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // The test is over, or the connection.
            }
        }
    }

    @Test
    void theEnvironmentsProxyIsAskedWithItsPassword() throws IOException {
        variables.put("http_proxy", "http://me:p%40ss@127.0.0.1:" + server.port());
        RemoteFile file = new RemoteFile(URI.create("http://weights.invalid/x"), LENGTH, sum);
        assertThat(fetch(file)).hasBinaryContent(content);
        assertThat(server.log).containsExactly("http://weights.invalid/x");
        assertThat(server.headers.get(0))
                .containsEntry("proxy-authorization", "Basic bWU6cEBzcw==")
                .containsEntry("host", "weights.invalid");
    }

    @Test
    void aTunnelIsAskedForWithThePasswordAndItsRefusalTold() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String address = "http://me:secret@127.0.0.1:" + proxy.getLocalPort();
            Process child = child("https://weights.invalid/x.pth", "https_proxy", address);
            StringBuilder asked = new StringBuilder();
            proxy.setSoTimeout(60_000);
            try (Socket socket = proxy.accept()) {
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII));
                for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                    asked.append(line).append('\n');
                }
                String answer = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(asked.toString())
                    .startsWith("CONNECT weights.invalid:443")
                    .containsIgnoringCase("proxy-authorization: Basic bWU6c2VjcmV0");
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said(child))
                    .contains(
                            "Cannot reach https://weights.invalid/x.pth through the proxy 127.0.0.1:")
                    .doesNotContain("secret");
        }
    }

    @Test
    void exceptionsFromTheProxyAreCurls() {
        variables.put("https_proxy", "proxy.example:3128");
        variables.put("no_proxy", "localhost, .example.org,intern.net");
        ProxyChoice proxies = new ProxyChoice(new Environment(variables, dir));
        Map<String, Boolean> asked = new HashMap<>();
        for (String host : List.of("localhost", "a.example.org", "example.org", "x.intern.net")) {
            asked.put(host, false);
        }
        for (String host : List.of("huggingface.co", "myexample.org", "intern.net.de")) {
            asked.put(host, true);
        }
        asked.forEach(
                (host, proxied) ->
                        assertThat(proxies.told(URI.create("https://" + host + "/x")))
                                .as(host)
                                .isEqualTo(proxied ? " through the proxy proxy.example:3128" : ""));
        assertThat(proxies.told(URI.create("http://huggingface.co/"))).isEmpty();
        variables.put("no_proxy", "*");
        assertThat(
                        new ProxyChoice(new Environment(variables, dir))
                                .told(URI.create("https://huggingface.co/")))
                .isEmpty();
    }

    @Test
    void aProxyThatJavaCannotUseIsToldWithoutItsPassword() {
        variables.put("all_proxy", "socks5://me:secret@proxy.example:1080");
        assertThat(Sentences.of(() -> fetch(file())))
                .contains("socks5://proxy.example:1080")
                .doesNotContain("secret");
    }

    @Test
    void aProxyThatAnswersWithAPageIsTold() {
        variables.put("http_proxy", "127.0.0.1:" + server.port());
        server.only = "<!DOCTYPE html><title>Blocked</title>".getBytes(StandardCharsets.UTF_8);
        RemoteFile file = new RemoteFile(URI.create("http://weights.invalid/x.pth"), -1, null);
        assertThat(Sentences.of(() -> fetch(file)))
                .contains("weights.invalid answered with a web page instead of x.pth");
        assertThat(dir.resolve("cache")).doesNotExist();
    }

    @Test
    void whatIsThereAlreadyIsNotFetchedOverAPartOfIt() throws IOException {
        Path place = put("cache/127.0.0.1_" + server.port() + "/" + NAME, content);
        Files.write(place.resolveSibling("net-8738ca79.pth.part"), Arrays.copyOf(content, 10));
        assertThat(fetch(file())).isEqualTo(place);
        assertThat(server.log).isEmpty();
    }
}
