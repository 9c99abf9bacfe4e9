package org.mobilenetv3.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.train.bench.CaseResult.Absence;

/** What a peer's process says, and what becomes of one that misbehaves. */
class PythonNetTest {

    private static final BenchCase WORK = BenchCase.named("train-paper-large-32-b128");

    /** torchvision's mobilenet_v3_large(num_classes=10). */
    private static final long PARAMETERS = 4_214_842;

    private static final Measurement.Plan SHORT = new Measurement.Plan(3, 1, 250, 0);

    @Test
    void aPeerIsToldItsCaseAndAnswersWithTimes() throws IOException {
        try (PythonNet peer = FakePython.peer("behaves", WORK, PARAMETERS)) {
            assertThat(peer.prepare()).isEmpty();
            assertThat(peer.engine()).isEqualTo("PyTorch 9.9");
            assertThat(peer.run(7)).isEqualTo(7);
            assertThat(peer.run(40)).isEqualTo(40);
        }
    }

    @Test
    void aPeerThatCannotTakePartSaysWhy() throws IOException {
        try (PythonNet peer = FakePython.peer("skips", WORK, PARAMETERS)) {
            assertThat(peer.prepare()).contains("torch is not installed");
        }
    }

    @Test
    void aPeerWithAnotherNetIsRefused() {
        try (PythonNet peer = FakePython.peer("behaves", WORK, 5_483_032)) {
            assertThatThrownBy(peer::prepare)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "The net has 5,483,032 parameters but ours has 4,214,842: it is another net.");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    raises       | RuntimeError: no memory
                    forgets      | has no 'parameters'.
                    dies         | The process ended with exit code 3: Segmentation fault in the middle
                    dies later   | The process ended with exit code 139.
                    babbles      | The process answered 'Downloading: 99%' instead of a JSON object.
                    stands still | A step took 0.0 ms.
                    """)
    void aPeerThatMisbehavesIsReportedAndTheOthersGoOn(String behavior, String sentence) {
        List<Implementation> implementations =
                List.of(
                        FakePython.peer("behaves", WORK, PARAMETERS),
                        FakePython.peer(behavior, WORK, PARAMETERS),
                        FakePython.peer("behaves", WORK, PARAMETERS));
        CaseResult result = Measurement.run(WORK, implementations, SHORT, x -> {});
        assertThat(result.rows()).hasSize(2);
        assertThat(result.rows())
                .allSatisfy(x -> assertThat(x.timings().milliseconds()).hasSize(3));
        assertThat(result.absences())
                .singleElement()
                .satisfies(
                        x -> {
                            assertThat(x.implementation()).isEqualTo(behavior);
                            assertThat(x.failed()).isTrue();
                            assertThat(x.reason()).contains(sentence);
                        });
    }

    @Test
    void aProgramThatCannotBeStartedIsReported() {
        PythonNet peer = new PythonNet("eager", List.of("/no/such/python"), Map.of(), WORK);
        CaseResult result = Measurement.run(WORK, List.of(peer), SHORT, x -> {});
        assertThat(result.rows()).isEmpty();
        assertThat(result.absences())
                .singleElement()
                .extracting(Absence::reason)
                .asString()
                .contains("/no/such/python");
    }

    @Test
    void aProcessThatIsSilentForTooLongIsGivenUp() throws IOException {
        try (PythonProcess process =
                new PythonProcess(FakePython.command("behaves", 0), Map.of())) {
            // It never saw a line, so it has nothing to answer.
            assertThatThrownBy(() -> process.answer(Duration.ofMillis(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("The process did not answer within 0.001 s.");
        }
    }
}
