package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.command.CommandsTest.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.command.CommandsTest.Result;

/** The command {@code bench} as a user meets it. */
class BenchCommandTest {

    @TempDir private Path temporary;

    @Test
    void casesAreListed() {
        Result result = run("bench", "--list");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .hasSize(9)
                .anyMatch(
                        x ->
                                x.startsWith("train-article-large-32-b148 ")
                                        && x.endsWith("batches of 148 at 32×32"))
                .anyMatch(x -> x.startsWith("infer-paper-small-224-b16 "));
    }

    @Test
    void wrongUsageIsOneSentenceBeforeAnythingIsMeasured() {
        Result unknown = run("bench", "--case=train-resnet");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err())
                .hasLineCount(1)
                .contains(
                        "There is no case 'train-resnet'; there are train-article-large-32-b148,");
        Result never = run("bench", "--repetitions=0");
        assertThat(never.code()).isEqualTo(2);
        assertThat(never.err()).contains("The number of repetitions is 0; give at least 1");
        Path missing = temporary.resolve("python");
        Result python = run("bench", "--python=" + missing);
        assertThat(python.code()).isEqualTo(2);
        assertThat(python.err()).hasLineCount(1).contains("There is no Python at " + missing);
    }

    @Test
    void withoutPythonOnlyOurNetsAreMeasuredAndASentenceSaysSo() throws Exception {
        Path json = temporary.resolve("bench.json");
        System.setProperty("mobilenetv3.home", temporary.toString());
        Result result;
        try {
            result =
                    run(
                            "bench",
                            "--case=infer-paper-small-224-b1",
                            "--repetitions=1",
                            "--markdown",
                            "--json=" + json);
        } finally {
            System.clearProperty("mobilenetv3.home");
        }
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains("there is no Python with PyTorch: run bench/setup.sh");
        assertThat(result.out()).contains("| ours compiled | PyTorch 2.");
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        JsonObject only = report.getAsJsonArray("cases").get(0).getAsJsonObject();
        assertThat(only.get("case").getAsString()).isEqualTo("infer-paper-small-224-b1");
        JsonObject ours = only.getAsJsonArray("contestants").get(0).getAsJsonObject();
        assertThat(ours.get("medianMs").getAsDouble()).isPositive();
        assertThat(ours.getAsJsonArray("ms")).hasSize(1);
    }
}
