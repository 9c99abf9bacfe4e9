package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.image.Interpolation.BICUBIC;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Fit.CenterCrop;
import org.mobilenetv3.preprocessing.Fit.PadRight;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets.Places;
import org.mobilenetv3.train.data.source.Datasets.Request;

class DatasetsTest {
    @TempDir Path dir;
    private final List<String> messages = new ArrayList<>();
    private TestServer server;
    private Places places;

    @BeforeEach
    void prepare() throws IOException {
        server = new TestServer(new byte[1000]);
        places = places(server.uri(""));
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
                dir.resolve("djl"),
                dir.resolve("system"),
                new Environment(Map.of(), dir));
    }

    private Splits load(String name, Path data, Fit fit, boolean offline) throws IOException {
        return Datasets.load(new Request(name, data, fit, offline, 0, messages::add), places);
    }

    private Path cifar10(Path directory) throws IOException {
        return CifarFiles.write(directory, CifarFiles.files(CifarKind.CIFAR10, 20, 10));
    }

    @Test
    void autoOfflineFallsBackToShapesSaysSoAndNeverAsksTheNetwork() throws IOException {
        Splits splits = load("auto", null, null, true);
        assertThat(splits.train().name()).isEqualTo("shapes");
        assertThat(messages).hasSize(1);
        assertThat(messages.get(0)).contains("CIFAR-10", "Falling back to 'shapes'", "synthetic");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void autoFallsBackWhenTheServerRefuses() throws IOException {
        server.status = 503;
        assertThat(load("auto", null, null, false).train().name()).isEqualTo("shapes");
        assertThat(messages.get(0)).contains("Fetching");
        assertThat(messages.get(1)).contains("503", "DJL's repository is tried instead.");
        assertThat(messages.get(2)).contains("Fetching", "djl/dataset/cv");
        assertThat(messages.get(3)).contains("503", "Falling back");
        assertThat(server.requests).hasSize(2);
    }

    @Test
    void autoFallsBackWithinTenSecondsWhenThereIsNoNetwork() throws IOException {
        places = places(URI.create("http://no-such-host.invalid/"));
        long start = System.nanoTime();
        assertThat(load("auto", null, null, false).train().name()).isEqualTo("shapes");
        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
        assertThat(messages.get(1)).contains("name is not known", "DJL's repository");
        assertThat(messages.get(3)).contains("name is not known", "Falling back");
        assertThat(places.downloads()).doesNotExist();
        assertThat(places.djlCache()).doesNotExist();
    }

    @Test
    void aDownloadOfOtherContentIsNotUsed() throws IOException {
        assertThat(Sentences.of(() -> load("cifar10", null, null, false)))
                .contains("metadata.json", "does not describe a data set of DJL's");
        assertThat(messages.get(1)).contains("MD5", CifarKind.CIFAR10.md5());
        assertThat(places.downloads()).doesNotExist(); // nothing is left
        assertThat(load("auto", null, null, false).train().name()).isEqualTo("shapes");
    }

    @Test
    void autoTakesCifar10FromTheGivenPathOurDirectoryOrDjlsCache() throws IOException {
        Path djl = DjlRepository.directory(places.djlCache(), "cifar10");
        Files.createDirectories(djl);
        Files.write(djl.resolve("data_batch.bin"), CifarFiles.batch(CifarKind.CIFAR10, 30));
        Files.write(djl.resolve("test_batch.bin"), CifarFiles.batch(CifarKind.CIFAR10, 10));
        assertThat(load("auto", null, null, true).train().size()).isEqualTo(20);
        cifar10(places.downloads());
        assertThat(load("auto", null, null, true).train().size()).isEqualTo(90);
        Path given =
                CifarFiles.write(dir.resolve("own"), CifarFiles.files(CifarKind.CIFAR10, 40, 10));
        assertThat(load("auto", given, null, true).train().size()).isEqualTo(180);
        assertThat(messages).isEmpty();
    }

    @Test
    void autoDoesNotPassOverADamagedCifar10() throws IOException {
        Path archive = Files.write(dir.resolve("cifar.tar.gz"), new byte[100]);
        assertThat(Sentences.of(() -> load("auto", archive, null, true)))
                .contains(archive.toString(), "truncated");
    }

    @Test
    void autoDoesNotPassOverTheUsersOwnImages() throws IOException {
        Path idx = IdxFiles.write(dir.resolve("idx"), 20, 10, false);
        assertThat(Sentences.of(() -> load("auto", idx, null, true))).contains("fashion-mnist");
        Files.createDirectories(dir.resolve("photos/cat"));
        Files.writeString(dir.resolve("photos/cat/1.png"), "x");
        assertThat(Sentences.of(() -> load("auto", dir.resolve("photos"), null, true)))
                .contains("photos", "folder");
    }

    @Test
    void offlineCifar100SaysWhereItLooked() {
        assertThat(Sentences.of(() -> load("cifar100", null, null, true)))
                .contains("CIFAR-100", places.downloads().toString(), "network");
        assertThat(server.requests).isEmpty();
    }

    @Test
    void idxSetsAreFoundInTheUsualPlacesOrWhereTheUserSays() throws IOException {
        assertThat(Sentences.of(() -> load("mnist", null, null, true)))
                .contains(places.downloads().resolve("mnist").toString(), "--data");
        Path system = IdxFiles.write(places.system().resolve("fashion-mnist"), 20, 10, true);
        ImageSet found = load("fashion-mnist", null, null, true).train();
        assertThat(found.classes()).contains("Ankle boot");
        assertThat(Datasets.normalization(found)).isEqualTo(Normalization.FASHION_MNIST);
        assertThat(load("mnist", system, null, true).train().classes()).contains("9");
    }

    @Test
    void anInputSizeResizesAndOneThatDoesNotFitMemoryIsRefused() throws IOException {
        IdxFiles.write(places.system().resolve("mnist"), 20, 10, true);
        Splits splits = load("mnist", null, new CenterCrop(32, 36), true);
        assertThat(splits.test()).hasToString("mnist: 10 images (1, 32, 32) in 10 classes");
        Splits padded = load("mnist", null, new PadRight(32, 64), true);
        assertThat(padded.test()).hasToString("mnist: 10 images (1, 32, 64) in 10 classes");
        byte[] left = new byte[32 * 32];
        for (int y = 0; y < 32; y++) {
            System.arraycopy(padded.test().images()[3], 64 * y, left, 32 * y, 32);
        }
        assertThat(left).isEqualTo(splits.test().images()[3]);
        ImageSet given = load("mnist", null, null, true).test();
        ImageSet bicubic = load("mnist", null, new CenterCrop(32, 36, BICUBIC), true).test();
        assertThat(bicubic.image(3))
                .isEqualTo(given.image(3).resize(32, 32, BICUBIC))
                .isNotEqualTo(splits.test().image(3));
        Fit huge = new CenterCrop(20_000, 20_000);
        assertThat(Sentences.of(() -> load("mnist", null, huge, true))).contains("20000", "-Xmx");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNames() {
        assertThat(Sentences.of(() -> load("imagenet", null, null, true)))
                .contains(
                        "imagenet",
                        "auto, cifar10, cifar100, fashion-mnist, mnist, folder, shapes,"
                                + " djl:cifar10, djl:fashion-mnist, djl:mnist");
        assertThat(Sentences.of(() -> load("djl:banana", null, null, true)))
                .contains("'djl:banana'", "djl:cifar10");
        assertThat(Sentences.of(() -> load("djl:mnist", dir, null, true)))
                .contains("leave out --data", "--dataset mnist");
        assertThat(Sentences.of(() -> load("folder", null, null, true))).contains("--data");
    }

    @Test
    void everyNamedSetHasANormalizationForItsChannels() throws IOException {
        assertThat(Datasets.normalization(load("shapes", null, null, true).test()).channels())
                .isEqualTo(3);
        ImageSet cifar = load("cifar10", cifar10(dir.resolve("c")), null, true).test();
        assertThat(Datasets.normalization(cifar)).isEqualTo(Normalization.CIFAR10);
    }
}
