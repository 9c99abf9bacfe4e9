package org.mobilenetv3.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.run.PredictionLog.Line;
import org.mobilenetv3.train.run.Predictions.Prediction;

class PredictionLogTest {

    private static final Map<String, Object> WHAT = Map.of("weights", "abc", "batch size", 4);
    private static final int IMAGES = 10;

    @TempDir private Path folder;

    private static Line line(int i, boolean flip) {
        String name = "a,b/é" + i + ".JPEG";
        if (i == 6) {
            return new Line(i, 3, null, null, name);
        }
        float[] logits = {i, 0.1f * i, 1 / 3f, 2};
        Prediction plain = Prediction.of(i, 3, logits, 0, 4);
        logits[1] = 7;
        return new Line(i, 3, plain, flip ? Prediction.of(i, 3, logits, 0, 4) : null, name);
    }

    private static List<Line> lines(int from, int to, boolean flip) {
        List<Line> lines = new ArrayList<>();
        for (int i = from; i < to; i++) {
            lines.add(line(i, flip));
        }
        return lines;
    }

    private static PredictionLog open(Path file, boolean flip) throws IOException {
        return PredictionLog.open(file, WHAT, flip, 4, IMAGES);
    }

    private Path written(boolean flip) throws IOException {
        Path file = folder.resolve("deep").resolve("predictions" + flip + ".csv");
        try (PredictionLog log = open(file, flip)) {
            assertThat(log.earlier()).isEmpty();
            log.append(lines(0, 4, flip));
            log.append(lines(4, 8, flip));
            log.append(lines(8, 10, flip));
        }
        return file;
    }

    @Test
    void whatWasWrittenIsReadToTheLastBit() throws IOException {
        for (boolean flip : new boolean[] {false, true}) {
            Path file = written(flip);
            String before = Files.readString(file);
            try (PredictionLog log = open(file, flip)) {
                assertThat(log.earlier()).isEqualTo(lines(0, 10, flip));
            }
            assertThat(file).hasContent(before);
        }
    }

    /** Cut anywhere, it holds the whole batches before that, and goes on to the same file. */
    @Test
    void aTornEndIsDroppedDownToTheLastWholeBatch() throws IOException {
        Path file = written(false);
        byte[] whole = Files.readAllBytes(file);
        String text = Files.readString(file);
        int head = text.indexOf("0,3,");
        int fromHead = text.substring(0, head).getBytes(StandardCharsets.UTF_8).length;
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (PredictionLog log = open(file, false)) {
                int there = log.earlier().size();
                assertThat(there).isIn(0, 4, 8);
                assertThat(log.earlier()).isEqualTo(lines(0, there, false));
                if (length < fromHead) {
                    assertThat(there).isZero();
                }
                for (int i = there; i < IMAGES; i += 4) {
                    log.append(lines(i, Math.min(IMAGES, i + 4), false));
                }
            }
            assertThat(file).hasBinaryContent(whole);
        }
    }

    @Test
    void whatALostPowerLeavesIsDropped() throws IOException {
        Path file = written(false);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, bytes.length - 90, bytes.length, (byte) 0);
        Files.write(file, bytes);
        try (PredictionLog log = open(file, false)) {
            assertThat(log.earlier()).isEqualTo(lines(0, 8, false));
        }
    }

    @Test
    void anotherEvaluationIsRefusedAndLeftAlone() throws IOException {
        Path file = written(false);
        String before = Files.readString(file);
        Map<String, Object> other = Map.of("weights", "abd", "batch size", 4);
        assertThatThrownBy(() -> PredictionLog.open(file, other, false, 4, IMAGES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("other weights (\"abc\", now \"abd\")");
        assertThatThrownBy(
                        () ->
                                PredictionLog.open(
                                        file,
                                        Map.of("weights", "abc", "batch size", 8),
                                        false,
                                        8,
                                        IMAGES))
                .hasMessageContaining("other batch size (4, now 8)");
        assertThat(file).hasContent(before);
    }

    @Test
    void aFileOfTheUsersIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> open(file, false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds something else than predictions");
        assertThat(file).hasContent("years of work");
        Files.writeString(file, "# evaluation {", StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(file, " nothing of ours\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> open(file, false)).hasMessageContaining("something else");
        assertThatThrownBy(() -> open(folder, false)).hasMessageContaining("is a directory");
    }

    @Test
    void twoCannotWriteAtOnce() throws IOException {
        Path file = folder.resolve("predictions.csv");
        try (PredictionLog log = open(file, false)) {
            assertThatThrownBy(() -> open(file, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Another process writes");
            log.append(lines(0, 4, false));
        }
        try (PredictionLog log = open(file, false)) {
            assertThat(log.earlier()).hasSize(4);
        }
    }
}
