package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.command.CommandsTest.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.command.CommandsTest.Result;

/** A search as a user meets it: for the best net that tells three colors apart. */
class SearchCommandTest {

    @TempDir private static Path shared;
    @TempDir private Path temporary;

    private static Path data;

    @BeforeAll
    static void draw() throws IOException {
        data = shared.resolve("colors");
        FinetuneCommandTest.fill(
                data, Map.of("red", Color.RED, "blue", Color.BLUE, "green", Color.GREEN), 20);
    }

    private static Result search(String... options) throws IOException {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "search",
                                "--dataset=folder",
                                "--data=" + data,
                                "--input-size=32",
                                "--width=0.35",
                                "--kernels=3",
                                "--widths=0.5,1",
                                "--epochs=1",
                                "--batch-size=8",
                                "--calibration-images=16"));
        all.addAll(List.of(options));
        return run(all.toArray(String[]::new));
    }

    @Test
    void aSearchIsCheckedComparedAndTaken() throws IOException {
        Path out = temporary.resolve("found");
        Result found =
                search(
                        "--candidates=3",
                        "--macs=100M",
                        "--cost-size=64",
                        "--supernet-epochs=1",
                        "--tune-epochs=1",
                        "--fixed-gates",
                        "--fixed-depth",
                        "--check=2",
                        "--out=" + out,
                        "--json");
        assertThat(found.code()).as(found.err()).isZero();
        assertThat(found.err())
                .contains(
                        "Costs are for 64x64 images, where the net's first convolution has stride 2")
                .contains("1 of 4", "2 of 4", "3 of 4", "4 of 4", "candidate 3/3")
                .contains("Kendall's tau");
        JsonObject json = JsonParser.parseString(found.out()).getAsJsonObject();
        assertThat(json.get("unit").getAsString()).isEqualTo("multiply_adds");
        assertThat(json.get("cost").getAsDouble()).isBetween(1e4, 100e6);
        Path best = Path.of(json.get("package").getAsString());

        // Nothing is trained again; what is missing is scored in processes, to the same scores.
        Path candidates = out.resolve("candidates.jsonl");
        String scored = withoutSeconds(candidates);
        Files.delete(candidates);
        Result again =
                run(
                        "search",
                        "--resume=" + out,
                        "--offline",
                        "--master=local[2]",
                        "--compare",
                        best.toString());
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).contains("candidate 3/3").doesNotContain("1 of 4", "4 of 4");
        assertThat(withoutSeconds(candidates)).isEqualTo(scored);
        assertThat(out.resolve("scoring")).doesNotExist();
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("Other nets", best.toString());
        Result evaluated =
                run("evaluate", "--weights=" + best, "--dataset=folder", "--data=" + data);
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        Result net = run("summary", "--arch=" + json.get("architecture").getAsString());
        assertThat(net.code()).as(net.err()).isZero();
    }

    private static String withoutSeconds(Path candidates) throws IOException {
        return Files.readString(candidates).replaceAll(",\"seconds\":[^}]*", "");
    }

    @Test
    void whatCannotBeSearchedIsOneSentence() throws IOException {
        Path out = temporary.resolve("refused");
        refused(search("--out=" + out), 2, "search needs one of --macs, --latency-ms and");
        refused(search("--macs=1M", "--parameters=1M"), 2, "search needs one of");
        refused(search("--macs=1k", "--out=" + out), 2, "The smallest net of the space costs");
        refused(search("--macs=1M", "--arch=article_small"), 2, "cannot have subnets");
        refused(
                run("search", "--macs=1M", "--dataset=folder", "--data=" + data, "--kernels=4"),
                2,
                "must be odd numbers");
        refused(
                run("search", "--macs=1M", "--dataset=folder", "--data=" + data, "--widths=0"),
                2,
                "must be factors above 0");
        refused(search("--macs=1M", "--candidates=1"), 2, "--candidates is 1 but must be at least");
        refused(search("--macs=1M", "--no-compile"), 2, "leave out --replicas");
        refused(search("--macs=1M", "--out=" + data), 1, "has other files in it");
        refused(search("--macs=1M", "--compare", "gone.pth"), 1, "gone.pth");
        refused(search("--macs=1M", "--master=spark://host:1"), 2, "needs Spark");
        refused(search("--macs=1M", "--conf=a=b"), 2, "--conf is for Spark");
        refused(search("--macs=1M", "--weights=gone.pth"), 1, "gone.pth");
        refused(
                search("--macs=1M", "--weights=gone.pth", "--check=2"),
                2,
                "--check trains nets from random weights");
        refused(search("--macs=1M", "--recipe=finetune"), 2, "but the recipe freezes");
        refused(run("search", "--resume=" + data), 1, "is no search: it has no search.json");
        assertThat(out).doesNotExist();
    }

    private static void refused(Result result, int code, String sentence) {
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.err()).contains(sentence);
        assertThat(result.err().lines().filter(line -> line.startsWith("\tat "))).isEmpty();
    }
}
