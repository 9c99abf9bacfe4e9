package org.mobilenetv3.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.basicdataset.cv.classification.ImageFolder;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;

/** {@link Datasets#of}: what DJL's data sets hold, and what they might. */
class DjlRecordsTest {
    @TempDir Path dir;
    private NDManager manager;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray counting(long... shape) {
        return manager.arange((int) new Shape(shape).size()).reshape(new Shape(shape));
    }

    private static RandomAccessDataset dataset(NDArray data, NDArray labels) {
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(labels)
                .addTransform(new ToTensor()) // not applied
                .setSampling(1, false)
                .build();
    }

    private RandomAccessDataset dataset(NDArray data) {
        return dataset(data, manager.create(new float[] {1, 0}));
    }

    @Test
    void channelsMayBeLastOrFirstOrMissing() throws IOException {
        ImageSet last = Datasets.of("x", dataset(counting(2, 2, 4, 3)));
        assertThat(last).hasToString("x: 2 images (3, 2, 4) in 2 classes");
        assertThat(last.classes()).containsExactly("class_0", "class_1");
        assertThat(last.labels()).containsExactly(1, 0);
        assertThat(last.images()[0])
                .containsExactly(
                        0, 3, 6, 9, 12, 15, 18, 21, 1, 4, 7, 10, 13, 16, 19, 22, 2, 5, 8, 11, 14,
                        17, 20, 23);
        NDArray first = counting(2, 2, 4, 3).transpose(0, 3, 1, 2);
        assertThat(Datasets.of("x", dataset(first)).images()).isDeepEqualTo(last.images());
        ImageSet gray = Datasets.of("x", dataset(counting(2, 4, 5).toType(DataType.UINT8, false)));
        assertThat(gray).hasToString("x: 2 images (1, 4, 5) in 2 classes");
        assertThat(gray.images()[1]).startsWith(20, 21, 22);
    }

    @Test
    void samplesAboveAByteOfJavaAndClassNamesAreKept() throws IOException {
        NDArray bright = manager.full(new Shape(2, 4, 4, 1), 254.6f);
        ImageSet set = Datasets.of("x", List.of("no", "yes", "perhaps"), dataset(bright));
        assertThat(set.images()[1]).containsOnly((byte) 255);
        assertThat(set.classes()).containsExactly("no", "yes", "perhaps");
    }

    @Test
    void anImageFolderTellsItsClassesAndIsResizedByDjl() throws IOException {
        image("dog/1.png", 8, 8, 0x0000FF);
        image("cat/1.png", 8, 8, 0x102030);
        image("cat/2.png", 8, 8, 0xFFFFFF);
        RandomAccessDataset plain =
                ImageFolder.builder().setRepositoryPath(dir).setSampling(1, true).build();
        ImageSet set = Datasets.of("pets", plain);
        assertThat(set).hasToString("pets: 3 images (3, 8, 8) in 2 classes");
        assertThat(set.classes()).containsExactly("cat", "dog");
        assertThat(set.labels()).containsOnly(0, 1).containsOnlyOnce(1);
        int dog = set.labels()[0] == 1 ? 0 : set.labels()[1] == 1 ? 1 : 2;
        assertThat(set.image(dog).data()).startsWith(0, 0).endsWith(255, 255);

        image("cat/3.png", 10, 6, 0x808080);
        ImageFolder mixed =
                ImageFolder.builder().setRepositoryPath(dir).setSampling(1, true).build();
        assertThat(Sentences.of(() -> Datasets.of("pets", mixed)))
                .contains("images of different shapes", "(6, 10, 3)", "(8, 8, 3)", "optImageSize");
        Files.writeString(dir.resolve("cat/3.png"), "no image");
        assertThat(Sentences.of(() -> Datasets.of("pets", mixed)))
                .startsWith("DJL cannot read record");
        image("cat/3.png", 10, 6, 0x808080);
        ImageFolder alike =
                ImageFolder.builder()
                        .setRepositoryPath(dir)
                        .optImageSize(4)
                        .setSampling(1, true)
                        .build();
        assertThat(Datasets.of("pets", alike)).hasToString("pets: 4 images (3, 4, 4) in 2 classes");
    }

    private void image(String name, int width, int height, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, rgb);
        }
        Path file = dir.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    private String refusal(RandomAccessDataset dataset) {
        return Sentences.of(() -> Datasets.of("odd", dataset));
    }

    @Test
    void whatIsNoImageWithOneClassIsRefused() {
        assertThat(refusal(dataset(counting(2, 7)))).contains("'odd'", "record 0", "one image");
        assertThat(refusal(dataset(counting(2, 4, 4, 4)))).contains("1 or 3 channels");
        NDArray images = counting(2, 4, 4, 1);
        assertThat(refusal(dataset(images, manager.create(new float[] {0, 1.5f}))))
                .contains("label 1.5 in record 1");
        assertThat(refusal(dataset(images, manager.create(new float[] {0, -1}))))
                .contains("label -1.0");
        assertThat(refusal(dataset(images, manager.create(new float[] {0, 2e9f}))))
                .contains("label 2.0E9");
        assertThat(refusal(dataset(images, manager.zeros(new Shape(2, 5)))))
                .contains("as label of record 0; expected one class index");
        RandomAccessDataset two =
                new ArrayDataset.Builder()
                        .setData(images, images)
                        .optLabels(manager.zeros(new Shape(2)))
                        .setSampling(1, false)
                        .build();
        assertThat(refusal(two)).contains("as data of record 0");
        assertThat(Sentences.of(() -> Datasets.of("odd", List.of("only"), dataset(images))))
                .contains("has label 1; expected 0 to 0");
    }

    @Test
    void pixelsThatAreScaledAlreadyAreRefused() {
        assertThat(refusal(dataset(counting(2, 4, 4, 1).div(255))))
                .contains("samples of 0 to 1", "0 to 255");
        assertThat(refusal(dataset(counting(2, 4, 4, 1).sub(8)))).contains("sample -8.0");
        assertThat(refusal(dataset(manager.full(new Shape(2, 4, 4, 1), Float.NaN))))
                .contains("sample NaN");
        assertThat(refusal(dataset(manager.full(new Shape(2, 4, 4, 1), 256f))))
                .contains("sample 256.0 in record 0");
    }

    @Test
    void aPartOfADataSetIsOneToo() throws Exception {
        RandomAccessDataset part = dataset(counting(2, 4, 4, 1)).subDataset(1, 2);
        assertThat(Datasets.of("x", part).images()[0]).startsWith(16, 17);
        RandomAccessDataset none = dataset(counting(2, 4, 4, 1)).subDataset(1, 1);
        assertThat(refusal(none)).contains("has no records");
    }
}
