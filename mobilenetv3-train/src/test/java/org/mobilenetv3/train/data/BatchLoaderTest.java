package org.mobilenetv3.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.source.SyntheticShapes;

@Timeout(60)
class BatchLoaderTest {
    private final ImageSet set = SyntheticShapes.generate("train", 101, 5);

    private BatchLoader.Builder training(int threads) {
        return BatchLoader.builder()
                .setSet(set)
                .setBatchSize(16)
                .optAugmentation(Augmentation.CIFAR)
                .optShuffle(true)
                .optSeed(3)
                .optThreads(threads);
    }

    private record Copy(List<Float> pixels, List<Long> labels, List<Integer> indices) {}

    private static Copy copy(Batch batch) {
        List<Float> pixels = new ArrayList<>();
        ByteBuffer bytes = batch.pixels();
        while (bytes.hasRemaining()) {
            pixels.add(bytes.getFloat());
        }
        return new Copy(
                pixels,
                Arrays.stream(batch.labels()).boxed().toList(),
                Arrays.stream(batch.indices()).boxed().toList());
    }

    private static List<Copy> epoch(BatchLoader loader, int epoch) {
        List<Copy> copies = new ArrayList<>();
        for (Batch batch : loader.epoch(epoch)) {
            try (batch) {
                copies.add(copy(batch));
            }
        }
        return copies;
    }

    private static List<Copy> epoch(BatchLoader.Builder builder, int epoch) {
        try (BatchLoader loader = builder.build()) {
            return epoch(loader, epoch);
        }
    }

    private static List<Integer> indices(List<Copy> copies) {
        return copies.stream().flatMap(c -> c.indices().stream()).toList();
    }

    @Test
    void batchesAreTheSameForAnyNumberOfThreads() {
        List<Copy> one = epoch(training(1), 4);
        assertThat(epoch(training(2), 4)).isEqualTo(one);
        assertThat(epoch(training(7).optPrefetch(5), 4)).isEqualTo(one);
    }

    @Test
    void anEpochDoesNotDependOnTheEpochsBeforeIt() {
        try (BatchLoader loader = training(2).build()) {
            List<Copy> later = epoch(loader, 1);
            assertThat(epoch(loader, 0)).isNotEqualTo(later);
            assertThat(epoch(loader, 1)).isEqualTo(later);
            assertThat(epoch(training(2).optSeed(4), 1)).isNotEqualTo(later);
        }
    }

    @Test
    void anEpochHasEveryImageOnceInAShuffledOrderWithItsLabel() {
        List<Copy> copies = epoch(training(2), 0);
        assertThat(copies).hasSize(7);
        assertThat(copies.get(6).labels()).hasSize(101 - 6 * 16);
        List<Integer> order = indices(copies);
        List<Integer> all = IntStream.range(0, 101).boxed().toList();
        assertThat(order).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(all);
        for (Copy copy : copies) {
            for (int i = 0; i < copy.labels().size(); i++) {
                assertThat(copy.labels().get(i)).isEqualTo(set.labels()[copy.indices().get(i)]);
            }
        }
    }

    @Test
    void withoutShuffleImagesComeInOrderNormalizedAndWhole() {
        List<Copy> copies =
                epoch(
                        BatchLoader.builder()
                                .setSet(set)
                                .setBatchSize(50)
                                .optNormalization(Normalization.CIFAR10),
                        0);
        assertThat(indices(copies)).isEqualTo(IntStream.range(0, 101).boxed().toList());
        assertThat(copies.get(2).labels()).hasSize(1); // kept: evaluation needs every image
        float[] expected = new float[3072];
        Normalization.CIFAR10.apply(set.images()[51], 1024, expected, 0);
        List<Float> second = copies.get(1).pixels().subList(3072, 6144);
        for (int i = 0; i < expected.length; i++) {
            assertThat(second.get(i)).isEqualTo(expected[i]);
        }
    }

    @Test
    void aLastBatchOfOneImageIsDroppedWhenShuffledOnly() {
        BatchLoader.Builder builder = training(1).setBatchSize(50);
        try (BatchLoader loader = builder.build()) {
            assertThat(loader.batches()).isEqualTo(2);
            assertThat(loader.images()).isEqualTo(100);
            assertThat(indices(epoch(loader, 0))).hasSize(100);
        }
        assertThat(indices(epoch(builder.optShuffle(false), 0))).hasSize(101);
        assertThat(indices(epoch(builder.optShuffle(true).setBatchSize(1), 0))).hasSize(101);
    }

    @Test
    void augmentationIsACropOfTheZeroPaddedImageFlippedHalfOfTheTime() {
        int[] flips = new int[2];
        Map<Integer, Integer> offsets = new HashMap<>();
        try (BatchLoader loader = training(2).build()) {
            for (int epoch = 0; epoch < 20; epoch++) {
                for (Copy copy : epoch(loader, epoch)) {
                    int found = find(set.images()[copy.indices().get(0)], copy.pixels());
                    assertThat(found).as("crop and flip of the padded image").isNotNegative();
                    flips[found % 2]++;
                    offsets.merge(found / 2, 1, Integer::sum);
                }
            }
        }
        assertThat(flips[0]).isBetween(40, 100);
        assertThat(offsets).hasSizeGreaterThan(50); // of 81
    }

    @Test
    void anImageIsAugmentedDifferentlyInEachEpochAndFromItsNeighbor() {
        ImageSet twins = set.subset(new int[] {1, 1});
        BatchLoader.Builder builder =
                BatchLoader.builder()
                        .setSet(twins)
                        .setBatchSize(2)
                        .optAugmentation(Augmentation.builder().optCropPadding(16).build());
        List<Float> first = epoch(builder, 0).get(0).pixels();
        List<Float> second = epoch(builder, 1).get(0).pixels();
        assertThat(second.subList(0, 3072)).isNotEqualTo(first.subList(0, 3072));
        assertThat(first.subList(3072, 6144)).isNotEqualTo(first.subList(0, 3072));
    }

    /** Which crop and flip of an image the first values of a batch are: 2 * (9 * y + x) + flip. */
    private static int find(byte[] image, List<Float> values) {
        for (int which = 0; which < 162; which++) {
            if (matches(image, values, which / 18, which / 2 % 9, which % 2 == 1)) {
                return which;
            }
        }
        return -1;
    }

    private static boolean matches(
            byte[] image, List<Float> values, int top, int left, boolean flip) {
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 32; y++) {
                for (int x = 0; x < 32; x++) {
                    int sourceY = y + top - 4;
                    int sourceX = (flip ? 31 - x : x) + left - 4;
                    boolean inside = sourceY >= 0 && sourceY < 32 && sourceX >= 0 && sourceX < 32;
                    int sample = inside ? image[(c * 32 + sourceY) * 32 + sourceX] & 0xFF : 0;
                    if (values.get((c * 32 + y) * 32 + x) != sample / 255f) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Test
    void paddingWiderThanTheImageIsAllowed() {
        ImageSet tiny =
                new ImageSet("tiny", List.of("a"), 1, 2, 3, new byte[][] {new byte[6]}, new int[1]);
        BatchLoader.Builder builder =
                BatchLoader.builder()
                        .setSet(tiny)
                        .setBatchSize(1)
                        .optAugmentation(Augmentation.CIFAR.toBuilder().optCropPadding(9).build());
        for (int seed = 0; seed < 50; seed++) {
            assertThat(epoch(builder.optSeed(seed), 0).get(0).pixels()).hasSize(6).containsOnly(0f);
        }
    }

    @Test
    void memoryStaysFlatBecauseClosedBatchesAreUsedAgain() {
        try (BatchLoader loader = training(2).build()) {
            for (int epoch = 0; epoch < 30; epoch++) {
                assertThat(epoch(loader, epoch)).hasSize(7);
            }
            assertThat(loader.buffersMade()).isLessThanOrEqualTo(6);
        }
    }

    @Test
    void memoryOfAnOpenBatchIsNotUsedAgain() {
        try (BatchLoader loader = training(2).build()) {
            List<Batch> open = new ArrayList<>();
            loader.epoch(0).forEach(open::add);
            List<Copy> copies = open.stream().map(BatchLoaderTest::copy).toList();
            epoch(loader, 1);
            assertThat(open.stream().map(BatchLoaderTest::copy).toList()).isEqualTo(copies);
        }
    }

    @Test
    void aClosedBatchRefusesItsPixelsAndMayBeClosedAgain() {
        try (BatchLoader loader = training(1).build()) {
            Batch batch = loader.epoch(0).iterator().next();
            assertThat(batch.pixels().isDirect()).isTrue();
            assertThat(batch.pixels().order()).isEqualTo(ByteOrder.nativeOrder());
            batch.close();
            batch.close();
            assertThatThrownBy(batch::pixels).hasMessageContaining("closed already");
        }
    }

    @Test
    void abandonedIterationsNeitherHangNorPileUpMemoryOrThreads() {
        try (BatchLoader loader = training(2).build()) {
            for (int i = 0; i < 100; i++) {
                Iterator<Batch> abandoned = loader.epoch(i).iterator();
                abandoned.next().close();
            }
            assertThat(epoch(loader, 0)).isEqualTo(epoch(training(1), 0));
            // Two iterations' worth: the one that ends may still be at work while the next begins.
            assertThat(loader.buffersMade()).isLessThanOrEqualTo(12);
        }
        assertThat(threads()).isLessThanOrEqualTo(8);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("batch-loader-"))
                .filter(Thread::isAlive)
                .count();
    }

    @Test
    void closingEndsTheIterationAndTheThreads() throws InterruptedException {
        BatchLoader loader = training(2).build();
        Iterator<Batch> iterator = loader.epoch(0).iterator();
        iterator.next();
        loader.close();
        assertThatThrownBy(iterator::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended before batch 2 of 7");
        assertThatThrownBy(() -> loader.epoch(0).iterator()).hasMessageContaining("closed");
        for (int i = 0; i < 100 && threads() > 0; i++) {
            Thread.sleep(50);
        }
        assertThat(threads()).isZero();
    }

    @Test
    void whatGoesWrongInAWorkerReachesTheConsumer() {
        ImageSet broken = SyntheticShapes.generate("train", 40, 1);
        try (BatchLoader loader = BatchLoader.builder().setSet(broken).setBatchSize(8).build()) {
            broken.images()[20] = null;
            Iterator<Batch> iterator = loader.epoch(0).iterator();
            iterator.next();
            iterator.next();
            assertThatThrownBy(iterator::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Batch 3 of 5")
                    .hasCauseInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void aTensorOfABatchHoldsItsPixels() {
        try (BatchLoader loader = training(1).build();
                Batch batch = loader.epoch(0).iterator().next();
                NDManager manager = NDManager.newBaseManager()) {
            NDArray tensor = batch.toTensor(manager);
            assertThat(tensor.getShape()).isEqualTo(new Shape(16, 3, 32, 32));
            Copy copy = copy(batch);
            assertThat(tensor.toFloatArray()).hasSize(copy.pixels().size());
            assertThat(tensor.getFloat(15, 2, 31, 31)).isEqualTo(copy.pixels().get(16 * 3072 - 1));
        }
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheValue() {
        assertThatThrownBy(() -> BatchLoader.builder().setBatchSize(2).build())
                .hasMessageContaining("no images");
        assertThatThrownBy(() -> training(0).build()).hasMessageContaining("threads is 0");
        assertThatThrownBy(() -> training(1).setBatchSize(0).build())
                .hasMessageContaining("batch size is 0");
        assertThatThrownBy(() -> training(1).optNormalization(Normalization.MNIST).build())
                .hasMessageContaining("1 channels but the images have 3");
        assertThatThrownBy(() -> training(1).setSet(set.subset(new int[] {1})).build())
                .hasMessageContaining("at least 2");
        assertThatThrownBy(() -> Augmentation.builder().optCropPadding(-1).build())
                .hasMessageContaining("-1");
    }
}
