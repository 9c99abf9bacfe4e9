package org.mobilenetv3.train.report.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.drawing.Fonts;
import org.mobilenetv3.train.report.Pages;
import org.mobilenetv3.train.report.TestRuns;
import org.mobilenetv3.train.report.comparison.Comparison.Group;
import org.mobilenetv3.train.report.comparison.Comparison.Run;
import org.mobilenetv3.train.run.RecordedWeights;
import org.w3c.dom.Document;

class ComparisonTest {

    @BeforeAll
    static void fonts() {
        assumeTrue(Fonts.available(), "Java finds no fonts here");
    }

    @TempDir private Path temporary;

    @Test
    void runsThatDifferOnlyInTheSeedAreAveraged() throws IOException {
        Path a = run("a", 1, 3, 80);
        Path b = run("b", 2, 3, 90);
        Path other = run("other", 3, 4, 70);
        Path untested = run("untested", 4, 3, -1);
        List<Group> groups = Comparison.read(List.of(a, b, other, untested), left -> {}).groups();
        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).seeds()).containsExactly(1L, 2L);
        assertThat(groups.get(0).meanTop1()).isCloseTo(0.85, within(1e-12));
        // Of two values: their distance over the root of two.
        assertThat(groups.get(0).deviation()).isCloseTo(0.1 / Math.sqrt(2), within(1e-12));
        assertThat(ComparisonTable.describe(groups.get(0)))
                .contains("seeds 1, 2: test top-1 85.00 ± 7.07 %");
    }

    @Test
    void runsWithDifferentTeachersAreNotOfOneSetting() throws IOException {
        List<Path> runs = new ArrayList<>(List.of(run("plain", 1, 3, 80)));
        for (int seed = 2; seed < 5; seed++) {
            RecordedWeights teacher = new RecordedWeights("/teacher", seed < 4 ? "one" : "other");
            Path path = temporary.resolve("run" + seed);
            TestRuns.write(
                    path, TestRuns.settings("shapes", seed, 3, teacher), TestRuns.history(3, 0.8));
            TestRuns.result(90, 100).write(path);
            runs.add(path);
        }
        List<Group> groups = Comparison.read(runs, left -> {}).groups();
        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).seeds()).containsExactly(2L, 3L);
    }

    @Test
    void oneSeedTwiceIsNoSample() throws IOException {
        assertThat(
                        Comparison.read(List.of(run("a", 1, 3, 80), run("b", 1, 3, 80)), left -> {})
                                .groups())
                .isEmpty();
    }

    @Test
    void theTableIsStraightAndSaysWhatIsNotKnown() throws IOException {
        Comparison comparison =
                Comparison.read(
                        List.of(run("a", 1, 3, 80), run("a-longer-name", 12, 3, -1)), left -> {});
        List<String> lines = ComparisonTable.of(comparison).lines();
        assertThat(lines).extracting(String::length).containsOnly(lines.get(0).length());
        assertThat(lines.get(0)).startsWith("run ").contains("test top-1");
        assertThat(lines.get(1)).contains("  80.00  ").endsWith("0:30");
        assertThat(lines.get(2)).contains("  –  ");
        assertThat(lines.get(0)).doesNotContain("data set");
    }

    @Test
    void aRunThatIsNotDoneShowsHowFarItIs() throws IOException {
        Path path = temporary.resolve("half");
        TestRuns.write(path, TestRuns.settings("shapes", 1, 9), TestRuns.history(3, 0.5));
        assertThat(ComparisonTable.of(Comparison.read(List.of(path), left -> {})).rows().get(0))
                .contains("3/9");
    }

    @Test
    void thePageIsSelfContained() throws IOException {
        Path strange = run("<b>&", 1, 3, 80);
        Path page = temporary.resolve("pages/compare.html");
        Comparison.read(List.of(strange, run("b", 2, 3, 90)), left -> {}).write(page);
        Document parsed = Pages.parse(page);
        Pages.requireSelfContained(parsed);
        assertThat(Pages.elements(parsed, "svg")).hasSize(4);
        assertThat(Pages.texts(parsed, "td")).contains("<b>&");
        assertThat(page).content().doesNotContain("<b>");
    }

    @Test
    void runsOfOneNameAreToldApartByTheirParents() throws IOException {
        Path a = run("first/run", 1, 3, 80);
        Path b = run("second/run", 2, 3, 80);
        assertThat(Comparison.read(List.of(a, b, a), left -> {}).runs())
                .extracting(Run::name)
                .containsExactly(
                        Path.of("first", "run").toString(), Path.of("second", "run").toString());
    }

    @Test
    void aRunThatCannotBeComparedDoesNotKeepTheOthersFromIt() throws IOException {
        List<String> leftOut = new ArrayList<>();
        Comparison comparison =
                Comparison.read(List.of(temporary, run("a", 1, 3, 80)), leftOut::add);
        assertThat(comparison.runs()).hasSize(1);
        assertThat(leftOut).containsExactly(temporary + " is not a run: it has no run.json.");
    }

    @Test
    void whatIsNoRunOrHasNoEpochGetsOneSentence() throws IOException {
        assertThatThrownBy(() -> Comparison.read(List.of(temporary), left -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage(temporary + " is not a run: it has no run.json.");
        Path path = temporary.resolve("new");
        TestRuns.write(path, TestRuns.settings("shapes", 1, 3), List.of());
        assertThatThrownBy(() -> Comparison.read(List.of(path), left -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        path + " has no whole epoch yet; compare it once its first epoch is done.");
        Files.writeString(path.resolve("metrics.json"), "[{]");
        assertThatThrownBy(() -> Comparison.read(List.of(path), left -> {}))
                .hasMessageContaining("metrics.json cannot be read");
    }

    /** A run of so many epochs that got so many of 100 test images right; -1: not tested. */
    private Path run(String name, long seed, int epochs, int right) throws IOException {
        Path path = temporary.resolve(name);
        TestRuns.write(
                path, TestRuns.settings("shapes", seed, epochs), TestRuns.history(epochs, 0.8));
        if (right >= 0) {
            TestRuns.result(right, 100).write(path);
        }
        return path;
    }
}
