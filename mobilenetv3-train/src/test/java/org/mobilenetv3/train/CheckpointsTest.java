package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.run.RunDirectory;

class CheckpointsTest {

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenet_v3_small_w0.35-0000.params",
                "model.json",
                "state/learner.safetensors"
            })
    void aDamagedCheckpointFallsBackToTheOneBeforeWithAMessage(String file) throws IOException {
        TrainingRunTest runs = new TrainingRunTest();
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        String whole = runs.train(directory.path(), TrainingRunTest.everything(3));
        Path last = directory.lastCheckpoint().orElseThrow();
        String weights = "mobilenet_v3_small_w0.35-0000.params";
        byte[] expected = Files.readAllBytes(last.resolve(weights));
        truncate(last.resolve(file));

        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        runs.resume(directory, new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains(last + " is damaged (")
                .contains("going on from the checkpoint before it")
                .contains("epoch 3/3")
                .doesNotContain("epoch 2/3");
        assertThat(Files.readString(directory.path().resolve("metrics.csv"))).isEqualTo(whole);
        assertThat(directory.lastCheckpoint()).contains(last);
        assertThat(last.resolve(weights)).hasBinaryContent(expected);
    }

    @Test
    void withoutAWholeCheckpointTheRunIsNotBegunAgainUnasked() throws IOException {
        TrainingRunTest runs = new TrainingRunTest();
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        runs.train(directory.path(), TrainingRunTest.everything(3));
        for (Path checkpoint : entries(directory)) {
            truncate(checkpoint.resolve("state/learner.safetensors"));
        }
        assertThatThrownBy(() -> runs.resume(directory, System.err))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No checkpoint in")
                .hasMessageContaining("is whole");
        // Asked again it says so again, and what is left of them is left alone.
        assertThatThrownBy(() -> runs.resume(directory, System.err))
                .hasMessageContaining("is whole");
        assertThat(entries(directory)).hasSize(2);
    }

    @Test
    void aFlippedBitInTheStateIsNoticed() throws IOException {
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        new TrainingRunTest().train(directory.path(), TrainingRunTest.everything(1));
        Path last = directory.lastCheckpoint().orElseThrow();
        byte[] whole = Files.readAllBytes(last.resolve("state/learner.safetensors"));
        for (int at : new int[] {0, 9, 200, 1200, whole.length - 1000, whole.length - 1}) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 1;
            Files.write(last.resolve("state/learner.safetensors"), flipped);
            assertThatThrownBy(() -> directory.checkpoints().find(text -> {}))
                    .as("byte %d", at)
                    .hasMessageContaining("is whole");
        }
        Files.write(last.resolve("state/learner.safetensors"), whole);
        assertThat(directory.checkpoints().find(text -> {})).isPresent();
    }

    /** The state of a real run, SGD on the last layer, as it was written before safetensors. */
    @Test
    void aRunOfAnOlderVersionIsRefusedInOneSentence() throws IOException {
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        Path old = directory.checkpoints().path(3);
        Path state = Files.createDirectories(old.resolve("state"));
        for (String file : List.of("learner.bin", "progress.json")) {
            try (InputStream in = getClass().getResourceAsStream("/old-checkpoint/" + file)) {
                Files.copy(in, state.resolve(file));
            }
        }
        assertThatThrownBy(() -> directory.checkpoints().find(text -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "%s was written by an older version, whose runs this one cannot resume; resume it with that version, or begin a new run with --weights %s.",
                        old, old);
        assertThat(state).isDirectoryContaining(p -> p.endsWith("learner.bin"));
    }

    @Test
    void aCrashBetweenTheTwoRenamesOfACheckpointLosesNothing() throws IOException {
        TrainingRunTest runs = new TrainingRunTest();
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        runs.train(directory.path(), TrainingRunTest.everything(3));
        Path last = directory.lastCheckpoint().orElseThrow();
        Files.move(last, last.resolveSibling(last.getFileName() + ".old"));
        assertThat(directory.checkpoints().find(text -> {}).orElseThrow().path()).isEqualTo(last);
        assertThat(last).exists();
    }

    @Test
    void theLastTwoAreKeptAndHalfWrittenOnesGo() throws IOException {
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        new TrainingRunTest().train(directory.path(), TrainingRunTest.everything(3));
        assertThat(entries(directory))
                .extracting(p -> p.getFileName().toString())
                .containsExactly("step-000000006", "step-000000009");
        Path folder = directory.checkpoints().folder();
        Path half = Files.createDirectories(folder.resolve("step-000000012.new"));
        Files.writeString(half.resolve("x"), "half");
        Path mine = Files.createDirectories(folder.resolve("notes"));
        directory.checkpoints().prune(1);
        assertThat(entries(directory)).hasSize(2).contains(mine);
    }

    private static List<Path> entries(RunDirectory directory) throws IOException {
        try (Stream<Path> all = Files.list(directory.checkpoints().folder())) {
            return new ArrayList<>(all.sorted().toList());
        }
    }

    private static void truncate(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(
                file,
                Arrays.copyOf(bytes, bytes.length * 2 / 3),
                StandardOpenOption.TRUNCATE_EXISTING);
    }
}
