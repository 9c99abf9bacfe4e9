package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.serve.TestPackage;

class FormerNamesTest {

    @TempDir private Path temporary;

    @Test
    void theFormerNamesOfWeightsStillWork() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path out = temporary.resolve("x.onnx");
        CommandLineRun joined = run("export", "--model-path=" + model, "--out=" + out);
        assertThat(joined.code()).as(joined.err()).isZero();
        CommandLineRun apart = run("export", "--out", "" + out, "--model-path", "" + model);
        assertThat(apart.code()).as(apart.err()).isZero();
        assertFails(run("serve", "--model", "a b=x"), 2, "'a b' cannot name a model");
    }

    @Test
    void aFileOfThatNameIsAFile() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        assertFails(run("predict", "--weights=" + model, "--", "--model"), 1, "--model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"predict", "export", "convert", "serve"})
    void helpShowsTheNewNameOnly(String command) {
        assertThat(run(command, "--help").out())
                .contains("--weights")
                .doesNotContain("--model", "--model-path");
    }
}
