package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.command.CommandsTest.Result;

/** The commands that look back on runs, as a user meets them. */
class CompareCommandTest {

    @TempDir private Path temporary;

    @Test
    void comparedRunsAreATableAPageAndJsonAndEvaluateAveragesFlips() {
        Path run = temporary.resolve("run");
        Result trained =
                CommandsTest.run(
                        "train",
                        "--dataset=shapes",
                        "--width=0.35",
                        "--stem-stride=2",
                        "--epochs=1",
                        "--out=" + run);
        assertThat(trained.code()).as(trained.err()).isZero();
        Path page = temporary.resolve("page.html");
        Result table = CommandsTest.run("compare", run.toString(), "--out=" + page);
        assertThat(table.code()).as(table.err()).isZero();
        assertThat(table.out()).contains("paper small ×0.35").contains("Curves: " + page);
        assertThat(page).content().contains("<h1>1 run</h1>");
        JsonObject json =
                json(CommandsTest.run("compare", run.toString(), "--out=" + page, "--json"));
        JsonObject row = json.getAsJsonArray("runs").get(0).getAsJsonObject();
        assertThat(row.get("run").getAsString()).isEqualTo("run");
        assertThat(row.get("epochsDone").getAsInt()).isEqualTo(1);

        String[] evaluate = {
            "evaluate", "--model-path=" + run.resolve("best"), "--dataset=shapes", "--tta=flip"
        };
        assertThat(CommandsTest.run(evaluate).out())
                .contains("top-5")
                .contains("95 % interval")
                .contains("with flip averaging: top-1");
        JsonObject plain = json(CommandsTest.run(evaluate[0], evaluate[1], evaluate[2], "--json"));
        JsonObject both =
                json(
                        CommandsTest.run(
                                evaluate[0], evaluate[1], evaluate[2], evaluate[3], "--json"));
        assertThat(plain.has("flip")).isFalse();
        assertThat(both.get("top1")).isEqualTo(plain.get("top1"));
        assertThat(both.getAsJsonObject("flip").get("loss")).isNotEqualTo(plain.get("loss"));
    }

    @Test
    void whatIsNoRunIsOneSentence() {
        Result result = CommandsTest.run("compare", temporary.toString());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().strip())
                .isEqualTo("mobilenetv3: " + temporary + " is not a run: it has no run.json.");
        assertThat(CommandsTest.run("compare").code()).isEqualTo(2);
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }
}
