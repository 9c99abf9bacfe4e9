package org.mobilenetv3.train.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.image.Pixels;

/** Operations on 8-bit images, equal to torchvision's on Pillow images bit for bit. */
class ImageOpsTest {

    @ParameterizedTest
    @EnumSource
    void equalsTorchvisionsAtEveryStrengthBitForBit(TrivialAugment operation) {
        List<JsonObject> rows = AugmentationGolden.operation(operation);
        for (JsonObject row : rows) {
            double magnitude = row.get("magnitude").getAsDouble();
            double ours = operation.magnitude(row.get("bin").getAsInt());
            if (operation == TrivialAugment.POSTERIZE) {
                ours = Math.rint(ours);
            }
            assertThat(Math.abs(magnitude)).isCloseTo(ours, within(2e-6));
            if (row.has("hex")) {
                Pixels out = operation.apply(AugmentationGolden.picture("colour"), magnitude);
                assertThat(out.data()).as("%s", row).containsExactly(AugmentationGolden.bytes(row));
            }
            for (String picture : AugmentationGolden.PICTURES) {
                Pixels out = operation.apply(AugmentationGolden.picture(picture), magnitude);
                assertThat(AugmentationGolden.crc(out))
                        .as("%s by %s", picture, magnitude)
                        .isEqualTo(row.get(picture).getAsLong());
            }
        }
        assertThat(rows).hasSizeGreaterThanOrEqualTo(1);
        assertThat(AugmentationGolden.operations()).isEqualTo(TrivialAugment.values().length);
    }

    @Test
    void colorJitterEqualsTorchvisionsInEveryOrderBitForBit() {
        List<JsonObject> rows = AugmentationGolden.rows("jitter");
        assertThat(rows).hasSize(6);
        for (JsonObject row : rows) {
            int[] order = AugmentationGolden.ints(row.getAsJsonArray("order"));
            double[] factors = AugmentationGolden.doubles(row.getAsJsonArray("factors"));
            for (String picture : AugmentationGolden.PICTURES) {
                Pixels image = AugmentationGolden.picture(picture);
                Pixels out = ColorJitter.apply(image, order, factors);
                assertThat(AugmentationGolden.crc(out))
                        .as("%s of %s", picture, row)
                        .isEqualTo(row.get(picture).getAsLong());
            }
        }
    }

    @Test
    void aPartIsBroughtToFullSizeAsByTorchvisionBitForBit() {
        List<JsonObject> rows = AugmentationGolden.rows("crops");
        assertThat(rows).hasSize(16);
        for (JsonObject row : rows) {
            int[] box = AugmentationGolden.ints(row.getAsJsonArray("box"));
            Pixels image = AugmentationGolden.picture(row.get("picture").getAsString());
            Pixels out = ResizedCrop.apply(image, new Box(box[0], box[1], box[2], box[3]));
            assertThat(out.data()).as("%s", row).containsExactly(AugmentationGolden.bytes(row));
        }
    }

    @Test
    void colorJitterDrawsUniformFactorsAndEveryOrder() {
        // Of a gray of 100: brightness alone moves it, for the contrast's mean is the gray itself.
        Pixels gray = new Pixels(new byte[] {100}, 1, 1, 1);
        int[] counts = new int[4];
        SplitMix random = SplitMix.of(5);
        for (int i = 0; i < 20_000; i++) {
            int value = new ColorJitter(0.4).apply(gray, random).data()[0] & 0xFF;
            assertThat(value).isBetween(59, 140);
            counts[Math.min(3, (value - 60) / 20)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(4750, 5250);
        }

        // Two pixels, and factors that no two orders turn into the same picture.
        Pixels two = new Pixels(new byte[] {10, (byte) 200, 90, 30, 50, 120}, 3, 1, 2);
        Set<Pixels> results = new HashSet<>();
        for (int i = 0; i < 6; i++) {
            int[] order = {i / 2, (i / 2 + 1 + i % 2) % 3, (i / 2 + 2 - i % 2) % 3};
            results.add(ColorJitter.apply(two, order, new double[] {1.7, 0.4, 1.9}));
        }
        assertThat(results).hasSize(6);
    }

    @Test
    void aStrengthAboveOneStillLeavesFactorsOfAtLeastZero() {
        Pixels gray = new Pixels(new byte[] {100}, 1, 1, 1);
        Set<Integer> values = new HashSet<>();
        SplitMix random = SplitMix.of(6);
        for (int i = 0; i < 2000; i++) {
            values.add(new ColorJitter(1.5).apply(gray, random).data()[0] & 0xFF);
        }
        assertThat(values).contains(0, 249).doesNotContain(251, 255);
    }

    @Test
    void trivialAugmentDrawsEachOperationStrengthAndSignEquallyOften() {
        Map<TrivialAugment, Integer> operations = new EnumMap<>(TrivialAugment.class);
        SplitMix random = SplitMix.of(1);
        for (int i = 0; i < 14_000; i++) {
            operations.merge(TrivialAugment.draw(random), 1, Integer::sum);
        }
        assertThat(operations).hasSize(14);
        assertThat(operations.values()).allSatisfy(n -> assertThat(n).isBetween(880, 1120));

        // How far a white pixel in the middle of a row moved tells the pixels and their sign.
        byte[] row = new byte[65];
        row[32] = (byte) 255;
        int[] moves = new int[65];
        for (int i = 0; i < 31_000; i++) {
            Pixels moved = TrivialAugment.TRANSLATE_X.apply(new Pixels(row, 1, 1, 65), random);
            for (int x = 0; x < 65; x++) {
                moves[x] += moved.data()[x] == 0 ? 0 : 1;
            }
        }
        for (int bin = 0; bin < TrivialAugment.BINS; bin++) {
            int pixels = (int) TrivialAugment.TRANSLATE_X.magnitude(bin);
            int expected = pixels == 0 ? 1000 : 500;
            assertThat(moves[32 + pixels]).as("%d right", pixels).isCloseTo(expected, percent());
            assertThat(moves[32 - pixels]).as("%d left", pixels).isCloseTo(expected, percent());
        }
    }

    private static Percentage percent() {
        return Percentage.withPercentage(22); // nearly 5 deviations
    }

    @Test
    void resizedCropsHaveTorchvisionsAreasAndAspects() {
        ResizedCrop crop = new ResizedCrop(0.08);
        SplitMix random = SplitMix.of(2);
        double areas = 0;
        double aspects = 0;
        int[] corner = new int[2];
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            Box box = crop.draw(random, 400, 400);
            assertThat(box.clippedTo(400, 400)).isEqualTo(box);
            double share = box.area() / 160_000.0;
            double aspect = (double) box.width() / box.height();
            assertThat(share).isBetween(0.079, 1.0);
            assertThat(aspect).isBetween(0.73, 1.36);
            areas += share;
            aspects += Math.log(aspect);
            corner[0] += box.top() > (400 - box.height()) / 2 ? 1 : 0;
            corner[1] += box.left() > (400 - box.width()) / 2 ? 1 : 0;
        }
        // torchvision's mean in 50,000 draws: large parts fit less often.
        assertThat(areas / count).isCloseTo(0.4808, within(0.009));
        assertThat(aspects / count).isBetween(-0.006, 0.006);
        assertThat(corner[0]).isBetween(9700, 10_300);
        assertThat(corner[1]).isBetween(9700, 10_300);
    }

    @Test
    void aPartThatNeverFitsIsTheMiddleAtTheNearestAspect() {
        ResizedCrop whole = new ResizedCrop(0.999);
        assertThat(whole.draw(SplitMix.of(1), 10, 100)).isEqualTo(new Box(0, 43, 10, 13));
        assertThat(whole.draw(SplitMix.of(1), 100, 10)).isEqualTo(new Box(43, 0, 13, 10));
    }

    @Test
    void aCropBeyondTheImageIsZeroThere() {
        Pixels image = new Pixels(new byte[] {1, 2, 3, 4}, 1, 2, 2);
        assertThat(GeometricOps.crop(image, new Box(-1, 1, 2, 2)).data())
                .containsExactly(0, 0, 2, 0);
        assertThat(GeometricOps.crop(image, new Box(5, -9, 2, 2)).data()).containsOnly(0);
        assertThat(GeometricOps.flip(image).data()).containsExactly(2, 1, 4, 3);
    }
}
