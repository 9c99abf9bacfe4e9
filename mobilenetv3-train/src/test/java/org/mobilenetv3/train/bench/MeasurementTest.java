package org.mobilenetv3.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.bench.BenchCase.Mode;
import org.mobilenetv3.train.bench.CaseResult.Absence;
import org.mobilenetv3.train.bench.CaseResult.Row;

/** How turns are taken, and what is made of the times. */
class MeasurementTest {

    private static final BenchCase WORK = BenchCase.named("train-paper-small-32-b128");

    /** Takes no time but says that it did; writes down when it had its turn. */
    private record Scripted(String name, double milliseconds, List<String> log)
            implements Implementation {
        @Override
        public String engine() {
            return "none";
        }

        @Override
        public boolean ours() {
            return false;
        }

        @Override
        public boolean full() {
            return true;
        }

        @Override
        public Optional<String> prepare() {
            log.add(name + " prepared");
            return Optional.empty();
        }

        @Override
        public double run(int steps) throws IOException {
            log.add(name + " " + steps);
            return milliseconds;
        }

        @Override
        public void close() {
            log.add(name + " closed");
        }
    }

    @Test
    void everyRoundGivesEachImplementationOneTurnWithStepsEnough() {
        List<String> log = new ArrayList<>();
        CaseResult result =
                Measurement.run(
                        WORK,
                        List.of(new Scripted("slow", 90, log), new Scripted("fast", 7, log)),
                        new Measurement.Plan(3, 0, 300, 0),
                        x -> {});
        // 300 ms are 4 steps of 90 ms and 43 of 7 ms.
        int rounds = log.lastIndexOf("fast prepared");
        assertThat(log.subList(0, rounds)).startsWith("slow prepared", "slow 1", "slow 2");
        assertThat(log.subList(log.size() - 8, log.size()))
                .containsExactly(
                        "slow 4",
                        "fast 43",
                        "fast 43",
                        "slow 4",
                        "slow 4",
                        "fast 43",
                        "slow closed",
                        "fast closed");
        assertThat(result.rows()).extracting(Row::stepsPerRepetition).containsExactly(4, 43);
        assertThat(result.rows().get(1).timings().milliseconds()).containsExactly(7.0, 7.0, 7.0);
    }

    @Test
    void warmUpLastsAsLongAsPlanned() {
        List<String> log = new ArrayList<>();
        Measurement.run(
                WORK,
                List.of(new Scripted("x", 100, log)),
                new Measurement.Plan(1, 1500, 300, 0),
                x -> {});
        int steps =
                log.stream()
                        .filter(x -> x.matches("x \\d+"))
                        .mapToInt(x -> Integer.parseInt(x.substring(2)))
                        .sum();
        assertThat(steps).isEqualTo(1 + 2 + 3 * 4 + 3);
    }

    @Test
    void repetitionsAreWholeStepsAndAtLeastOne() {
        assertThat(Measurement.stepsFor(300, 300)).isEqualTo(1);
        assertThat(Measurement.stepsFor(300, 299)).isEqualTo(2);
        assertThat(Measurement.stepsFor(300, 5000)).isEqualTo(1);
        assertThatThrownBy(() -> Measurement.Plan.of(0))
                .hasMessage("The number of repetitions is 0; give at least 1, better 7 or more.");
    }

    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(new Timings(List.of(9.0, 1.0, 5.0)).median()).isEqualTo(5);
        assertThat(new Timings(List.of(9.0, 1.0, 5.0, 100.0)).median()).isEqualTo(7);
        Timings one = new Timings(List.of(2.5));
        assertThat(List.of(one.median(), one.min(), one.max())).containsOnly(2.5);
        Timings three = new Timings(List.of(4.0, 2.0, 8.0));
        assertThat(three.min()).isEqualTo(2);
        assertThat(three.max()).isEqualTo(8);
    }

    @Test
    void timesThatCannotBeAreRefused() {
        for (double time : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Timings(List.of(1.0, time)))
                    .hasMessageContaining("A step took " + time + " ms");
        }
        assertThatThrownBy(() -> new Timings(List.of())).hasMessageContaining("no timings");
    }

    @Test
    void goalsCompareMediansWithEagerAndWithTheBestOfTheSameLibtorch() {
        CaseResult result = result();
        assertThat(result.ratio(result.rows().get(2)).orElseThrow()).isEqualTo(2, within(1e-9));
        assertThat(result.goals())
                .containsExactly(
                        "ours compiled against eager (PyTorch 2.7.1, eager): 2.00 times as fast",
                        "ours compiled against eager (PyTorch 9.9, eager): 1.50 times as fast",
                        "ours compiled against the best on the same libtorch (PyTorch 2.7.1, eager best): 1.10 times as fast",
                        "ours compiled against the best of all (ONNX Runtime 1, ONNX Runtime): 0.80 times as fast");
    }

    @Test
    void withoutOurCompiledNetNothingIsCompared() {
        CaseResult whole = result();
        CaseResult without =
                new CaseResult(WORK, whole.rows().subList(1, whole.rows().size()), List.of());
        assertThat(without.goals()).isEmpty();
        assertThat(new Report("here", 2, 3, List.of(without)).text())
                .contains("eager")
                .contains("–");
    }

    @Test
    void tablesShowRatiosThroughputAndWhoIsMissing() {
        Report report = new Report("here", 2, 3, List.of(result()));
        assertThat(report.markdown())
                .contains(
                        "| ours compiled | PyTorch 2.7.1 | 100.00 | 90.00–120.00 | 1,280 | 1.00 |")
                .contains("| ours bf16 | PyTorch 2.7.1 | 50.00 | 50.00–50.00 | 2,560 | – |")
                .contains("| eager | PyTorch 2.7.1 | 200.00 |")
                .contains("| DJL's MobileNetV2 | DJL | 50.00 | 50.00–50.00 | 2,560 | 0.50 |")
                .contains("- torch.compile (/a/python) was skipped: no g++")
                .contains("- frozen TorchScript (PyTorch 9.9) failed: it died");
        assertThat(report.text()).contains("torch.compile (/a/python) was skipped: no g++");
        JsonObject json = report.json();
        JsonObject eager =
                json.getAsJsonArray("cases")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("contestants")
                        .get(2)
                        .getAsJsonObject();
        assertThat(eager.get("timeOverOurs").getAsDouble()).isEqualTo(2);
        assertThat(eager.getAsJsonArray("ms")).hasSize(1);
    }

    @Test
    void everyCaseHasANameOfItsOwnByWhichItIsFound() {
        assertThat(BenchCase.ALL).extracting(BenchCase::name).doesNotHaveDuplicates();
        assertThat(BenchCase.ALL)
                .allSatisfy(x -> assertThat(BenchCase.named(x.name())).isSameAs(x));
        assertThat(BenchCase.named("TRAIN-article-large-32-B148"))
                .isEqualTo(new BenchCase(Mode.TRAIN, "article_large", 32, 148, 10));
    }

    private static CaseResult result() {
        List<Row> rows =
                List.of(
                        row("ours compiled", "PyTorch 2.7.1", true, true, 90, 100, 120),
                        row("ours bf16", "PyTorch 2.7.1", true, false, 50),
                        row("eager", "PyTorch 2.7.1", false, true, 200),
                        row("eager best", "PyTorch 2.7.1", false, true, 110),
                        row("eager", "PyTorch 9.9", false, true, 150),
                        row("ONNX Runtime", "ONNX Runtime 1", false, true, 80),
                        row("DJL's MobileNetV2", "DJL", false, true, 50));
        return new CaseResult(
                WORK,
                rows,
                List.of(
                        new Absence("torch.compile", "/a/python", false, "no g++"),
                        new Absence("frozen TorchScript", "PyTorch 9.9", true, "it died")));
    }

    private static Row row(
            String name, String engine, boolean ours, boolean full, double... times) {
        List<Double> list = java.util.Arrays.stream(times).boxed().toList();
        return new Row(name, engine, ours, full, !name.contains("V2"), 1, new Timings(list));
    }
}
