package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.command.CommandsTest.Result;

class SweepCommandTest {

    @TempDir private Path temporary;
    private Path data;
    private Path out;
    private String master = "local[2]";

    @BeforeEach
    void draw() throws IOException {
        data = temporary.resolve("images");
        out = temporary.resolve("sweep");
        for (int i = 0; i < 40; i++) {
            BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i % 32, 5, 0xFFFFFF);
            image.getGraphics().fillRect(0, i % 2 == 0 ? 0 : 16, 32, 16);
            Path folder = Files.createDirectories(data.resolve(i % 2 == 0 ? "up" : "down"));
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
        }
    }

    private Result sweep(String recipes, String seeds, String... more) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "sweep",
                                "--recipe=" + recipes,
                                "--seeds=" + seeds,
                                "--out=" + out,
                                "--dataset=folder",
                                "--data",
                                data.toString(),
                                "--width=0.35",
                                "--epochs=1",
                                "--batch-size=8",
                                "--master=" + master));
        args.addAll(List.of(more));
        return CommandsTest.run(args.toArray(String[]::new));
    }

    private static void assertFails(Result result, int code, String message) {
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
    }

    @Test
    void runsAreDoneOnceAndWhatWasStoppedGoesOn() throws IOException {
        Result first = sweep("quick", "1-2");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out()).contains("quick-1 ", "quick-2 ").contains("seeds 1, 2: test top-1");
        assertThat(out.resolve("compare.html")).exists();
        String metrics = Files.readString(out.resolve("quick-1/metrics.csv"));
        // As if one had been killed in its test, and one before it had begun.
        Files.delete(out.resolve(".sweep/quick-1.done"));
        Files.delete(out.resolve("quick-1/result.json"));
        Files.delete(out.resolve(".sweep/quick-2.done"));
        Files.delete(out.resolve("quick-2/run.json"));
        Files.writeString(out.resolve("quick-2/left"), "");
        Result again = sweep("quick", "1-2", "--loader-threads=2");
        assertThat(again.err()).contains("2 runs: 2 done now, 0 before, 0 failed");
        assertThat(again.out().lines()).containsAll(first.out().lines().skip(3).toList());
        assertThat(out.resolve("quick-1/metrics.csv")).hasContent(metrics);
        assertThat(out.resolve("quick-1/result.json")).exists();
        assertThat(out.resolve("quick-2/left")).doesNotExist();
        assertThat(sweep("quick", "1,2").err()).contains("0 done now, 2 before, 0 failed");
        assertFails(sweep("quick", "1-2", "--flip=false"), 2, "holds a sweep with the options");
    }

    @Test
    void aRunThatFailsIsALineAndTheOthersGoOn() throws IOException {
        Path wild = Files.writeString(temporary.resolve("wild.properties"), "lr = 1e30\n");
        Result result = sweep("quick," + wild, "3");
        assertFails(result, 1, "2 runs: 1 done now, 0 before, 1 failed");
        assertThat(result.err()).containsPattern("wild-3 failed: [A-Z].*\\.");
        assertThat(result.out()).contains("quick-3 ").doesNotContain("wild");
        Files.writeString(wild, "lr = 0.001\n");
        assertFails(sweep("quick," + wild, "3"), 2, "holds a sweep with another recipe wild");
    }

    @Test
    void whatCannotBeDoneIsOneSentenceBeforeAnyRun() throws IOException {
        assertFails(sweep("quick", "5-1"), 2, "--seeds is 5-1; give numbers");
        assertFails(sweep("quick", "1,"), 2, "--seeds is 1,; give numbers");
        assertFails(sweep("quick,none", "1"), 2, "There is no recipe 'none'");
        assertFails(sweep("quick,quick", "1"), 2, "recipes of different names");
        assertFails(sweep("quick", "1", "--threads=0"), 2, "--threads is 0");
        assertFails(sweep("quick", "1", "--seed=3"), 2, "--seed is not for sweeps");
        master = "spark://host:1";
        assertFails(sweep("quick", "1"), 2, "--master spark://host:1 needs Spark");
        master = "local[2]";
        assertThat(out).doesNotExist();
        data = temporary.resolve("nowhere");
        assertFails(sweep("quick", "1"), 1, "nowhere' is no directory");
        out = temporary;
        assertFails(sweep("quick", "1"), 1, "nowhere' is no directory");
        data = temporary.resolve("images");
        assertFails(sweep("quick", "1"), 2, "is there already and holds no sweep");
    }
}
