package org.mobilenetv3.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.run.Predictions.Prediction;

class PredictionsTest {

    @Test
    void aRowOfLogitsGivesClassProbabilitiesLossAndRank() {
        // exp(logits) are 1, 2 and 5: of eight parts in all.
        float[] logits = {9, 9, 9, 0, (float) Math.log(2), (float) Math.log(5)};
        Prediction p = Prediction.of(7, 1, logits, 3, 3);
        assertThat(p.index()).isEqualTo(7);
        assertThat(p.predicted()).isEqualTo(2);
        assertThat(p.correct()).isFalse();
        assertThat(p.probability()).isCloseTo(5 / 8.0, within(1e-7));
        assertThat(p.labelProbability()).isCloseTo(2 / 8.0, within(1e-7));
        assertThat(p.loss()).isCloseTo(Math.log(4), within(1e-7));
        assertThat(p.rank()).isEqualTo(1);
    }

    @Test
    void equalLogitsRankInTheOrderOfTheClassesAsTop1Does() {
        float[] logits = {3, 3, 3};
        assertThat(Prediction.of(0, 0, logits, 0, 3).rank()).isZero();
        assertThat(Prediction.of(0, 0, logits, 0, 3).correct()).isTrue();
        assertThat(Prediction.of(0, 2, logits, 0, 3).rank()).isEqualTo(2);
    }

    @Test
    void aNetThatGivesNoNumbersIsNotAmongTheFiveMostLikely() {
        float nan = Float.NaN;
        Prediction p = Prediction.of(0, 3, new float[] {nan, nan, nan, nan, nan, nan}, 0, 6);
        assertThat(p.rank()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void top5CountsTheClassesOfRankZeroToFourAndNeedsMoreThanFiveClasses() {
        List<Prediction> images = List.of(ranked(0), ranked(4), ranked(5), ranked(9));
        assertThat(new Predictions(10, images).top5()).isEqualTo(0.5);
        assertThat(new Predictions(5, images).top5()).isNaN();
        assertThat(new Predictions(10, List.of()).top5()).isNaN();
        assertThat(new Predictions(10, images).score()).isEqualTo(new Score(8, 1, 4));
    }

    private static Prediction ranked(int rank) {
        return new Prediction(0, 3, rank == 0 ? 3 : 1, 0.5, 0.1, 2, rank);
    }
}
