package org.mobilenetv3.train.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Golden figures of torchvision's MixUp and CutMix in float64. */
class BatchMixingTest {
    private static final int HEIGHT = 5;
    private static final int WIDTH = 7;

    @Test
    void mixupEqualsTorchvisionsGivenLambda() {
        for (JsonObject row : AugmentationGolden.rows("mixup")) {
            requireEqual(new BatchMixing(row.get("lambda").getAsDouble(), null), row);
        }
    }

    @Test
    void cutmixEqualsTorchvisionsGivenLambdaAndCenter() {
        for (JsonObject row : AugmentationGolden.rows("cutmix")) {
            BatchMixing mixing =
                    BatchMixing.cutmix(
                            row.get("lambda").getAsDouble(),
                            row.get("y").getAsInt(),
                            row.get("x").getAsInt(),
                            HEIGHT,
                            WIDTH);
            Box box = mixing.box();
            assertThat(new int[] {box.left(), box.top(), box.right(), box.bottom()})
                    .containsExactly(AugmentationGolden.ints(row.getAsJsonArray("box")));
            assertThat(mixing.share()).isCloseTo(row.get("share").getAsDouble(), within(1e-15));
            requireEqual(mixing, row);
        }
    }

    private static void requireEqual(BatchMixing mixing, JsonObject row) {
        double[] before = AugmentationGolden.doubles("batch");
        FloatBuffer batch = FloatBuffer.allocate(before.length);
        Arrays.stream(before).forEach(value -> batch.put((float) value));
        mixing.apply(batch, 3, before.length / 3, HEIGHT, WIDTH);
        double[] expected = AugmentationGolden.doubles(row.getAsJsonArray("batch"));
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) batch.get(i))
                    .as("value %d", i)
                    .isCloseTo(expected[i], within(1e-6));
        }
        double[][] target = AugmentationGolden.matrix(row.getAsJsonArray("target"));
        long[] labels =
                Arrays.stream(AugmentationGolden.doubles("labels"))
                        .mapToLong(Math::round)
                        .toArray();
        long[] partners = mixing.partners(labels);
        double[][] logits = AugmentationGolden.matrix("logits");
        double loss = 0;
        for (int i = 0; i < 3; i++) {
            double[] ours = new double[4];
            ours[(int) labels[i]] += mixing.share();
            ours[(int) partners[i]] += 1 - mixing.share();
            assertThat(ours).containsExactly(target[i], within(1e-12));
            loss += crossEntropy(logits[i], ours) / 3;
        }
        assertThat(loss).isCloseTo(row.get("loss").getAsDouble(), within(1e-6));
    }

    private static double crossEntropy(double[] logits, double[] target) {
        double total = Arrays.stream(logits).map(Math::exp).sum();
        double loss = 0;
        for (int c = 0; c < logits.length; c++) {
            loss -= target[c] * (logits[c] - Math.log(total));
        }
        return loss;
    }

    @Test
    void withBothEachBatchGetsOneByHalfAChance() {
        Augmentation both = Augmentation.builder().optMixup(1).optCutmix(1).build();
        int mixups = 0;
        for (int i = 0; i < 2000; i++) {
            BatchMixing mixing = BatchMixing.draw(both, SplitMix.of(i), 32, 32);
            mixups += mixing.box() == null ? 1 : 0;
        }
        assertThat(mixups).isBetween(900, 1100);
        assertThat(BatchMixing.draw(Augmentation.CIFAR, SplitMix.of(1), 32, 32))
                .isEqualTo(BatchMixing.NONE);
    }

    @Test
    void lambdaComesFromTheBetaDistribution() {
        Augmentation mixup = Augmentation.builder().optMixup(0.2).build();
        Augmentation cutmix = Augmentation.builder().optCutmix(1).build();
        double blended = 0;
        double extreme = 0;
        double pasted = 0;
        for (int i = 0; i < 20_000; i++) {
            double lambda = BatchMixing.draw(mixup, SplitMix.of(7, i), 8, 8).share();
            blended += lambda / 20_000;
            extreme += lambda < 0.1 || lambda > 0.9 ? 1 / 20_000.0 : 0;
            pasted += BatchMixing.draw(cutmix, SplitMix.of(7, i), 224, 224).share() / 20_000;
        }
        assertThat(blended).isBetween(0.49, 0.51);
        assertThat(extreme).isCloseTo(0.6744, within(0.017)); // torch.distributions.Beta
        assertThat(pasted).isCloseTo(0.6808, within(0.01)); // v2.CutMix, 20,000 draws
    }

    @Test
    void aBatchOfOneImageMixesWithItself() {
        FloatBuffer batch = FloatBuffer.wrap(new float[] {1, 2, 3, 4});
        BatchMixing mixing = new BatchMixing(0.25, null);
        mixing.apply(batch, 1, 4, 2, 2);
        assertThat(batch.array()).containsExactly(1, 2, 3, 4);
        assertThat(mixing.partners(new long[] {7})).containsExactly(7);
    }
}
