package org.mobilenetv3.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.report.ConfusionMatrix.ClassScore;
import org.mobilenetv3.train.report.ConfusionMatrix.Confusion;
import org.mobilenetv3.train.report.ConfusionMatrix.Unit;

class ConfusionMatrixTest {

    private final ConfusionMatrix matrix =
            new ConfusionMatrix(
                    List.of("cat", "dog", "never"),
                    new long[][] {{6, 2, 0}, {3, 9, 0}, {0, 0, 0}},
                    Unit.IMAGES);

    @Test
    void precisionRecallAndF1FollowFromRowsAndColumns() {
        ClassScore cat = matrix.scores().get(0);
        assertThat(cat.images()).isEqualTo(8);
        assertThat(cat.recall()).isEqualTo(6 / 8.0);
        assertThat(cat.precision()).isCloseTo(6 / 9.0, within(1e-12));
        assertThat(cat.f1()).isCloseTo(12 / 17.0, within(1e-12));
        ClassScore never = matrix.scores().get(2);
        assertThat(never.recall()).isNaN();
        assertThat(never.precision()).isNaN();
        assertThat(never.f1()).isNaN();
    }

    @Test
    void theMostFrequentMistakesComeFirst() {
        assertThat(matrix.mostConfused(5))
                .containsExactly(new Confusion(1, 0, 3, 0.25), new Confusion(0, 1, 2, 0.25));
        assertThat(matrix.mostConfused(1)).hasSize(1);
    }
}
