package org.mobilenetv3.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.CommandLineRun.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {

    @TempDir private Path temporary;

    @Test
    void writesBesideThePackageAndSaysWhatAndHowClose() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        CommandLineRun result = run("export", "--model-path=" + model, "--format=onnx");
        assertThat(result.code()).as(result.err()).isZero();
        Path file = temporary.resolve("model.onnx");
        assertThat(result.out())
                .contains(file + "  %,d bytes".formatted(Files.size(file)))
                .contains("onnx, opset 17")
                .contains("input (batch, 3, height, width), float32, pixels in [0, 1]")
                .contains("logits (batch, 3)")
                .contains("of the largest logit");
    }

    @Test
    void theResultIsJsonOnDemand() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        Path out = temporary.resolve("grey.onnx");
        CommandLineRun result =
                run("export", "--model-path=" + model, "--out=" + out, "--no-normalize", "--json");
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
                run("export", "--model-path=" + model, "--format=all", "--license=MIT", "--json");
        assertThat(result.code()).as(result.err()).isZero();
        Path out = temporary.resolve("model-export");
        assertThat(JsonParser.parseString(result.out()).getAsJsonArray()).hasSize(4);
        assertThat(out.resolve("README.md")).content().contains("## Licence\n\nMIT");
        assertThat(out.resolve("SHA256SUMS")).exists();
        assertFails(
                run("export", "--model-path=" + model, "--format=all", "--trainable"),
                2,
                "--format all writes each file as its format's default");
        assertFails(
                run("export", "--model-path=" + model, "--license=MIT"),
                2,
                "--license is for the model card of --format all; onnx has none.");
        assertFails(
                run("convert", model.toString(), out.toString(), "--format=all"),
                2,
                "use export --format all");
    }

    @Test
    void badInputIsOneSentence() throws IOException {
        assertFails(run("export", "--model-path=" + temporary), 1, "is not a MobileNetV3 package");
        assertFails(
                run("export", "--model-path=" + temporary.resolve("none")),
                1,
                "There is no model package or file of weights at");
        assertFails(run("export"), 2, "--model-path");
        Path colour = TestPackage.save(temporary.resolve("colour"), 3);
        assertFails(
                run("export", "--model-path=" + colour, "--format=djl", "--no-normalize"),
                2,
                "--no-normalize is for onnx and torchscript");
        assertFails(run("export", "--model-path=x", "--format=caffe"), 2, "onnx");
        Path model = TestPackage.save(temporary.resolve("model"), 1);
        assertFails(
                run("export", "--model-path=" + model, "--out=" + temporary),
                2,
                temporary + " is a directory");
    }
}
