package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {

    @TempDir private Path temporary;

    @Test
    void zshReadsTheScriptOfBash() {
        assertThat(run("completion", "zsh").out()).isEqualTo(run("completion").out());
    }

    @Test
    void theScriptForFishHasALineForEachCommandOptionAndValue() {
        List<String> lines = run("completion", "fish").out().lines().toList();
        assertThat(lines)
                .allMatch(line -> line.startsWith("complete -c mobilenetv3 -n '"))
                .contains(
                        "complete -c mobilenetv3 -n '__fish_seen_subcommand_from predict' -l top-k -x -d 'Classes to show'",
                        "complete -c mobilenetv3 -n '__fish_seen_subcommand_from predict' -l engine -x -a 'auto vector onnxruntime torch' -d 'What computes'",
                        "complete -c mobilenetv3 -n '__fish_seen_subcommand_from serve' -l keystore-password-file -r -d 'A file whose first line is the keystore\\'s password'")
                .noneMatch(line -> line.contains("${"));
    }

    @ParameterizedTest
    @CsvSource({
        "conv, convert",
        "predict --eng, --engine",
        "predict --engine v, vector",
        "predict --weights lar, large",
        "models g, get",
        "models get lar, large",
        "completion f, fish",
    })
    void fishCompletes(String typed, String expected) throws IOException, InterruptedException {
        assumeThat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .anyMatch(path -> Files.isExecutable(Path.of(path, "fish"))))
                .isTrue();
        Path script = temporary.resolve("mobilenetv3.fish");
        Files.writeString(script, run("completion", "fish").out());
        Process fish =
                new ProcessBuilder(
                                "fish",
                                "--no-config",
                                "-c",
                                "source mobilenetv3.fish; complete -C 'mobilenetv3 %s'"
                                        .formatted(typed))
                        .directory(temporary.toFile())
                        .redirectErrorStream(true)
                        .start();
        String out = new String(fish.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(fish.waitFor()).as(out).isZero();
        assertThat(out.lines().map(line -> line.replaceFirst("\t.*", ""))).contains(expected);
    }
}
