package org.mobilenetv3.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.io.Checksums;

class HubModelTest {
    private static final String OLD = "1824797e7887cbec1990e4adbd6675960a36c589";
    private static final String NEW = "96f46a1c52932f27492dff66c72378eb99b443a7";
    private static final HubModel MAIN = HubModel.of("hf:timm/small.lamb_in1k");

    @TempDir Path dir;
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> messages = new ArrayList<>();
    private TestServer server;

    @BeforeEach
    void serve() throws IOException {
        server = new TestServer(null);
        variables.put("HF_ENDPOINT", server.uri("").toString());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Fetcher fetcher(boolean offline) {
        Environment environment = new Environment(variables, dir.resolve("home"));
        return new Fetcher(dir.resolve("cache"), offline, messages::add, environment);
    }

    private Path cached(String revision, String name) {
        return dir.resolve("cache/huggingface.co/timm/small.lamb_in1k/resolve")
                .resolve(revision)
                .resolve(name);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Lets main be a commit, with these files. */
    private void publish(String commit, String... names) {
        server.files.clear();
        Map<String, String> headers = Map.of("X-Repo-Commit", commit);
        server.extra = Map.of("X-Error-Code", "EntryNotFound", "X-Repo-Commit", commit);
        for (String name : names) {
            for (String revision : List.of("main", "v1", commit)) {
                server.files.put(
                        "timm/small.lamb_in1k/resolve/" + revision + "/" + name,
                        new TestServer.Answer(200, bytes(name + " of " + commit), headers));
            }
        }
    }

    @Test
    void configAndWeightsAreOfOneCommitAndAskedForOnce() throws IOException {
        publish(OLD, "config.json", "model.safetensors");
        Path weights = MAIN.fetch(fetcher(false));
        assertThat(weights)
                .isEqualTo(cached(OLD, "model.safetensors"))
                .hasContent("model.safetensors of " + OLD);
        assertThat(weights.resolveSibling("config.json")).hasContent("config.json of " + OLD);
        String base = "/timm/small.lamb_in1k/resolve/";
        assertThat(server.log)
                .containsExactly(
                        "HEAD " + base + "main/config.json",
                        base + OLD + "/config.json",
                        base + OLD + "/model.safetensors");
        server.log.clear();
        assertThat(MAIN.fetch(fetcher(false))).isEqualTo(weights);
        assertThat(server.log).containsExactly("HEAD " + base + "main/config.json");
        server.log.clear();
        assertThat(new HubModel(MAIN.repository(), OLD).fetch(fetcher(false))).isEqualTo(weights);
        assertThat(MAIN.fetch(fetcher(true))).isEqualTo(weights);
        assertThat(MAIN.find(fetcher(false))).contains(weights);
        assertThat(server.log).isEmpty();
    }

    @Test
    void aNewCommitIsFetchedAndTheLastUsedOneServesWithoutANetwork() throws IOException {
        publish(OLD, "config.json", "model.safetensors");
        MAIN.fetch(fetcher(false));
        publish(NEW, "config.json", "model.safetensors");
        assertThat(MAIN.fetch(fetcher(false)))
                .isEqualTo(cached(NEW, "model.safetensors"))
                .hasContent("model.safetensors of " + NEW);
        server.files.clear();
        server.extra = Map.of();
        server.only = bytes("x");
        server.status = 503;
        assertThat(MAIN.fetch(fetcher(false))).isEqualTo(cached(NEW, "model.safetensors"));
        assertThat(messages.get(messages.size() - 1)).contains("503", NEW, "is used.");
        server.status = 200; // a hotel's login page
        server.extra = Map.of("Content-Type", "text/html");
        assertThat(MAIN.fetch(fetcher(false))).isEqualTo(cached(NEW, "model.safetensors"));
        assertThat(messages.get(messages.size() - 1)).contains("web page", NEW, "is used.");
        server.close();
        assertThat(MAIN.fetch(fetcher(false))).isEqualTo(cached(NEW, "model.safetensors"));
        assertThat(messages.get(messages.size() - 1)).contains("Cannot reach", NEW, "is used.");
        assertThat(new HubModel(MAIN.repository(), OLD).fetch(fetcher(true)))
                .isEqualTo(cached(OLD, "model.safetensors"));
    }

    @Test
    void withoutSafetensorsThePicklesAreTaken() throws IOException {
        publish(OLD, "config.json", "pytorch_model.bin");
        assertThat(HubModel.of("timm/small.lamb_in1k@v1").fetch(fetcher(false)))
                .isEqualTo(cached(OLD, "pytorch_model.bin"));
        publish(NEW, "config.json", "tf_model.h5");
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                .contains("no model.safetensors and no pytorch_model.bin", "main");
        publish("0".repeat(40), "model.safetensors");
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                .contains("timm/small.lamb_in1k has no file config.json");
    }

    @Test
    void refusalsAreOneClearSentenceEach() {
        record Case(int status, String code, boolean token, String... words) {}
        for (Case c :
                List.of(
                        new Case(401, "RepoNotFound", false, "no timm/small.lamb_in1k", "HF_TOKEN"),
                        new Case(404, "RepoNotFound", true, "your token may not read it"),
                        new Case(401, "GatedRepo", false, "gated", "terms", "HF_TOKEN"),
                        new Case(403, "GatedRepo", true, "gated", "account of your token"),
                        new Case(404, "RevisionNotFound", false, "no revision 'main'"),
                        new Case(404, "EntryNotFound", false, "no file config.json"),
                        new Case(503, null, false, "503", "try again"))) {
            variables.remove("HF_TOKEN");
            if (c.token()) {
                variables.put("HF_TOKEN", "hf_secret");
            }
            server.only = bytes("x");
            server.status = c.status();
            server.extra = c.code() == null ? Map.of() : Map.of("X-Error-Code", c.code());
            assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                    .contains(c.words())
                    .doesNotContain("hf_secret");
        }
        assertThat(dir.resolve("cache")).doesNotExist();
    }

    @Test
    void theTokenIsFoundWhereTheHubsLibraryKeepsIt() throws IOException {
        publish(OLD, "config.json", "model.safetensors");
        Path file = dir.resolve("home/.cache/huggingface/token");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "hf_file\n");
        MAIN.fetch(fetcher(false));
        variables.put("HF_TOKEN_PATH", Files.writeString(dir.resolve("t"), "hf_path") + "");
        MAIN.fetch(fetcher(false));
        variables.put("HF_TOKEN", "hf_variable");
        MAIN.fetch(fetcher(false));
        assertThat(server.headers)
                .extracting(h -> h.get("authorization"))
                .containsExactly(
                        "Bearer hf_file",
                        "Bearer hf_file",
                        "Bearer hf_file",
                        "Bearer hf_path",
                        "Bearer hf_variable");
    }

    @Test
    void aTokenThatCannotBeSentIsNotShown() throws IOException {
        publish(OLD, "config.json", "model.safetensors");
        Path file = Files.writeString(dir.resolve("t"), "hf_sec ret\n");
        variables.put("HF_TOKEN_PATH", file.toString());
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                .contains("" + file, "token")
                .doesNotContain("sec");
        for (String token : List.of("hf_sec\nret", "hf_sec\u00e9", "sec\u0000ret")) {
            variables.put("HF_TOKEN", token);
            assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                    .contains("HF_TOKEN")
                    .doesNotContain("sec");
        }
        assertThat(server.log).isEmpty();
    }

    @Test
    void withoutANetworkItSaysWhereToPutTheFiles() throws IOException {
        server.close();
        Path place = cached("main", "config.json").getParent();
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(false))))
                .contains("Cannot reach", "config.json and model.safetensors", "" + place);
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(true))))
                .contains("network is not to be used", MAIN.repository(), "" + place);
        Files.createDirectories(place);
        Files.writeString(place.resolve("config.json"), "{}");
        Files.writeString(place.resolve("model.safetensors"), "x");
        assertThat(MAIN.fetch(fetcher(true))).isEqualTo(cached("main", "model.safetensors"));
    }

    @Test
    void aMirrorOfPlainFilesNeedsNoCommits() throws IOException {
        variables.remove("HF_ENDPOINT");
        variables.put("MOBILENETV3_MIRROR", dir.resolve("mirror").toUri().toString());
        Path files = dir.resolve("mirror/huggingface.co/timm/small.lamb_in1k/resolve/main");
        Files.createDirectories(files);
        Files.writeString(files.resolve("config.json"), "{}");
        assertThat(Sentences.of(() -> MAIN.fetch(fetcher(true)))).contains("model.safetensors");
        Files.writeString(files.resolve("model.safetensors"), "x");
        assertThat(MAIN.fetch(fetcher(true))).isEqualTo(cached("main", "model.safetensors"));
        variables.put("MOBILENETV3_MIRROR", server.uri("m").toString());
        server.only = bytes("{}");
        assertThat(HubModel.of("hf:o/n").fetch(fetcher(false)).toString())
                .endsWith("cache/huggingface.co/o/n/resolve/main/model.safetensors");
        assertThat(server.log).contains("/m/huggingface.co/o/n/resolve/main/config.json");
    }

    /** Makes what the Hub's library would: blobs by their sums, links to them, a note of main. */
    private Path snapshot(Path hub, String commit, String... names) throws Exception {
        Path repository = hub.resolve("models--timm--small.lamb_in1k");
        Path snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(commit));
        Path blobs = Files.createDirectories(repository.resolve("blobs"));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), commit);
        for (String name : names) {
            byte[] content = bytes(name + " of " + commit);
            MessageDigest git = Checksums.digest("SHA-1");
            git.update(bytes("blob " + content.length + "\0"));
            String sum =
                    HexFormat.of()
                            .formatHex(
                                    name.endsWith(".json")
                                            ? git.digest(content)
                                            : Checksums.digest("SHA-256").digest(content));
            Files.write(blobs.resolve(sum), content);
            Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", sum));
        }
        return snapshot;
    }

    @Test
    void theCacheOfTheHubsLibraryIsUsedWithoutANetworkAndNotWrittenTo() throws Exception {
        Map<String, String> places =
                Map.of(
                        "HF_HUB_CACHE", "a",
                        "HUGGINGFACE_HUB_CACHE", "b",
                        "HF_HOME", "c/hub",
                        "XDG_CACHE_HOME", "d/huggingface/hub",
                        "", "home/.cache/huggingface/hub");
        for (Map.Entry<String, String> place : places.entrySet()) {
            variables.clear();
            if (!place.getKey().isEmpty()) {
                Path value = dir.resolve(place.getValue().substring(0, 1));
                variables.put(place.getKey(), value.toString());
            }
            Path hub = dir.resolve(place.getValue());
            Path snapshot = snapshot(hub, OLD, "config.json", "model.safetensors");
            assertThat(MAIN.fetch(fetcher(true)))
                    .isEqualTo(snapshot.resolve("model.safetensors"))
                    .hasContent("model.safetensors of " + OLD);
            assertThat(new HubModel(MAIN.repository(), OLD).find(fetcher(true))).isPresent();
            assertThat(new HubModel(MAIN.repository(), NEW).find(fetcher(true))).isEmpty();
            assertThat(dir.resolve("cache")).doesNotExist();
            Files.move(hub, dir.resolve("away" + place.getKey()));
        }
    }

    @Test
    void aDamagedBlobOfTheHubsLibraryIsPassedOver() throws Exception {
        Path hub = dir.resolve("home/.cache/huggingface/hub");
        for (String name : List.of("config.json", "model.safetensors")) {
            Path snapshot = snapshot(hub, OLD, "config.json", "model.safetensors");
            Files.writeString(snapshot.resolve(name).toRealPath(), "damaged");
            assertThat(MAIN.find(fetcher(true))).isEmpty();
            assertThat(messages).anyMatch(m -> m.contains(name + "' is damaged"));
            try (Stream<Path> files = Files.list(snapshot)) {
                for (Path link : files.toList()) {
                    Files.delete(link);
                }
            }
        }
    }

    @Test
    void whatPythonHasOnlyInPartIsCompletedInOurCache() throws Exception {
        publish(OLD, "config.json", "model.safetensors");
        snapshot(dir.resolve("home/.cache/huggingface/hub"), OLD, "model.safetensors");
        assertThat(MAIN.fetch(fetcher(false)))
                .isEqualTo(cached(OLD, "model.safetensors"))
                .hasContent("model.safetensors of " + OLD);
        assertThat(cached(OLD, "config.json")).exists();
        assertThat(server.log).noneMatch(line -> line.contains("safetensors"));
    }

    @Test
    void weightsThatTimmCachedAloneAreFoundForWhoeverKnowsTheNet() throws Exception {
        Path snapshot =
                snapshot(dir.resolve("home/.cache/huggingface/hub"), OLD, "model.safetensors");
        assertThat(MAIN.find(fetcher(true))).isEmpty();
        assertThat(MAIN.findWeights(fetcher(true))).contains(snapshot.resolve("model.safetensors"));
    }

    @Test
    void ofTwoCachedCommitsTheLastNotedIsUsed() throws Exception {
        publish(OLD, "config.json", "model.safetensors");
        Path ours = MAIN.fetch(fetcher(false));
        Path hub = dir.resolve("home/.cache/huggingface/hub");
        Path pythons = snapshot(hub, NEW, "config.json", "model.safetensors");
        Path ref = pythons.getParent().resolveSibling("refs").resolve("main");
        Files.setLastModifiedTime(ref, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        assertThat(MAIN.fetch(fetcher(true))).isEqualTo(pythons.resolve("model.safetensors"));
        Files.setLastModifiedTime(ref, FileTime.fromMillis(0));
        assertThat(MAIN.fetch(fetcher(true))).isEqualTo(ours);
    }

    @Test
    void whatIsNoRepositoryIsTold() {
        for (String text : List.of("hf:", "hf:timm", "hf:a/b/c", "hf:a/b@", "hf:./x", "a/b@./x")) {
            assertThat(Sentences.of(() -> HubModel.of(text))).contains(text, "hf:OWNER/NAME");
        }
        assertThat(HubModel.of("hf:a/b@refs/pr/1").revision()).isEqualTo("refs/pr/1");
    }
}
