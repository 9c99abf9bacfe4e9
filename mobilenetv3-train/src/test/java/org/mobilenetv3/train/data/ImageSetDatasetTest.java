package org.mobilenetv3.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.source.SyntheticShapes;

class ImageSetDatasetTest {
    private static final ImageSet SET = SyntheticShapes.generate("train", 10, 3);
    private static final Augmentation AUGMENTATION =
            Augmentation.builder()
                    .optCropPadding(4)
                    .optHorizontalFlip(true)
                    .optTrivialAugment(true)
                    .optRandomErasing(0.5)
                    .build();

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

    private static ImageSetDataset.Builder builder() {
        return ImageSetDataset.builder()
                .setSet(SET)
                .setSampling(4, false)
                .optNormalization(Normalization.CIFAR10)
                .optAugmentation(AUGMENTATION)
                .optSeed(7);
    }

    private List<float[]> epoch(RandomAccessDataset dataset, ExecutorService threads)
            throws Exception {
        List<float[]> batches = new ArrayList<>();
        for (ai.djl.training.dataset.Batch batch : dataset.getData(manager, threads)) {
            try (batch) {
                NDArray data = batch.getData().singletonOrThrow();
                NDArray labels = batch.getLabels().singletonOrThrow();
                assertThat(data.getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(data.getShape()).isEqualTo(new Shape(batch.getSize(), 3, 32, 32));
                assertThat(labels.getShape()).isEqualTo(new Shape(batch.getSize()));
                long first = 4L * batches.size();
                assertThat(labels.toLongArray()).startsWith(first, first + 1);
                batches.add(data.toFloatArray());
            }
        }
        return batches;
    }

    private List<float[]> ours(int epoch) {
        List<float[]> batches = new ArrayList<>();
        try (BatchLoader loader =
                BatchLoader.builder()
                        .setSet(SET)
                        .setBatchSize(4)
                        .optNormalization(Normalization.CIFAR10)
                        .optAugmentation(AUGMENTATION)
                        .optSeed(7)
                        .build()) {
            for (Batch batch : loader.epoch(epoch)) {
                try (batch) {
                    float[] values = new float[(int) batch.shape().size()];
                    batch.pixels().asFloatBuffer().get(values);
                    batches.add(values);
                }
            }
        }
        return batches;
    }

    private static void requireSame(List<float[]> found, List<float[]> expected) {
        assertThat(found.toArray(float[][]::new)).isDeepEqualTo(expected.toArray(float[][]::new));
    }

    @Test
    void everyEpochHasTheImagesOfOurOwnLoader() throws Exception {
        ImageSetDataset dataset = builder().build();
        requireSame(epoch(dataset, null), ours(0));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            requireSame(epoch(dataset, threads), ours(1));
        } finally {
            threads.shutdown();
        }
        dataset.setEpoch(5);
        requireSame(epoch(dataset, null), ours(5));
        requireSame(epoch(dataset, null), ours(6));
        assertThat(ours(0).get(0)).isNotEqualTo(ours(1).get(0));
    }

    @Test
    void aRecordIsOneImageAndItsClass() {
        ImageSetDataset dataset = builder().build();
        Record record = dataset.get(manager, 3);
        assertThat(record.getData().singletonOrThrow().getShape()).isEqualTo(new Shape(3, 32, 32));
        assertThat(record.getLabels().singletonOrThrow().getLong()).isEqualTo(3);
        assertThat(dataset.size()).isEqualTo(10);
        assertThat(builder().optLimit(6).build().size()).isEqualTo(6);
    }

    @Test
    void whatDoesNotFitIsOneSentence() {
        Augmentation mixup = Augmentation.builder().optMixup(0.2).build();
        assertThat(Sentences.of(() -> builder().optAugmentation(mixup).build()))
                .contains("Mixup and cutmix");
        assertThat(Sentences.of(() -> builder().optNormalization(Normalization.MNIST).build()))
                .contains("for 1 channels but the images have 3");
        assertThat(Sentences.of(() -> ImageSetDataset.builder().setSampling(1, true).build()))
                .contains("needs images");
    }
}
