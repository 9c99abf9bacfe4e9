package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.serve.TestPackage;

class ExportCommandTest {

    @TempDir private Path temporary;

    @Test
    void writesBesideThePackageAndSaysWhatAndHowClose() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        CommandLineRun result = run("export", "--weights=" + model, "--format=onnx");
        assertThat(result.code()).as(result.err()).isZero();
        Path file = temporary.resolve("model.onnx");
        assertThat(result.out())
                .contains(file + String.format(Locale.ROOT, "  %,d bytes", Files.size(file)))
                .contains("onnx, opset 17")
                .contains("input (batch, 3, height, width), float32, pixels in [0, 1]")
                .contains("logits (batch, 3)")
                .contains("of the largest logit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"onnx", "torchscript", "safetensors", "all"})
    void classNamesOfAnyCharactersAreExported(String format) throws IOException {
        Path model =
                TestPackage.save(
                        temporary.resolve("model"),
                        3,
                        new Fit.CenterCrop(32, 32),
                        List.of("\uD83D\uDE00", "\uD842\uDFB7"),
                        new float[] {0, 1});
        CommandLineRun result =
                run(
                        "export",
                        "--weights=" + model,
                        "--format=" + format,
                        "--out=" + temporary.resolve("out"));
        assertThat(result.code()).as(result.err()).isZero();
    }

    @Test
    void theResultIsJsonOnDemand() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        Path out = temporary.resolve("gray.onnx");
        CommandLineRun result =
                run("export", "--weights=" + model, "--out=" + out, "--no-normalize", "--json");
        assertThat(result.code()).as(result.err()).isZero();
        JsonObject json = JsonParser.parseString(result.out()).getAsJsonObject();
        assertThat(json.get("file").getAsString()).isEqualTo(out.toString());
        assertThat(json.get("bytes").getAsLong()).isEqualTo(Files.size(out));
        assertThat(json.get("normalizes").getAsBoolean()).isFalse();
        assertThat(json.getAsJsonArray("inputs").get(0).getAsString())
                .isEqualTo("input (batch, 1, height, width)");
        assertThat(json.get("relativeDifference").getAsDouble()).isBetween(0.0, 1e-5);
    }

    @Test
    void allIsADirectoryWithACardAndChecksums() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        CommandLineRun result =
                run("export", "--weights=" + model, "--format=all", "--license=MIT", "--json");
        assertThat(result.code()).as(result.err()).isZero();
        Path out = temporary.resolve("model-export");
        assertThat(JsonParser.parseString(result.out()).getAsJsonArray()).hasSize(4);
        assertThat(out.resolve("README.md")).content().contains("## License\n\nMIT");
        assertThat(out.resolve("SHA256SUMS")).exists();
        assertFails(
                run("export", "--weights=" + model, "--format=all", "--trainable"),
                2,
                "--format all writes each file as its format's default");
        assertFails(
                run("export", "--weights=" + model, "--license=MIT"),
                2,
                "--license is for the model card of --format all; onnx has none.");
        assertFails(
                run("convert", model.toString(), out.toString(), "--format=all"),
                2,
                "use export --format all");
    }

    @Test
    void int8IsCalibratedCheckedAndTold() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        Path images = draw(temporary.resolve("images"), 150);
        CommandLineRun result =
                run("export", "--weights=" + model, "--quantize=int8", "--calibration=" + images);
        assertThat(result.code()).as(result.err()).isZero();
        Path file = temporary.resolve("model-int8.onnx");
        assertThat(result.out())
                .contains(file + String.format(Locale.ROOT, "  %,d bytes", Files.size(file)))
                .contains("int8    calibrated with 50 images, checked with 100 others; in float ")
                .contains("top-1   100.00 %, in float 100.00 %")
                .contains("same    class as in float for 100.00 %")
                .containsPattern("speed   [0-9.]+ times that of float here");
        CommandLineRun again =
                run(
                        "export",
                        "--weights=" + model,
                        "--out=" + file,
                        "--quantize=int8",
                        "--calibration=" + images,
                        "--max-drop=5",
                        "--json");
        JsonObject json = JsonParser.parseString(again.out()).getAsJsonObject();
        assertThat(json.getAsJsonObject("quantized").get("accuracy").getAsDouble()).isEqualTo(100);
        CommandLineRun predicted =
                run("predict", "--weights=" + file, images.resolve("dog/0.png").toString());
        assertThat(predicted.out()).contains("dog");
    }

    @Test
    void whatInt8LacksIsOneSentence() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        String path = "--weights=" + model;
        Path none = temporary.resolve("none");
        assertFails(
                run("export", path, "--quantize=int8"),
                2,
                "--quantize needs --calibration DIR, a folder of images.");
        assertFails(
                run("export", path, "--quantize=int8", "--calibration=" + none),
                1,
                "There is no folder of calibration images at " + none);
        Path few = draw(temporary.resolve("few"), 30);
        assertFails(
                run("export", path, "--quantize=int8", "--calibration=" + few),
                1,
                "20 images are left to check with, too few to tell a drop of 1.0 points");
        assertFails(run("export", path, "--max-drop=2"), 2, "--max-drop goes with --quantize int8");
        assertFails(
                run(
                        "export",
                        path,
                        "--format=torchscript",
                        "--quantize=int8",
                        "--calibration=" + few),
                2,
                "--quantize is for onnx; torchscript is written in float only.");
        assertThat(temporary.resolve("model-int8.onnx")).doesNotExist();
    }

    /** Gray images in a folder named after the class that the net takes all for. */
    private static Path draw(Path folder, int count) throws IOException {
        Path dogs = Files.createDirectories(folder.resolve("dog"));
        for (int n = 0; n < count; n++) {
            byte[] data = new byte[32 * 32];
            Arrays.fill(data, data.length / 2, data.length, (byte) n);
            ImageIO.write(
                    new Pixels(data, 1, 32, 32).toImage(),
                    "png",
                    dogs.resolve(n + ".png").toFile());
        }
        return folder;
    }

    @Test
    void badInputIsOneSentence() throws IOException {
        assertFails(run("export", "--weights=" + temporary), 1, "is not a MobileNetV3 package");
        assertFails(
                run("export", "--weights=" + temporary.resolve("none")),
                1,
                "There is no model package or file of weights at");
        assertFails(run("export"), 2, "--weights");
        Path color = TestPackage.save(temporary.resolve("color"), 3);
        assertFails(
                run("export", "--weights=" + color, "--format=djl", "--no-normalize"),
                2,
                "--no-normalize is for onnx and torchscript");
        assertFails(run("export", "--weights=x", "--format=caffe"), 2, "onnx");
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        assertFails(
                run("export", "--weights=" + model, "--out=" + temporary),
                2,
                temporary + " is a directory");
    }
}
