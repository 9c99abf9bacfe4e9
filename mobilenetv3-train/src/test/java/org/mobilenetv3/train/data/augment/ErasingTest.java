package org.mobilenetv3.train.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErasingTest {
    private static final int COUNT = 20_000;

    @Test
    void randomErasingHasTorchvisionsAreasAspectsAndPlaces() {
        SplitMix random = SplitMix.of(3);
        double areas = 0;
        double aspects = 0;
        int low = 0;
        int right = 0;
        for (int i = 0; i < COUNT; i++) {
            Box box = Erasing.randomErasing(random, 300, 300);
            assertThat(box.clippedTo(300, 300)).isEqualTo(box);
            double share = box.area() / 90_000.0;
            double aspect = (double) box.height() / box.width();
            assertThat(share).isBetween(0.0195, 0.332);
            assertThat(aspect).isBetween(0.29, 3.4);
            areas += share;
            aspects += Math.log(aspect);
            low += box.top() > (300 - box.height()) / 2 ? 1 : 0;
            right += box.left() > (300 - box.width()) / 2 ? 1 : 0;
        }
        assertThat(areas / COUNT).isBetween(0.172, 0.178);
        assertThat(aspects / COUNT).isBetween(-0.02, 0.02);
        assertThat(low).isBetween(9700, 10_300);
        assertThat(right).isBetween(9700, 10_300);
    }

    @Test
    void anImageTooNarrowForARectangleStaysWhole() {
        assertThat(Erasing.randomErasing(SplitMix.of(1), 1000, 2)).isNull();
    }

    @Test
    void cutoutsSquareHasItsCentreAnywhereAndIsCutOffAtTheBorder() {
        SplitMix random = SplitMix.of(4);
        int[][] covered = new int[12][10];
        for (int i = 0; i < COUNT; i++) {
            Box box = Erasing.cutout(random, 4, 12, 10);
            assertThat(box.height()).isBetween(2, 4);
            assertThat(box.width()).isBetween(2, 4);
            for (int y = box.top(); y < box.bottom(); y++) {
                for (int x = box.left(); x < box.right(); x++) {
                    covered[y][x]++;
                }
            }
        }
        // A pixel is covered by the centers from 1 before to 2 after it.
        assertThat(covered[6][5]).isBetween(2450, 2880); // 16 of 120 centers
        assertThat(covered[0][0]).isBetween(1320, 1680); // 9 of 120
        assertThat(covered[11][9]).isBetween(550, 790); // 4 of 120
    }

    @Test
    void erasingFillsTheBoxInEveryChannelAndNothingElse() {
        float[] image = new float[2 * 4 * 5];
        Arrays.fill(image, 1f);
        Erasing.erase(image, 4, 5, new Box(1, 2, 2, 3), new float[] {0f, 0.5f});
        for (int i = 0; i < image.length; i++) {
            int y = i / 5 % 4;
            int x = i % 5;
            boolean inside = y >= 1 && y < 3 && x >= 2;
            assertThat(image[i]).as("(%d, %d)", y, x).isEqualTo(!inside ? 1f : i < 20 ? 0f : 0.5f);
        }
    }
}
