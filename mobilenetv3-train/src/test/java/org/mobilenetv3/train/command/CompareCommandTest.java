package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.command.CommandsTest.Result;

/** The commands that look back on runs, as a user meets them. */
class CompareCommandTest {

    @TempDir private Path temporary;

    @Test
    void comparedRunsAreATableAPageAndJsonAndEvaluateAveragesFlips() throws IOException {
        Path run = temporary.resolve("run");
        String data = "--data=" + images();
        Result trained =
                CommandsTest.run(
                        "train",
                        "--dataset=folder",
                        data,
                        "--width=0.35",
                        "--epochs=1",
                        "--batch-size=8",
                        "--out=" + run);
        assertThat(trained.code()).as(trained.err()).isZero();
        Path page = temporary.resolve("page.html");
        Result table = CommandsTest.run("compare", run.toString(), "--out=" + page);
        assertThat(table.code()).as(table.err()).isZero();
        assertThat(table.out()).contains("mobilenet_v3_small_w0.35").contains("Curves: " + page);
        assertThat(page).content().contains("<h1>1 run</h1>");
        JsonObject json =
                json(CommandsTest.run("compare", run.toString(), "--out=" + page, "--json"));
        JsonObject row = json.getAsJsonArray("runs").get(0).getAsJsonObject();
        assertThat(row.get("run").getAsString()).isEqualTo("run");
        assertThat(row.get("epochsDone").getAsInt()).isEqualTo(1);

        String[] evaluate = {
            "evaluate",
            "--dataset=folder",
            data,
            "--model-path=" + run.resolve("best"),
            "--tta=flip"
        };
        assertThat(CommandsTest.run(evaluate).out())
                .contains("top-5")
                .contains("95 % interval")
                .contains("with flip averaging: top-1");
        JsonObject plain = json(evaluate, "--tta=none");
        JsonObject both = json(evaluate, "--tta=flip");
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

    /** Six classes of six noisy images: few, but more than five classes. */
    private Path images() throws IOException {
        Path root = temporary.resolve("images");
        Random random = new Random(1);
        for (int i = 0; i < 36; i++) {
            BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
            for (int at = 0; at < 32 * 32; at++) {
                image.setRGB(at % 32, at / 32, random.nextInt(1 << 24));
            }
            Path folder = Files.createDirectories(root.resolve("class" + i % 6));
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
        }
        return root;
    }

    private static JsonObject json(String[] command, String tta) {
        String[] args = Arrays.copyOf(command, command.length + 1);
        args[command.length - 1] = tta;
        args[command.length] = "--json";
        return json(CommandsTest.run(args));
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }
}
