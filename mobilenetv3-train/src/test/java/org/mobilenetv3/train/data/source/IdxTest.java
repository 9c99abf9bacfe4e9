package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;

class IdxTest {
    @TempDir Path dir;

    private Splits read() throws IOException {
        return Idx.read("mnist", dir, Idx.MNIST_CLASSES, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void imagesAndLabelsAreReadGzippedOrNot(boolean gzip) throws IOException {
        IdxFiles.write(dir, 100, 20, gzip);
        Splits splits = read();
        assertThat(splits.train()).hasToString("mnist: 90 images (1, 28, 28) in 10 classes");
        assertThat(splits.validation().size()).isEqualTo(10);
        assertThat(splits.test().size()).isEqualTo(20);
        assertThat(splits.test().labels()[13]).isEqualTo(3);
        byte[] file = IdxFiles.images(20, 28);
        byte[] third = Arrays.copyOfRange(file, 16 + 2 * 784, 16 + 3 * 784);
        assertThat(splits.test().images()[2]).isEqualTo(third);
    }

    @Test
    void gzipIsKnownByContentWhateverTheName() throws IOException {
        IdxFiles.write(dir, 100, 20, false);
        Path labels = dir.resolve("train-labels-idx1-ubyte");
        Files.write(labels, IdxFiles.gzip(IdxFiles.labels(100)));
        assertThat(read().train().size()).isEqualTo(90);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        IdxFiles.write(dir, 20, 10, true);
        Files.delete(dir.resolve("t10k-labels-idx1-ubyte.gz"));
        assertThat(Sentences.of(this::read)).contains("t10k-labels-idx1-ubyte", dir.toString());
        assertThat(Idx.isAt(dir)).isTrue();
        assertThat(Idx.isAt(dir.resolve("elsewhere"))).isFalse();
    }

    @Test
    void labelsGivenAsImagesAreTold() throws IOException {
        IdxFiles.write(dir, 20, 10, false);
        Files.write(dir.resolve("train-images-idx3-ubyte"), IdxFiles.labels(20));
        assertThat(Sentences.of(this::read)).contains("0x00000801", "0x00000803");
    }

    @Test
    void aTruncatedFileIsTold() throws IOException {
        IdxFiles.write(dir, 20, 10, true);
        Path images = dir.resolve("train-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(images);
        Files.write(images, Arrays.copyOf(whole, whole.length / 2));
        assertThat(Sentences.of(this::read)).contains(images.toString(), "truncated");
    }

    @Test
    void aFileLongerThanItClaimsIsTold() throws IOException {
        IdxFiles.write(dir, 20, 10, false);
        Path labels = dir.resolve("train-labels-idx1-ubyte");
        Files.write(labels, Arrays.copyOf(Files.readAllBytes(labels), 8 + 21));
        assertThat(Sentences.of(this::read)).contains("goes on after its 20 labels");
    }

    @Test
    void imagesAndLabelsOfDifferentCountsAreTold() throws IOException {
        IdxFiles.write(dir, 20, 10, false);
        Files.write(dir.resolve("train-labels-idx1-ubyte"), IdxFiles.labels(19));
        assertThat(Sentences.of(this::read)).contains("19 labels", "20 images");
    }

    @Test
    void aLabelBeyondTheClassesIsTold() throws IOException {
        IdxFiles.write(dir, 20, 10, false);
        byte[] labels = IdxFiles.labels(20);
        labels[12] = 77;
        Files.write(dir.resolve("train-labels-idx1-ubyte"), labels);
        assertThat(Sentences.of(this::read)).contains("label 77", "0 to 9");
    }
}
