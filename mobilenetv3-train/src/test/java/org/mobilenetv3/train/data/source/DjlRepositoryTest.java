package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets.Places;
import org.mobilenetv3.train.data.source.Datasets.Request;

/** DJL's repository, small but in its real form, on a server of our own. */
class DjlRepositoryTest {
    private static final String FOLDER = "djl/dataset/cv/ai/djl/basicdataset/";

    /** What MNIST's items are called on the server and in the cache. */
    private static final Map<String, String> FILES =
            Map.of(
                    "train_data", "train-images-idx3-ubyte",
                    "train_labels", "train-labels-idx1-ubyte",
                    "test_data", "t10k-images-idx3-ubyte",
                    "test_labels", "t10k-labels-idx1-ubyte");

    @TempDir Path dir;
    private final List<String> messages = new ArrayList<>();
    private TestServer server;
    private Places places;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @BeforeEach
    void serve() throws IOException {
        server = new TestServer(new byte[0]);
        places = places(server.uri(""));
        Map<String, byte[]> cifar = new LinkedHashMap<>();
        cifar.put("data_batch.bin", CifarFiles.batch(CifarKind.CIFAR10, 40));
        cifar.put("test_batch.bin", CifarFiles.batch(CifarKind.CIFAR10, 10));
        publish("cifar10", server.uri(FOLDER + "cifar10/").toString(), cifar);
        publish("mnist", server.uri(FOLDER + "mnist/").toString() + "1.0/", idx());
        publish("fashmnist", "1.0/", idx()); // as there: relative
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Places places(URI uri) {
        return new Places(
                uri,
                uri.resolve("djl/"),
                dir.resolve("data"),
                dir.resolve("cache"),
                dir.resolve("system"),
                new Environment(Map.of(), dir));
    }

    private static Map<String, byte[]> idx() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("train_data", IdxFiles.images(40, 28));
        files.put("train_labels", IdxFiles.labels(40));
        files.put("test_data", IdxFiles.images(10, 28));
        files.put("test_labels", IdxFiles.labels(10));
        return files;
    }

    /** Puts gzipped files and their metadata on the server. */
    private void publish(String artifact, String base, Map<String, byte[]> files)
            throws IOException {
        Map<String, String> items = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] zipped = IdxFiles.gzip(file.getValue());
            String name = FILES.getOrDefault(file.getKey(), file.getKey()) + ".gz";
            String path = artifact + "/" + (base.endsWith("1.0/") ? "1.0/" : "") + name;
            server.files.put(FOLDER + path, zipped);
            String sum = Checksums.of(Files.write(dir.resolve("sum"), zipped), "SHA-1");
            items.put(
                    file.getKey(),
                    "{\"uri\": \"%s\", \"sha1Hash\": \"%s\", \"size\": %s}"
                            .formatted(base + name, sum, zipped.length));
        }
        String all =
                items.entrySet().stream()
                        .map(e -> "\"%s\": %s".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(",\n"));
        String metadata =
                """
                {"metadataVersion": "0.2", "resourceType": "dataset", "application": "cv",
                 "groupId": "ai.djl.basicdataset", "artifactId": "%s", "name": "%1$s",
                 "artifacts": [{"version": "1.0", "snapshot": false, "files": {%s}}]}
                """
                        .formatted(artifact, all);
        server.files.put(
                FOLDER + artifact + "/metadata.json", metadata.getBytes(StandardCharsets.UTF_8));
    }

    private Splits load(String name, boolean offline) throws IOException {
        return Datasets.load(new Request(name, null, null, offline, 0, messages::add), places);
    }

    @Test
    void cifar10IsFetchedOnceAndHasThePixelsThatOurOwnReaderSees() throws IOException {
        Splits splits = load("djl:cifar10", false);
        assertThat(messages).hasSize(3).allMatch(x -> x.startsWith("Fetching http"));
        Path cached = DjlRepository.directory(places.djlCache(), "cifar10");
        assertThat(cached).isDirectoryContaining("glob:**data_batch.bin");
        assertThat(cached.getParent()).isDirectoryNotContaining("glob:**.gz*");
        Splits own = CifarBinary.read(CifarKind.CIFAR10, cached, 0);
        assertThat(splits.train().images()).isDeepEqualTo(own.train().images());
        assertThat(splits.validation().labels()).isEqualTo(own.validation().labels());
        assertThat(splits.test().checksum()).isEqualTo(own.test().checksum());
        assertThat(splits.test().classes()).isEqualTo(CifarKind.CIFAR10.classes());
        assertThat(Datasets.normalization(splits.test())).isEqualTo(Normalization.CIFAR10);

        int asked = server.requests.size();
        assertThat(load("djl:cifar10", false).train().checksum())
                .isEqualTo(splits.train().checksum());
        assertThat(load("djl:cifar10", true).train().size()).isEqualTo(splits.train().size());
        assertThat(load("cifar10", true).train().checksum()).isEqualTo(splits.train().checksum());
        assertThat(server.requests).hasSize(asked);
    }

    @Test
    void oldMetadataInTheCacheDoesNotNeedTheNetwork() throws IOException {
        load("djl:mnist", false);
        Path file = places.djlCache().resolve(FOLDER.substring(4) + "mnist/metadata.json");
        String old =
                Files.readString(file)
                        .replaceFirst("lastUpdated\": \"\\d{4}", "lastUpdated\": \"2020");
        assertThat(old).contains("lastUpdated\": \"2020");
        Files.writeString(file, old);
        places = places(URI.create("http://no-such-host.invalid/"));
        assertThat(load("djl:mnist", false).test().size()).isEqualTo(10);
    }

    @Test
    void mnistAndFashionMnistAreFoundByTheirOwnNamesOnceDjlHasThem() throws IOException {
        assertThat(Sentences.of(() -> load("mnist", false))).contains("--dataset djl:mnist");
        ImageSet digits = load("djl:mnist", false).train();
        assertThat(digits.classes()).isEqualTo(Idx.MNIST_CLASSES);
        assertThat(load("mnist", true).train().checksum()).isEqualTo(digits.checksum());
        ImageSet clothes = load("djl:fashion-mnist", false).test();
        assertThat(clothes).hasToString("fashion-mnist: 10 images (1, 28, 28) in 10 classes");
        Path idx = IdxFiles.write(dir.resolve("idx"), 40, 10, true);
        Splits own = Idx.read("fashion-mnist", idx, Idx.FASHION_MNIST_CLASSES, 0);
        assertThat(clothes.checksum()).isEqualTo(own.test().checksum());
    }

    @Test
    void cifar10ComesFromDjlWhereItsAuthorsCannotBeReached() throws IOException {
        assertThat(load("auto", false).train().name()).isEqualTo("cifar10");
        assertThat(messages.get(1)).contains("404", "DJL's repository is tried instead.");
        assertThat(messages).noneMatch(x -> x.contains("shapes"));
    }

    @Test
    void aFileThatTheUserBroughtIsTakenAndADamagedOneThrownAway() throws IOException {
        String missing = FOLDER + "cifar10/data_batch.bin.gz";
        byte[] zipped = server.files.remove(missing);
        Path place = places.djlCache().resolve(missing.substring(4));
        assertThat(Sentences.of(() -> load("djl:cifar10", false)))
                .contains("404", "put the file at '" + place + "'");
        Files.write(place, Arrays.copyOf(zipped, 100));
        assertThat(Sentences.of(() -> load("djl:cifar10", false))).startsWith("DJL cannot read");
        assertThat(place).doesNotExist();
        Files.write(place, zipped);
        assertThat(load("djl:cifar10", false).test().size()).isEqualTo(10);
    }

    @Test
    void offlineItSaysWhereItLookedAndNeverAsksTheNetwork() {
        assertThat(Sentences.of(() -> load("djl:fashion-mnist", true)))
                .contains(
                        places.djlCache().toString(), "fashmnist", "the network is not to be used");
        assertThat(server.requests).isEmpty();
        assertThat(places.djlCache()).doesNotExist();
    }

    @Test
    void withoutANetworkItIsOneSentenceSoon() {
        places = places(URI.create("http://no-such-host.invalid/"));
        long start = System.nanoTime();
        assertThat(Sentences.of(() -> load("djl:mnist", false)))
                .contains("Cannot reach http://no-such-host.invalid/djl/dataset/cv/");
        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    }

    @Test
    void otherContentIsRefusedAndNotKept() throws IOException {
        server.files.put(FOLDER + "cifar10/test_batch.bin.gz", IdxFiles.gzip(new byte[100]));
        assertThat(Sentences.of(() -> load("djl:cifar10", false))).contains("has SHA-1");
        assertThat(DjlRepository.directory(places.djlCache(), "cifar10")).doesNotExist();
        assertThat(load("auto", false).train().name()).isEqualTo("shapes");
    }

    @Test
    void damageInTheCacheIsOneSentenceThatNamesTheDirectory() throws IOException {
        load("djl:mnist", false);
        Path cached = DjlRepository.directory(places.djlCache(), "mnist");
        Files.write(cached.resolve("train-images-idx3-ubyte"), new byte[500]);
        assertThat(Sentences.of(() -> load("djl:mnist", true)))
                .startsWith("DJL cannot read '" + cached + "'");
        Files.delete(cached.resolve("train-images-idx3-ubyte"));
        assertThat(Sentences.of(() -> load("djl:mnist", true))).contains(cached.toString());
        Files.writeString(cached.resolveSibling("metadata.json"), "<html>");
        assertThat(Sentences.of(() -> load("djl:mnist", true)))
                .contains("has no whole metadata.json and the network is not to be used");
    }
}
