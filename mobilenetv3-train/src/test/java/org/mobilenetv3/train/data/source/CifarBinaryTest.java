package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.data.source.CifarKind.CIFAR10;
import static org.mobilenetv3.train.data.source.CifarKind.CIFAR100;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;

class CifarBinaryTest {
    @TempDir Path dir;

    private Path archive(CifarKind kind, Map<String, byte[]> files) throws IOException {
        return Files.write(dir.resolve(kind.archive()), CifarFiles.archive(kind, files));
    }

    @ParameterizedTest
    @EnumSource
    void theArchiveItsDirectoryAndItsFilesGiveTheSameImages(CifarKind kind) throws IOException {
        Map<String, byte[]> files = CifarFiles.files(kind, 200, 30);
        Path archive = archive(kind, files);
        Splits fromArchive = CifarBinary.read(kind, archive, 1);
        Splits fromDirectory = CifarBinary.read(kind, dir, 1);
        Path folder = CifarFiles.write(dir.resolve("x").resolve(kind.folder()), files);
        Splits fromFolder = CifarBinary.read(kind, folder, 1);
        Splits fromParent = CifarBinary.read(kind, dir.resolve("x"), 1);
        int train = 200 * kind.trainFiles().size();
        assertThat(fromArchive.train().size() + fromArchive.validation().size()).isEqualTo(train);
        for (Splits splits : new Splits[] {fromDirectory, fromFolder, fromParent}) {
            assertThat(splits.train().images()).isDeepEqualTo(fromArchive.train().images());
            assertThat(splits.train().labels()).isEqualTo(fromArchive.train().labels());
            assertThat(splits.test().images()).isDeepEqualTo(fromArchive.test().images());
        }
        ImageSet test = fromArchive.test();
        assertThat(test.labels()[17]).isEqualTo(17 % kind.classes().size());
        assertThat(test.images()[17][0]).isEqualTo((byte) 17);
        assertThat(test.images()[17]).hasSize(3072);
    }

    @Test
    void djlsCacheWithOneTrainingFileIsRead() throws IOException {
        Files.write(dir.resolve("data_batch.bin"), CifarFiles.batch(CIFAR10, 100));
        Files.write(dir.resolve("test_batch.bin"), CifarFiles.batch(CIFAR10, 10));
        assertThat(CifarBinary.isAt(CIFAR10, dir)).isTrue();
        Splits splits = CifarBinary.read(CIFAR10, dir, 0);
        assertThat(splits.train().size()).isEqualTo(90);
        assertThat(splits.train().classes()).isEqualTo(CIFAR10.classes());
    }

    @Test
    void classNamesComeFromTheFileWhenItIsThere() throws IOException {
        Map<String, byte[]> files = CifarFiles.files(CIFAR10, 20, 10);
        String names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        files.put(CIFAR10.namesFile(), names.getBytes(StandardCharsets.UTF_8));
        archive(CIFAR10, files);
        assertThat(CifarBinary.read(CIFAR10, dir, 0).test().classes()).startsWith("a", "b");
        files.put(CIFAR10.namesFile(), "a\nb\n".getBytes(StandardCharsets.UTF_8));
        archive(CIFAR10, files);
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, dir, 0))).contains("2 class names");
    }

    @Test
    void theStandardNamesAreComplete() {
        assertThat(CIFAR10.classes()).hasSize(10).doesNotHaveDuplicates().isSorted();
        assertThat(CIFAR100.classes()).hasSize(100).doesNotHaveDuplicates().isSorted();
        assertThat(CIFAR100.classes().get(99)).isEqualTo("worm");
    }

    @Test
    void aTruncatedArchiveIsOneSentenceWhereverItIsCut() throws IOException {
        byte[] whole = CifarFiles.archive(CIFAR10, CifarFiles.files(CIFAR10, 20, 10));
        Path archive = dir.resolve(CIFAR10.archive());
        for (int cut :
                new int[] {0, 1, 5, 100, whole.length / 2, whole.length - 9, whole.length - 1}) {
            Files.write(archive, Arrays.copyOf(whole, cut));
            assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, archive, 0)))
                    .as("cut at %d of %d", cut, whole.length)
                    .contains(archive.toString(), "truncated");
        }
    }

    @Test
    void aBitFlippedInTheArchiveIsFoundByItsChecksum() throws IOException {
        byte[] bytes = CifarFiles.archive(CIFAR10, CifarFiles.files(CIFAR10, 20, 10));
        bytes[bytes.length - 6] ^= 1; // in the stored checksum
        Path archive = Files.write(dir.resolve(CIFAR10.archive()), bytes);
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, archive, 0))).contains("fetch");
    }

    @Test
    void aMissingBatchIsNamed() throws IOException {
        Map<String, byte[]> files = CifarFiles.files(CIFAR10, 20, 10);
        files.remove("data_batch_3.bin");
        archive(CIFAR10, files);
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, dir, 0)))
                .contains("data_batch_3.bin", dir.toString());
    }

    @Test
    void aFileOfTheWrongSizeIsNamed() throws IOException {
        Map<String, byte[]> files = CifarFiles.files(CIFAR100, 20, 10);
        files.put("train.bin", Arrays.copyOf(files.get("train.bin"), 5000));
        CifarFiles.write(dir, files);
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR100, dir, 0)))
                .contains("train.bin", "5000 bytes");
    }

    @Test
    void aLabelBeyondTheClassesIsTold() throws IOException {
        Map<String, byte[]> files = CifarFiles.files(CIFAR10, 20, 10);
        files.get("test_batch.bin")[3073] = 10;
        CifarFiles.write(dir, files);
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, dir, 0)))
                .contains("test_batch.bin", "label 10");
    }

    @Test
    void anEmptyDirectoryHoldsNoCifar() {
        assertThat(CifarBinary.isAt(CIFAR10, dir)).isFalse();
        assertThat(Sentences.of(() -> CifarBinary.read(CIFAR10, dir, 0)))
                .contains("CIFAR-10", dir.toString());
    }
}
