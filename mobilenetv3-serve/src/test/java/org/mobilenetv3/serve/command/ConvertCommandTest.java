package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Presets;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.weights.StateDict;

class ConvertCommandTest {

    @TempDir private Path temporary;
    private Path model;
    private Path photo;

    @BeforeEach
    void save() throws IOException {
        model = TestPackage.save(temporary.resolve("model"), 3);
        photo = temporary.resolve("photo.png");
        BufferedImage image = new BufferedImage(40, 48, BufferedImage.TYPE_INT_RGB);
        image.createGraphics().fillOval(3, 4, 20, 30);
        ImageIO.write(image, "png", photo.toFile());
    }

    @Test
    void aNetGoesThroughEveryFormAndAnswersTheSame() throws IOException {
        JsonElement expected = logits(model);
        Path from = model;
        for (String name : List.of("a.safetensors", "b", "b2", "C.SAFETENSORS")) {
            Path to = temporary.resolve(name);
            CommandLineRun result = run("convert", "" + from, "" + to);
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.out()).contains(to + "  ");
            assertThat(logits(to)).isEqualTo(expected);
            from = to;
        }
        assertThat(ModelPackage.read(temporary.resolve("b")).description().classes())
                .isEqualTo(ModelPackage.read(model).description().classes());
    }

    @Test
    void whatIsAssumedOfAFileIsToldOnceByEveryCommandAndInJson() throws IOException {
        Path dict = temporary.resolve("dict.pth");
        assertThat(run("convert", "" + model, "" + dict).err()).doesNotContain("note:");
        Path to = temporary.resolve("to.onnx");
        List<List<String>> commands =
                List.of(
                        List.of("predict", "--weights", "" + dict, "" + photo, "" + photo),
                        List.of("convert", "" + dict, "" + to),
                        List.of("export", "--weights", "" + dict, "--out", "" + to));
        for (List<String> command : commands) {
            CommandLineRun plain = run(command.toArray(String[]::new));
            assertThat(plain.code()).as(plain.err()).isZero();
            assertThat(plain.err().lines().filter(line -> line.startsWith("note: ")))
                    .singleElement()
                    .asString()
                    .startsWith("note: The names are torchvision's, which tell neither input size");
            List<String> withJson = new ArrayList<>(command);
            withJson.add("--json");
            JsonElement json = JsonParser.parseString(run(withJson.toArray(String[]::new)).out());
            JsonElement first = json.isJsonArray() ? json.getAsJsonArray().get(0) : json;
            assertThat(first.getAsJsonObject().getAsJsonArray("notes")).hasSize(1);
        }
        assertThat(run("predict", "--weights", "" + model, "" + photo, "--json").out())
                .doesNotContain("notes");
    }

    @Test
    void aStateDictOfTorchvisionNeedsTheRestFromOptions() throws IOException {
        Path dict = temporary.resolve("dict.pth");
        assertThat(run("convert", "" + model, "" + dict).code()).isZero();
        try (StateDict written = StateDict.open(dict)) {
            assertThat(written.tensors())
                    .containsKeys("classifier.3.bias", "features.0.1.num_batches_tracked");
        }
        // A byte order mark, as Windows writes it, is no letter of the first name.
        Path names = Files.writeString(temporary.resolve("names.txt"), "\uFEFFcat\r\ndog\r\nbird");
        Path back = temporary.resolve("back");
        CommandLineRun result =
                run(
                        "convert",
                        "" + dict,
                        "" + back,
                        "--class-names=" + names,
                        "--input-size=32x64",
                        "--mean=0.1,0.2,0.3",
                        "--std=1,1,1",
                        "--stem-stride=1");
        assertThat(result.code()).as(result.err()).isZero();
        ModelPackage read = ModelPackage.read(back);
        assertThat(read.description().classes()).containsExactly("cat", "dog", "bird");
        assertThat(read.description().preprocessing().fit()).isEqualTo(new Fit.PadRight(32, 64));
        assertThat(read.description().preprocessing().normalization())
                .isEqualTo(new Normalization(new float[] {.1f, .2f, .3f}, new float[] {1, 1, 1}));
        assertThat(read.description().architecture().stem().stride()).isEqualTo(1);
        assertThat(read.description().provenance()).containsEntry("weights", "dict.pth");
    }

    @Test
    void anotherInputSizeKeepsTheInterpolationThatTimmsConfigNames() throws IOException {
        Path timm = temporary.resolve("timm");
        TestPackage.save(
                timm,
                Presets.of("mobilenetv3_small_050").withClasses(3),
                new Fit.CenterCrop(32, 32),
                List.of("cat", "dog", "bird"),
                new float[] {0, 10, 1});
        Path file = temporary.resolve("hub.safetensors");
        assertThat(run("convert", "" + timm, "" + file, "--format=timm").code()).isZero();
        // As timm writes it: without what we say about a net.
        String ours = Files.readString(file, StandardCharsets.ISO_8859_1);
        String theirs = ours.replace("mobilenetv3.", "another.lib."); // as long
        Files.writeString(file, theirs, StandardCharsets.ISO_8859_1);
        String config =
                """
                {"architecture": "mobilenetv3_small_050", "pretrained_cfg":
                 {"input_size": [3, 224, 224], "interpolation": "bicubic",
                  "mean": [0, 0, 0], "std": [1, 1, 1]}}
                """;
        Files.writeString(temporary.resolve("config.json"), config);
        Path as = temporary.resolve("as");
        CommandLineRun converted = run("convert", "" + file, "" + as);
        assertThat(converted.code()).as(converted.err()).isZero();
        assertThat(ModelPackage.read(as).description().preprocessing().fit())
                .isEqualTo(new Fit.CenterCrop(224, 256, Interpolation.BICUBIC));
        Path small = temporary.resolve("small");
        assertThat(run("convert", "" + file, "" + small, "--input-size=112").code()).isZero();
        assertThat(ModelPackage.read(small).description().preprocessing().fit())
                .isEqualTo(new Fit.CenterCrop(112, 128, Interpolation.BICUBIC));
    }

    @Test
    void whatIsReadMayBeNamedAsInOtherCommands() throws IOException {
        Path to = temporary.resolve("to.safetensors");
        CommandLineRun result = run("convert", "--weights=" + model, "" + to);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(logits(to)).isEqualTo(logits(model));
        assertFails(
                run("convert", "--weights=" + model, "" + model, "" + to),
                2,
                "FROM is given twice");
    }

    @Test
    void badInputIsOneSentenceAndLosesNothing() throws IOException {
        Path text = Files.writeString(temporary.resolve("notes.txt"), "no weights");
        assertFails(run("convert", "" + text, "x.pth"), 1, "neither a package directory nor");
        assertFails(run("convert", "" + temporary.resolve("none"), "x.pth"), 1, "no model package");
        assertFails(run("convert", "" + model), 2, "TO");
        assertFails(
                run("convert", "" + model, "x.pth", "--mean=0", "--std=1"),
                2,
                "specifies that itself; leave out --mean and --std.");
        Path dict = temporary.resolve("dict.safetensors");
        assertThat(run("convert", "" + model, "" + dict).code()).isZero();
        assertFails(
                run("convert", "" + dict, "y", "--stem-stride=1"),
                2,
                "specifies that itself; leave out --stem-stride.");
        Path bare = temporary.resolve("bare.pth");
        assertThat(run("convert", "" + model, "" + bare).out())
                .contains("a state dict carries no class names, input size (32)");
        assertFails(run("convert", "" + bare, "y", "--mean=0,0,0"), 2, "both --mean and --std");
        Path names = Files.write(temporary.resolve("names.txt"), List.of("cat", "dog"));
        assertFails(
                run("convert", "" + bare, "y", "--class-names=" + names), 2, "names 2 classes but");
        assertFails(
                run("convert", "" + bare, "y", "--input-size=32", "--mean=0", "--std=1"),
                2,
                "3 input channels");
        assertFails(run("convert", "" + dict, "" + dict), 2, "written over itself");
        assertFails(run("export", "--weights=" + dict, "--format=safetensors"), 2, "over itself");
        assertFails(
                run("convert", "" + dict, "y.onnx", "--format=torchvision"),
                2,
                "the name of y.onnx is that of onnx");
        // A width at which timm rounds otherwise.
        byte[] before = Files.readAllBytes(dict);
        assertFails(
                run("convert", "" + model, "" + dict, "--format=timm"), 2, "timm has no net like");
        assertThat(dict).hasBinaryContent(before);
        assertFails(
                run("convert", "" + dict, "" + temporary, "--format=djl"),
                1,
                "is there already and is no package");
    }

    private JsonElement logits(Path net) {
        CommandLineRun result =
                run("predict", "--weights=" + net, "--json", "--logits", "" + photo);
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out())
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .get("logits");
    }
}
