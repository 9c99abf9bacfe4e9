package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mobilenetv3.train.command.CommandsTest.run;

import ai.djl.Device;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.command.CommandsTest.Result;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.weights.StateDict;

/** Fine-tuning as a user meets it: a net of two colors learns others. */
class FinetuneCommandTest {

    @TempDir private static Path shared;
    @TempDir private Path temporary;

    private static Path weights;

    @BeforeAll
    static void train() throws IOException {
        Path two = shared.resolve("two");
        fill(two, Map.of("red", Color.RED, "blue", Color.BLUE), 15);
        Path out = shared.resolve("first");
        Result trained =
                run(
                        "train",
                        "--dataset=folder",
                        "--data=" + two,
                        "--input-size=32",
                        "--width=0.35",
                        "--epochs=1",
                        "--batch-size=8",
                        "--normalize=false",
                        "--out=" + out);
        assertThat(trained.code()).as(trained.err()).isZero();
        weights = out.resolve("best");
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void otherClassesAreLearnedAndThePackageIsReady() throws IOException {
        Path data = temporary.resolve("Früchte & more");
        fill(data, Map.of("grün", Color.GREEN, "gelb", Color.YELLOW, "red", Color.RED), 12);
        Path broken = Files.writeString(data.resolve("red/broken.jpg"), "no image");
        Path out = temporary.resolve("run");
        Result tuned =
                finetune(data, out, "--epochs=2", "--head-epochs=1", "--flip=false", "--json");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.err())
                .contains("1 of 37 images cannot be read and are left out:")
                .contains(broken.toString())
                .contains("weights from " + weights.toAbsolutePath())
                .contains("new: classifier.3.weight, classifier.3.bias")
                .contains("epoch 2/2  loss");
        ModelPackage best = ModelPackage.read(out.resolve("best"));
        assertThat(best.description().classes()).containsExactly("gelb", "grün", "red");
        assertThat(best.description().architecture().name()).isEqualTo("mobilenet_v3_small_w0.35");
        assertThat(best.description().architecture().stem().stride()).isEqualTo(1);
        // As the weights were trained, although a folder's own is ImageNet's.
        assertThat(best.description().preprocessing().normalization().mean())
                .containsExactly(0, 0, 0);
        assertThat(best.description().provenance().get("weights"))
                .isEqualTo(weights.toAbsolutePath().toString());
        assertThat(out.resolve("report.html")).content().contains("weights from");
        assertThat(out.resolve("recipe.properties"))
                .content()
                .contains("head-epochs = 1")
                .contains("flip = false");
        Result evaluated =
                run(
                        "evaluate",
                        "--model-path=" + out.resolve("best"),
                        "--dataset=folder",
                        "--data=" + data,
                        "--json");
        assertThat(json(evaluated).get("top1")).isEqualTo(json(tuned).get("testTop1"));
        assertThat(run("finetune", "--resume=" + out).code()).isZero();
    }

    @Test
    void aFileOfAnotherProgramIsWhereItBegins() throws IOException {
        Path file = temporary.resolve("net.pth");
        try (PackageNet net = PackageNet.open(weights, Device.cpu())) {
            new WeightsExporter(WeightsFormat.TORCHVISION).export(net, file);
        }
        Path data = temporary.resolve("data");
        fill(data, Map.of("green", Color.GREEN, "yellow", Color.YELLOW), 6);
        Path out = temporary.resolve("run");
        Result tuned =
                run(
                        "finetune",
                        "--weights=" + file,
                        "--data=" + data,
                        "--input-size=32",
                        "--epochs=1",
                        "--head-epochs=1",
                        "--batch-size=8",
                        "--out=" + out);
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.out()).contains("weights from " + file, "new: classifier.3.weight");
        ModelPackage best = ModelPackage.read(out.resolve("best"));
        // What the head phase leaves alone is the file's, to the last bit.
        try (PackageNet net = PackageNet.open(out.resolve("best"), Device.cpu());
                StateDict dict = StateDict.open(file)) {
            String name = "features.3.block.0.0.weight";
            assertThat(net.block().getParameters().get(name).getArray().toFloatArray())
                    .isEqualTo(dict.tensors().get(name).floats());
        }
        assertThat(best.description().preprocessing().normalization())
                .isEqualTo(Normalization.IMAGENET);
    }

    @Test
    void theLastLayerIsKeptForTheSameClassesAndBeginsAnewForOthers() throws IOException {
        Path same = temporary.resolve("same");
        fill(same, Map.of("red", Color.RED, "blue", Color.BLUE), 6);
        Result kept = finetune(same, temporary.resolve("kept"), "--epochs=1", "--head-epochs=1");
        assertThat(kept.out()).contains("weights from ").doesNotContain("new: ");
        Path others = temporary.resolve("others");
        fill(others, Map.of("green", Color.GREEN, "yellow", Color.YELLOW), 6);
        Result anew = finetune(others, temporary.resolve("anew"), "--epochs=1", "--head-epochs=1");
        assertThat(anew.out()).contains("new: classifier.3.weight, classifier.3.bias");
    }

    @Test
    void itLearnsFromATeacherOfItsClassesInEveryPhase() throws IOException {
        Path data = temporary.resolve("data");
        fill(data, Map.of("green", Color.GREEN, "yellow", Color.YELLOW), 8);
        Path teacher = temporary.resolve("teacher");
        assertThat(finetune(data, teacher, "--input-size=40", "--epochs=1").code()).isZero();
        Path out = temporary.resolve("run");
        Path best = teacher.resolve("best");
        Result tuned =
                finetune(
                        data,
                        out,
                        "--epochs=2",
                        "--head-epochs=1",
                        "--mixup=0.2",
                        "--teacher=" + best,
                        "--distill=0.5");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.out())
                .contains("teacher " + best.toAbsolutePath() + ", distill 0.5, temperature 1.0")
                .contains("the teacher sees images enlarged from 32x32 to 40x40");
        assertThat(ModelPackage.read(out.resolve("best")).description().provenance())
                .containsEntry("teacher", best.toAbsolutePath().toString());
        assertFails(
                finetune(data, temporary.resolve("none"), "--teacher=" + weights),
                1,
                "its class 0 is 'blue' but the images' is 'green'");
    }

    @Test
    void grayImagesBecomeTheWeightsColorsAndAnotherSizeIsTold() throws IOException {
        Path data = temporary.resolve("gray");
        fill(data, Map.of("dark", Color.DARK_GRAY, "light", Color.LIGHT_GRAY), 6);
        for (Path file : List.of(data.resolve("dark/0.png"), data.resolve("light/0.png"))) {
            assertThat(Pixels.read(file).channels()).isEqualTo(3);
        }
        Path out = temporary.resolve("run");
        Result tuned = finetune(data, out, "--epochs=1", "--input-size=40", "--head-epochs=1");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.out())
                .contains("The weights are from images of 32 pixels; these are brought to 40.")
                .contains("images of 3x40x40 in 2 classes");
        assertThat(ModelPackage.read(out.resolve("best")).description().preprocessing().height())
                .isEqualTo(40);
    }

    @Test
    void imagesAreResizedAsTheWeightsWereTrainedWhateverTheSize() throws IOException {
        Path bicubic = Files.createDirectories(temporary.resolve("bicubic"));
        try (Stream<Path> files = Files.list(weights)) {
            for (Path file : files.toList()) {
                Files.copy(file, bicubic.resolve(file.getFileName()));
            }
        }
        Path json = bicubic.resolve("model.json");
        String told = Files.readString(json);
        Files.writeString(json, told.replace("\"bilinear\"", "\"bicubic\""));
        Path data = temporary.resolve("data");
        fill(data, Map.of("green", Color.GREEN, "yellow", Color.YELLOW), 6);
        for (int size : List.of(32, 40)) {
            Path out = temporary.resolve("run" + size);
            Result tuned =
                    run(
                            "finetune",
                            "--weights=" + bicubic,
                            "--data=" + data,
                            "--input-size=" + size,
                            "--epochs=1",
                            "--head-epochs=1",
                            "--batch-size=8",
                            "--out=" + out);
            assertThat(tuned.code()).as(tuned.err()).isZero();
            assertThat(ModelPackage.read(out.resolve("best")).description().preprocessing().fit())
                    .isEqualTo(new Fit.CenterCrop(size, size, Interpolation.BICUBIC));
        }
    }

    @Test
    void badInputIsOneSentenceAndLeavesNothingBehind() throws IOException {
        Path data = temporary.resolve("data");
        fill(data, Map.of("a", Color.RED, "b", Color.BLUE), 3);
        Path out = temporary.resolve("run");
        assertFails(run("finetune", "--data=" + data), 2, "finetune needs --weights");
        assertFails(run("finetune"), 2, "finetune needs --weights and --data");
        String none = "--weights=" + temporary.resolve("none");
        assertFails(
                run("finetune", none, "--data=" + data, "--out=" + out),
                1,
                "There is no model package or file of weights at");
        assertFails(finetune(temporary.resolve("nowhere"), out), 1, "is no directory");
        assertFails(finetune(data, out, "--input-size=8"), 2, "this net takes at least 16");
        assertFails(finetune(data, out, "--freeze=nothing"), 2, "has no 'nothing' to freeze");
        assertFails(finetune(data, out, "--body-lr=2"), 2, "body-lr is 2 but must be");
        assertFails(finetune(data, out, "--dataset=mnist"), 2, "Unknown option: '--dataset=mnist'");
        Files.createDirectories(data.resolve("empty"));
        assertFails(finetune(data, out), 1, "holds no image");
        Path only = temporary.resolve("only");
        fill(only, Map.of("one", Color.RED), 3);
        assertFails(finetune(only, out), 1, "only the class folder [one]");
        Path parts = temporary.resolve("parts");
        fill(parts.resolve("train"), Map.of("a", Color.RED, "b", Color.BLUE), 3);
        fill(parts.resolve("val"), Map.of("a", Color.RED, "stranger", Color.BLUE), 3);
        assertFails(finetune(parts, out), 1, "stranger' is no class of the training images");
        assertThat(out).doesNotExist();
    }

    private static Result finetune(Path data, Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("finetune", "--weights=" + weights));
        args.addAll(List.of("--data=" + data, "--out=" + out, "--batch-size=8"));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    static void fill(Path root, Map<String, Color> classes, int count) throws IOException {
        for (Map.Entry<String, Color> one : classes.entrySet()) {
            Path folder = Files.createDirectories(root.resolve(one.getKey()));
            for (int i = 0; i < count; i++) {
                BufferedImage image = new BufferedImage(44, 36, BufferedImage.TYPE_INT_RGB);
                Graphics2D pen = image.createGraphics();
                pen.setColor(one.getValue());
                pen.fillRect(i, 0, 40, 36);
                pen.dispose();
                ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
            }
        }
    }

    private static void assertFails(Result result, int code, String message) {
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }
}
