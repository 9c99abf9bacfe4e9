package org.mobilenetv3.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.report.TestRuns;
import org.mobilenetv3.train.run.Predictions.Prediction;

class RunResultTest {

    @TempDir private Path run;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        RunResult result = RunResult.of(3, TestRuns.predictions(10, 9, 10), 1.5, 90);
        assertThat(result.top1()).isEqualTo(0.9);
        assertThat(result.top5()).isEqualTo(1);
        result.write(run);
        assertThat(RunResult.read(run)).contains(result);
    }

    @Test
    void aRunThatWasNotTestedHasNoResult() throws IOException {
        assertThat(RunResult.read(run)).isEmpty();
        assertThat(TestRuns.result(9, 10).top5()).isNull();
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.writeString(run.resolve("result.json"), "{\"top1\": ");
        assertThatThrownBy(() -> RunResult.read(run))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("result.json cannot be read");
    }

    @Test
    void aLossThatIsNoNumberIsNotWritten() {
        Prediction broken = new Prediction(0, 0, 0, 1, 0, Double.NaN, 0);
        Predictions plain = new Predictions(3, List.of(broken));
        RunResult result = RunResult.of(1, plain, 1, 1);
        assertThatThrownBy(() -> result.write(run)).hasMessageContaining("a loss of NaN");
        assertThat(run.resolve("result.json")).doesNotExist();
    }
}
