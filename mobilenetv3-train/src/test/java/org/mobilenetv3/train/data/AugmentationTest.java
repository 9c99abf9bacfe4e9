package org.mobilenetv3.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.JsonUtils;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.source.SyntheticShapes;

/** Augmentations as they come out of the loader. */
@Timeout(60)
class AugmentationTest {
    private final ImageSet set = SyntheticShapes.generate("train", 42, 5);

    private record Made(float[] pixels, long[] labels, long[] partners, double share, int[] order) {
        static Made of(Batch batch) {
            ByteBuffer bytes = batch.pixels();
            float[] pixels = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(pixels);
            return new Made(
                    pixels, batch.labels(), batch.partners(), batch.share(), batch.indices());
        }

        float[] image(int i) {
            return Arrays.copyOfRange(pixels, i * 3072, (i + 1) * 3072);
        }

        @Override
        public String toString() {
            return Arrays.hashCode(pixels) + Arrays.toString(partners) + share;
        }
    }

    private static Augmentation.Builder with() {
        return Augmentation.builder();
    }

    private static BatchLoader.Builder training(ImageSet set, Augmentation augmentation) {
        return BatchLoader.builder()
                .setSet(set)
                .setBatchSize(16)
                .optAugmentation(augmentation)
                .optNormalization(Normalization.CIFAR10)
                .optShuffle(true)
                .optSeed(3)
                .optThreads(1);
    }

    private static List<Made> epoch(BatchLoader.Builder builder, int epoch, int skipped) {
        List<Made> made = new ArrayList<>();
        try (BatchLoader loader = builder.build()) {
            for (Batch batch : loader.epoch(epoch, skipped)) {
                try (batch) {
                    made.add(Made.of(batch));
                }
            }
        }
        return made;
    }

    private List<Made> epoch(Augmentation augmentation, int epoch) {
        return epoch(training(set, augmentation), epoch, 0);
    }

    static Stream<Augmentation> each() {
        return Stream.of(
                with().optResizedCrop(0.3).build(),
                with().optColorJitter(0.4).build(),
                with().optTrivialAugment(true).build(),
                with().optRandomErasing(0.5).build(),
                with().optCutout(8).build(),
                with().optMixup(0.2).build(),
                with().optCutmix(1).build(),
                with().optMixup(1).optCutmix(1).build(),
                new Augmentation(4, true, 0, 0.4, true, 0.5, 8, 0.2, 1));
    }

    @ParameterizedTest
    @MethodSource("each")
    void batchesAreTheSameForAnyThreadsAndWhenAnEpochIsResumed(Augmentation augmentation) {
        List<String> whole = texts(epoch(training(set, augmentation), 2, 0));
        assertThat(whole).hasSize(3);
        assertThat(texts(epoch(training(set, augmentation).optThreads(3), 2, 0))).isEqualTo(whole);
        assertThat(texts(epoch(training(set, augmentation), 2, 1))).isEqualTo(whole.subList(1, 3));
        assertThat(texts(epoch(training(set, augmentation), 1, 0)))
                .doesNotContainAnyElementsOf(whole);
        assertThat(texts(epoch(training(set, augmentation).optSeed(4), 2, 0)))
                .doesNotContainAnyElementsOf(whole);
        assertThat(texts(epoch(training(set, Augmentation.NONE), 2, 0)))
                .doesNotContainAnyElementsOf(whole);
    }

    private static List<String> texts(List<Made> made) {
        return made.stream().map(Made::toString).toList();
    }

    @Test
    void grayImagesTakeEveryAugmentation() {
        byte[][] images = new byte[6][12 * 9];
        for (int i = 0; i < 6 * 108; i++) {
            images[i / 108][i % 108] = (byte) (i * 7);
        }
        ImageSet gray = new ImageSet("grey", List.of("a"), 1, 12, 9, images, new int[6]);
        for (Augmentation augmentation : each().toList()) {
            BatchLoader.Builder builder =
                    training(gray, augmentation).optNormalization(Normalization.MNIST);
            for (int e = 0; e < 20; e++) {
                assertThat(epoch(builder, e, 0).get(0).pixels()).hasSize(6 * 108);
            }
        }
    }

    /** A jitter so weak that every factor is 1 takes the way over 8-bit copies. */
    @Test
    void cropAndFlipAreTheSameWithAndWithoutCopies() {
        Augmentation copying = Augmentation.CIFAR.toBuilder().optColorJitter(1e-12).build();
        for (int e = 0; e < 5; e++) {
            List<Made> direct = epoch(Augmentation.CIFAR, e);
            List<Made> copied = epoch(copying, e);
            for (int i = 0; i < direct.size(); i++) {
                assertThat(copied.get(i).pixels()).containsExactly(direct.get(i).pixels());
            }
        }
    }

    @Test
    void halfOfTheImagesAreMirrored() {
        int whole = 0;
        for (int e = 0; e < 50; e++) {
            List<Made> plain = epoch(Augmentation.NONE, e);
            List<Made> flipped = epoch(with().optHorizontalFlip(true).build(), e);
            for (int b = 0; b < plain.size(); b++) {
                for (int i = 0; i < plain.get(b).labels().length; i++) {
                    boolean same = Arrays.equals(plain.get(b).image(i), flipped.get(b).image(i));
                    whole += same ? 1 : 0;
                }
            }
        }
        assertThat(whole).isBetween(940, 1160); // of 2,100
    }

    /** Without a sample of 0.4914 * 255 and so on, 0 after normalization means erased. */
    @Test
    void erasedPixelsAreZeroAfterNormalizationAndTheOthersUntouched() {
        int erased = 0;
        int images = 0;
        for (int e = 0; e < 30; e++) {
            List<Made> plain = epoch(Augmentation.NONE, e);
            List<Made> made = epoch(with().optRandomErasing(0.25).build(), e);
            for (int b = 0; b < plain.size(); b++) {
                for (int i = 0; i < plain.get(b).labels().length; i++) {
                    erased += zeros(plain.get(b).image(i), made.get(b).image(i)) > 0 ? 1 : 0;
                    images++;
                }
            }
        }
        assertThat((double) erased / images).isBetween(0.19, 0.31);
        for (Made batch : epoch(with().optCutout(8).build(), 0)) {
            for (int i = 0; i < batch.labels().length; i++) {
                assertThat(zeros(null, batch.image(i))).isBetween(3 * 16, 3 * 64);
            }
        }
    }

    private static int zeros(float[] before, float[] after) {
        int zeros = 0;
        for (int i = 0; i < after.length; i++) {
            if (after[i] == 0) {
                zeros++;
            } else if (before != null) {
                assertThat(after[i]).isEqualTo(before[i]);
            }
        }
        return zeros;
    }

    @Test
    void aMixedBatchIsItsImagesAndTheOnesBeforeThemAlsoInTheSmallerLastBatch() {
        List<Made> plain = epoch(Augmentation.NONE, 0);
        List<Made> mixed = epoch(with().optMixup(1).build(), 0);
        assertThat(mixed.get(2).labels()).hasSize(42 - 2 * 16);
        for (int b = 0; b < 3; b++) {
            Made batch = mixed.get(b);
            int size = batch.labels().length;
            float own = (float) batch.share();
            assertThat(batch.share())
                    .isBetween(0.0, 1.0)
                    .isNotEqualTo(mixed.get((b + 1) % 3).share());
            for (int i = 0; i < size; i++) {
                int before = (i + size - 1) % size;
                assertThat(batch.labels()[i]).isEqualTo(set.labels()[batch.order()[i]]);
                assertThat(batch.partners()[i]).isEqualTo(set.labels()[batch.order()[before]]);
                float[] a = plain.get(b).image(i);
                float[] other = plain.get(b).image(before);
                float[] image = batch.image(i);
                for (int k = 0; k < image.length; k++) {
                    assertThat(Math.abs(image[k] - own * a[k] - (1 - own) * other[k]))
                            .isLessThan(1e-5f);
                }
            }
        }
    }

    @Test
    void whatIsNotMixedIsItsOwnPartner() {
        for (Made batch : epoch(Augmentation.CIFAR, 0)) {
            assertThat(batch.partners()).isEqualTo(batch.labels());
            assertThat(batch.share()).isEqualTo(1);
        }
    }

    @Test
    void whatCannotBeIsRefusedWithTheValue() {
        assertRefused(with().optCropPadding(-1), "crop padding is -1; give 0 (no crop)");
        assertRefused(with().optResizedCrop(1.5), "least area is 1.5; give 0 (off) to 1");
        assertRefused(with().optColorJitter(-0.1), "color jitter is -0.1");
        assertRefused(with().optRandomErasing(Double.NaN), "probability is NaN");
        assertRefused(with().optCutout(-2), "cutout's side is -2");
        assertRefused(with().optMixup(Double.POSITIVE_INFINITY), "mixup's alpha is Infinity");
        assertRefused(with().optCutmix(-1), "cutmix's alpha is -1.0");
        assertRefused(with().optCropPadding(4).optResizedCrop(0.5), "exclude each other");
        assertThat(with().optCropPadding(4).optResizedCrop(1).build().describe())
                .isEqualTo("crop with 4 zeros around");
    }

    private static void assertRefused(Augmentation.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void describesItselfAndComesBackFromABuilderAndFromOlderFiles() {
        assertThat(Augmentation.NONE.describe()).isEqualTo("none");
        assertThat(Augmentation.CIFAR.describe()).isEqualTo("crop with 4 zeros around, flip");
        Augmentation all = new Augmentation(4, true, 0, 0.4, true, 0.5, 8, 0.2, 1);
        assertThat(all.toBuilder().build()).isEqualTo(all);
        assertThat(all.describe())
                .isEqualTo(
                        "crop with 4 zeros around, flip, TrivialAugment, color jitter 0.4,"
                                + " random erasing 0.5, cutout 8, mixup 0.2, cutmix 1.0");
        String older = "{\"cropPadding\":4,\"horizontalFlip\":true}";
        assertThat(JsonUtils.GSON.fromJson(older, Augmentation.class))
                .isEqualTo(Augmentation.CIFAR);
    }
}
