package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.weights.StateDict;

class InterruptTest {

    @TempDir private Path temporary;

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java cannot send a signal there")
    void aSignalSavesTheRunAndSaysHowToGoOn() throws IOException, InterruptedException {
        Path out = temporary.resolve("run");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Main.class.getName(),
                                        "train",
                                        "--dataset=shapes",
                                        "--width=0.35",
                                        "--stem-stride=2",
                                        "--epochs=100",
                                        "--out=" + out))
                        .redirectErrorStream(true)
                        .start();
        StringBuilder printed = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            boolean asked = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                printed.append(line).append('\n');
                if (!asked && line.startsWith("epoch 1/100  loss")) {
                    asked = true;
                    process.toHandle().destroy(); // SIGTERM; leaves the streams open
                }
            }
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed.toString()).isEqualTo(143);
        assertThat(printed)
                .contains("Interrupted and saved. Go on with: mobilenetv3 train --resume");
        assertThat(out.resolve("report.html")).content().contains("1 of 100");
        Path last = new RunDirectory(out).lastCheckpoint().orElseThrow();
        try (StateDict state = StateDict.open(last.resolve("state/learner.safetensors"))) {
            assertThat(state.metadata().get("progress")).contains("\"epoch\":1,");
        }
        assertThat(ModelPackage.read(last).description().classes()).contains("circle");
    }
}
