package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.trained.TrainedNet;

/** The commands as a user meets them. */
class CommandsTest {

    @TempDir private Path temporary;

    record Result(int code, String out, String err) {}

    /** The file that docs/architectures.md shows, from training to ONNX. */
    @Test
    void aNetOfOnesOwnIsOneFile() throws IOException {
        Matcher page =
                Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(Path.of("../docs/architectures.md")));
        assertThat(page.find()).isTrue();
        Path file = Files.writeString(temporary.resolve("my.json"), page.group(1));
        Path out = temporary.resolve("mine");
        Result trained =
                run(
                        "train",
                        "--arch=" + file,
                        "--dataset=folder",
                        "--data=" + images("red", 0xFF0000, "blue", 0x0000FF),
                        "--epochs=1",
                        "--batch-size=8",
                        "--out=" + out);
        assertThat(trained.code()).as(trained.err()).isZero();
        Path onnx = temporary.resolve("my.onnx");
        new Exporter(ExportFormat.ONNX, true, false).export(out.resolve("best"), onnx);
        FloatBuffer image = FloatBuffer.allocate(3 * 32 * 32);
        image.put(0, 1);
        Shape shape = new Shape(1, 3, 32, 32);
        try (TrainedNet net = TrainedNet.open(out.resolve("best"), Device.cpu(), 1);
                TrainedNet exported = TrainedNet.open(onnx, Device.cpu(), 1)) {
            assertThat(exported.description().architecture())
                    .isEqualTo(net.description().architecture());
            assertThat(net.description().architecture().name()).isEqualTo("tiny");
            assertThat(exported.logits(image, shape))
                    .containsExactly(net.logits(image, shape), offset(1e-4f));
        }
        assertFails(run("summary", "--arch=" + file, "--width=2"), 2, "--width is for named nets");
        assertFails(run("summary", "--arch=none.json"), 2, "There is no file none.json.");
        assertFails(run("summary", "--arch=none"), 2, "There is no architecture none; known are");
    }

    @Test
    void summaryShowsDjlsOwnNet() {
        assertThat(run("summary", "--arch=djl:mobilenet_v2").out()).contains("djl:mobilenet_v2");
    }

    @Test
    void doctorShowsTheSelfCheck() {
        Result result = run("doctor");
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("self-check: passed").contains("computing on");
    }

    @Test
    void aTrainedFolderOfImagesEvaluatesToTheFigureThatTrainingGave() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        Result trained = train(data, out, "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("epoch 2/2  loss").contains("images/s");
        assertThat(out.resolve("metrics.csv")).content().hasLineCount(3);
        assertThat(out.resolve("samples/1-red.png")).exists();
        Result evaluated =
                run(
                        "evaluate",
                        "--model-path=" + out.resolve("best"),
                        "--dataset=folder",
                        "--data=" + data,
                        "--json");
        assertThat(json(evaluated).get("top1")).isEqualTo(json(trained).get("testTop1"));
        assertThat(json(evaluated).get("loss").getAsDouble())
                .isEqualTo(json(trained).get("testLoss").getAsDouble());
    }

    @Test
    void theNetIsComputedAsAskedAndTheRunRemembers() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out, "--no-compile").code()).isZero();
        assertThat(out.resolve("run.json")).content().contains("\"execution\": \"EAGER\"");
        assertFails(
                run("train", "--resume=" + out, "--precision=fp32"),
                2,
                "--precision cannot be changed on --resume");
        String[] evaluate = {
            "evaluate", "--model-path=" + out.resolve("best"), "--dataset=folder", "--data=" + data
        };
        String compiled = run(evaluate).out();
        String[] operations = Arrays.copyOf(evaluate, evaluate.length + 1);
        operations[evaluate.length] = "--no-compile";
        assertThat(compiled).contains("top-1");
        assertThat(run(operations).out().replaceAll("[\\d,]+ images/s", ""))
                .isEqualTo(compiled.replaceAll("[\\d,]+ images/s", ""));
    }

    @Test
    void aTrainedPackageIsFineTunedToOtherClasses() throws IOException {
        Path first = temporary.resolve("first");
        assertThat(train(images("red", 0xFF0000, "blue", 0x0000FF), first).code()).isZero();
        Path three = images("red", 0xFF0000, "blue", 0x0000FF);
        for (int i = 0; i < 20; i++) {
            write(three.resolve("green").resolve(i + ".png"), 0x00FF00);
        }
        Path out = temporary.resolve("second");
        String weights = "--weights=" + first.resolve("best");
        Result tuned = train(three, out, weights, "--freeze=features", "--no-compile");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.out())
                .contains("weights from " + first.resolve("best"))
                .contains("new: classifier.3.weight, classifier.3.bias");

        assertFails(
                train(three, temporary.resolve("x"), "--freeze=features"),
                2,
                "freezing random weights makes no sense; give a trained package as --weights");
        assertFails(
                train(three, temporary.resolve("x"), weights, "--freeze=nothing"),
                2,
                "The net has no 'nothing' to freeze");
        assertFails(
                train(three, temporary.resolve("x"), weights, "--arch=mobilenet_v3_large"),
                1,
                "best is of another net (mobilenet_v3_small");
        assertThat(temporary.resolve("x")).doesNotExist();
    }

    @Test
    void aNetIsTrainedOnPaddedImagesAndItsExportScoresTheSame() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        String[] small = {"--input-size=32x64", "--epochs=1", "--json"};
        JsonObject trained = json(train(data, out, small));
        assertThat(out.resolve("best/model.json")).content().contains("\"width\": 64,");
        JsonObject packaged = json(evaluate(out.resolve("best"), data));
        assertThat(packaged.get("top1")).isEqualTo(trained.get("testTop1"));
        Path exported = temporary.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, true, false).export(out.resolve("best"), exported);
        assertThat(json(evaluate(exported, data)).get("loss").getAsDouble())
                .isCloseTo(packaged.get("loss").getAsDouble(), within(1e-5));
        assertThat(run("train", "--resume=" + out).out()).contains("images of 3x32x64");
        Path sheet = temporary.resolve("sheet.png");
        String[] preview = {
            "preview", "--dataset=folder", "--data=" + data, small[0], "--out=" + sheet
        };
        assertThat(run(preview).code()).isZero();
        assertFails(
                train(data, temporary.resolve("x"), "--input-size=8x64"),
                2,
                "--input-size is 8x64 but this net takes at least 16");
        assertFails(
                train(data, temporary.resolve("x"), "--input-size=0x64"), 2, "'0x64' is no size");
    }

    @Test
    void aRunOfBeforeThereWerePaddedImagesGoesOn() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out, "--input-size=40").code()).isZero();
        Path file = out.resolve("run.json");
        String json = Files.readString(file);
        assertThat(json).contains("\"input\": {\n    \"size\": 40,\n    \"resize\": 40,");
        Files.writeString(
                file, json.replace("\"trainImages\"", "\"inputSize\": 40,\"trainImages\""));
        assertThat(run("train", "--resume=" + out).out()).contains("images of 3x40x40");
    }

    @Test
    void aSecondProcessIsKeptOutOfARun() throws IOException {
        Path out = temporary.resolve("run");
        assertThat(train(images("red", 0xFF0000, "blue", 0x0000FF), out).code()).isZero();
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                out.toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('!');
            assertFails(run("train", "--resume=" + out), 1, "Another process is at work on " + out);
        } finally {
            other.destroyForcibly();
        }
    }

    /** Another process with a run in its hands. */
    static final class Holder {
        public static void main(String[] args) throws Exception {
            java.io.Closeable lock = new RunDirectory(Path.of(args[0])).lock();
            System.out.println("!");
            Thread.sleep(60_000);
            lock.close();
        }
    }

    @Test
    void aRunIsNotOverwritten() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out).code()).isZero();
        byte[] before = Files.readAllBytes(out.resolve("best/model.json"));
        assertFails(train(data, out), 1, "holds a run already; resume it with --resume");
        assertThat(out.resolve("best/model.json")).hasBinaryContent(before);
    }

    @Test
    void aDirectoryWithOtherFilesIsLeftAlone() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path home = Files.createDirectories(temporary.resolve("home/best"));
        Files.writeString(home.resolve("thesis.txt"), "years of work");
        assertFails(train(data, home.getParent()), 1, "has other files in it");
        assertThat(home.resolve("thesis.txt")).hasContent("years of work");
    }

    @Test
    void aRunGoesOnOnlyAsItBegan() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out).code()).isZero();
        assertFails(
                run("train", "--resume=" + out, "--epochs=9"),
                2,
                "--epochs cannot be changed on --resume");
        for (int i = 0; i < 20; i++) {
            write(data.resolve("red/" + i + ".png"), 0x00FFFF);
        }
        assertFails(
                run("train", "--resume=" + out), 1, " in 2 with other contents; start another run");
        for (int i = 0; i < 20; i++) {
            write(data.resolve("red/more" + i + ".png"), 0xFF0000);
        }
        assertFails(run("train", "--resume=" + out), 1, "The data has changed since the run began");
    }

    @Test
    void badInputIsOneSentenceAndLeavesNothingBehind() throws IOException {
        Path one = Files.createDirectories(temporary.resolve("one"));
        Files.createDirectories(one.resolve("only"));
        write(one.resolve("only/a.png"), 0xFF0000);
        Path runs = temporary.resolve("runs");
        assertFails(train(one, runs), 1, "only the class folder [only]");

        Path text = images("red", 0xFF0000, "blue", 0x0000FF);
        for (int i = 0; i < 20; i++) {
            Files.writeString(text.resolve("red/" + i + ".png"), "not an image");
        }
        assertFails(
                train(text, runs),
                1,
                "No image of the class folder '" + text.resolve("red") + "' can be read");

        Path archive = temporary.resolve("cifar-10-binary.tar.gz");
        Files.write(archive, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1});
        assertFails(
                run(
                        "train",
                        "--dataset=cifar10",
                        "--data=" + archive,
                        "--out=" + runs,
                        "--offline"),
                1,
                "cifar-10-binary.tar.gz");
        assertThat(runs).doesNotExist();
    }

    @Test
    void anOutputDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        assertFails(
                train(data, file.resolve("run")),
                1,
                file + " exists already and is not a directory");
    }

    @Test
    void wrongUsageIsExitCodeTwo() {
        assertFails(run("train", "--no-such-option"), 2, "Unknown option: '--no-such-option'");
        assertFails(
                run("train", "--dataset=shapes", "--epochs", "many"),
                2,
                "epochs is many but must be a whole number of at least 1");
        assertFails(run("train", "--dataset", "imagenet"), 2, "There is no data set 'imagenet'");
        assertFails(
                run("train", "--dataset=shapes", "--recipe", "magic"),
                2,
                "There is no recipe 'magic'");
        assertFails(
                run("train", "--dataset=shapes", "--epochs=0"),
                2,
                "must be a whole number of at least 1");
        assertFails(run("doctor", "--device=gpu7"), 2, "There is no device gpu7");
        assertFails(run("fly"), 2, "fly");
        String[] both = {"train", "--dataset=shapes", "--precision=bf16", "--no-compile"};
        assertFails(run(both), 2, "--precision bf16 needs the compiled net");
        assertFails(
                run("train", "--dataset=shapes", "--precision=tf32", "--device=cpu"),
                2,
                "--precision tf32 is for GPUs");
        assertFails(run("train", "--dataset=shapes", "--precision=int4"), 2, "--precision");
    }

    @Test
    void anExportedFileEvaluatesToThePackagesFigure() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out).code()).isZero();
        JsonObject expected = json(evaluate(out.resolve("best"), data));
        Path exported = temporary.resolve("net");
        for (boolean normalizes : new boolean[] {true, false}) {
            new Exporter(ExportFormat.ONNX, normalizes, false)
                    .export(out.resolve("best"), exported);
            JsonObject actual = json(evaluate(exported, data, "--threads=1"));
            for (String exact : List.of("dataset", "split", "images", "correct", "top1")) {
                assertThat(actual.get(exact)).as(exact).isEqualTo(expected.get(exact));
            }
            assertThat(actual.get("loss").getAsDouble())
                    .isCloseTo(expected.get("loss").getAsDouble(), within(1e-5));
        }
        assertFails(evaluate(exported, data, "--device=gpu0"), 2, "--device is gpu0, but exported");
        for (Path net : List.of(out.resolve("best"), exported)) {
            JsonObject actual = json(evaluate(net, data, "--engine=vector", "--threads=1"));
            assertThat(actual.get("correct")).isEqualTo(expected.get("correct"));
            assertThat(actual.get("loss").getAsDouble())
                    .isCloseTo(expected.get("loss").getAsDouble(), within(1e-5));
        }
    }

    private static Result evaluate(Path net, Path data, String... more) {
        List<String> args = new ArrayList<>(List.of("evaluate", "--dataset=folder", "--json"));
        args.addAll(List.of("--model-path=" + net, "--data=" + data, "--batch-size=3"));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    @Test
    void packagesThatDoNotFitAreRefused() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out).code()).isZero();
        Path best = out.resolve("best");
        assertFails(
                run("evaluate", "--model-path=" + best, "--dataset=shapes"),
                1,
                "shapes has 10 classes (circle ...) but " + best + " knows 2");
        assertFails(
                run("evaluate", "--model-path=" + data, "--dataset=shapes"),
                1,
                "is not a MobileNetV3 package: it has no model.json");
        assertFails(
                run("evaluate", "--model-path=" + temporary.resolve("none"), "--dataset=shapes"),
                1,
                "There is no model package or file of weights at");
        assertFails(run("train", "--resume=" + data), 1, "is not a run: it has no run.json");
    }

    @Test
    void aNetLearnsFromATeacherOfTheSameClasses() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path teacher = temporary.resolve("teacher");
        assertThat(train(data, teacher, "--input-size=36").code()).isZero();
        Path best = teacher.resolve("best").toAbsolutePath();
        Path out = temporary.resolve("student");
        Result student = train(data, out, "--teacher=" + best, "--temperature=4");
        assertThat(student.code()).as(student.err()).isZero();
        assertThat(student.out())
                .contains("teacher " + best + ", distill 0.9, temperature 4.0")
                .contains("the teacher sees images enlarged from 32x32 to 36x36");
        assertThat(new RunDirectory(out).settings().teacher().path()).isEqualTo(best.toString());
        assertThat(run("train", "--resume=" + out).code()).isZero();
        assertFails(
                run("train", "--resume=" + out, "--teacher=" + best),
                2,
                "--teacher cannot be changed on --resume");
        Files.move(best, best.resolveSibling("other"));
        assertFails(
                run("train", "--resume=" + out),
                1,
                "The run's teacher " + best + " is gone; put it");
    }

    @Test
    void aTeacherThatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
        Path data = images("red", 0xFF0000, "blue", 0x0000FF);
        Path out = temporary.resolve("run");
        assertThat(train(data, out, "--epochs=1").code()).isZero();
        String teacher = "--teacher=" + out.resolve("best");
        Path none = temporary.resolve("none");
        assertFails(train(data, none, "--teacher=" + none), 1, "There is no");
        assertFails(
                train(data, none, teacher, "--distill=2"),
                2,
                "distill is 2 but must be a number of 0 to 1.");
        assertFails(
                train(data, none, teacher, "--temperature=0"),
                2,
                "temperature is 0 but must be a number above 0.");
        assertFails(
                train(data, none, "--distill=0.5"),
                2,
                "--distill has no effect without a teacher; give a trained net as --teacher.");
        assertFails(train(data, none, "--temperature=2"), 2, "--temperature has no effect without");
        assertFails(
                train(images("red", 0xFF0000, "green", 0x00FF00), none, teacher),
                1,
                "its class 0 is 'blue' but the images' is 'green'; give a teacher of the same");
        assertFails(
                run("train", "--dataset=shapes", "--out=" + none, teacher),
                1,
                "tells 2 classes apart but the images have 10; give a teacher of the same classes.");
        assertThat(none).doesNotExist();
    }

    private Result train(Path data, Path out, String... more) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "train",
                                "--dataset=folder",
                                "--data=" + data,
                                "--width=0.35",
                                "--epochs=2",
                                "--batch-size=8",
                                "--out=" + out));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    /** A folder with two classes of 20 images of 32×32; a negative color means gray. */
    private Path images(String first, int color1, String second, int color2) throws IOException {
        Path root = Files.createTempDirectory(temporary, "images");
        for (int i = 0; i < 20; i++) {
            write(root.resolve(first).resolve(i + ".png"), color1);
            write(root.resolve(second).resolve(i + ".png"), color2);
        }
        return root;
    }

    private static void write(Path file, int color) throws IOException {
        Files.createDirectories(file.getParent());
        boolean gray = color < 0;
        BufferedImage image =
                new BufferedImage(
                        32, 32, gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            image.setRGB(i % 32, i / 32, gray ? 0x777777 : color);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static void assertFails(Result result, int code, String message) {
        assertThat(result.err()).contains(message);
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.err()).doesNotContain("\tat ");
        List<String> lines =
                Stream.of(result.err().split("\n"))
                        .filter(l -> l.contains("mobilenetv3: "))
                        .toList();
        if (code == 1) {
            assertThat(lines).as(result.err()).hasSize(1);
        }
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    static Result run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream newOut = new ByteArrayOutputStream();
        ByteArrayOutputStream newErr = new ByteArrayOutputStream();
        try (PrintStream o = utf8(newOut);
                PrintStream e = utf8(newErr)) {
            System.setOut(o);
            System.setErr(e);
            int code = Main.run(args);
            o.flush();
            e.flush();
            return new Result(
                    code,
                    newOut.toString(StandardCharsets.UTF_8),
                    newErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static PrintStream utf8(OutputStream out) {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }
}
