package org.mobilenetv3.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.train.Golden;
import org.mobilenetv3.train.recipe.Schedule.Shape;

/** Golden figures: src/test/python/training.py. */
class ScheduleTest {

    private static final Schedule COSINE = new Schedule(0.8, 0, 10, 110, Shape.COSINE, 0, 1, 1);

    @Test
    void warmUpRisesLinearlyToThePeak() {
        assertThat(COSINE.at(0)).isCloseTo(0.08, within(1e-12));
        assertThat(COSINE.at(4)).isCloseTo(0.4, within(1e-12));
        assertThat(COSINE.at(9)).isCloseTo(0.8, within(1e-12));
    }

    @Test
    void theCosineFallsFromThePeakThroughTheHalfToAlmostNothing() {
        assertThat(COSINE.at(10)).isCloseTo(0.8, within(1e-12));
        assertThat(COSINE.at(60)).isCloseTo(0.4, within(1e-12));
        assertThat(COSINE.at(109)).isBetween(0.0, 0.001);
    }

    @ParameterizedTest
    @CsvSource({"cosine, COSINE, 0", "restarts, COSINE, 2", "step, STEP, 0"})
    void ratesArePyTorchs(String name, Shape shape, int restarts) throws IOException {
        JsonArray golden = Golden.training().getAsJsonObject("schedules").getAsJsonArray(name);
        Schedule schedule = new Schedule(0.8, 0, 0, golden.size(), shape, restarts, 5, 0.9);
        for (int i = 0; i < golden.size(); i++) {
            assertThat(schedule.at(i))
                    .as("step %d", i)
                    .isCloseTo(golden.get(i).getAsDouble(), within(1e-12));
        }
    }

    @Test
    void whileTheClassifierLearnsAloneTheRateIsThePeakAndEverythingElseComesAfter() {
        Schedule after = new Schedule(0.8, 30, 10, 110, Shape.COSINE, 0, 1, 1);
        assertThat(after.at(0)).isEqualTo(0.8);
        assertThat(after.at(29)).isEqualTo(0.8);
        for (int step = 0; step < 110; step++) {
            assertThat(after.at(30 + step)).isEqualTo(COSINE.at(step));
        }
    }

    @Test
    void aRecipesEpochsAreThoseOfBothPhases() throws IOException {
        Recipe recipe =
                Recipe.of("quick", "mobilenet_v3_small")
                        .with(RecipeKey.HEAD_EPOCHS, 2)
                        .with(RecipeKey.WARMUP_EPOCHS, 1);
        Schedule schedule = Schedule.of(recipe, 10);
        assertThat(schedule.at(19)).isEqualTo(0.003);
        assertThat(schedule.at(20)).isCloseTo(0.0003, within(1e-12));
        assertThat(schedule.at(30)).isEqualTo(0.003);
        assertThat(schedule.at(49)).isBetween(0.0, 0.0001);
        assertThat(Schedule.of(recipe.with(RecipeKey.HEAD_EPOCHS, 9), 10).at(49)).isEqualTo(0.003);
    }

    @Test
    void aConstantRateStays() {
        Schedule constant = new Schedule(0.001, 0, 0, 100, Shape.CONSTANT, 0, 1, 1);
        assertThat(constant.at(0)).isEqualTo(0.001);
        assertThat(constant.at(99)).isEqualTo(0.001);
    }
}
