package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.serve.TestPackage;

class PredictCommandTest {

    @TempDir private Path temporary;
    private Path photo;

    @BeforeEach
    void photograph() throws IOException {
        photo = image("photo.jpg", BufferedImage.TYPE_INT_RGB);
    }

    @Test
    void showsTheClassesWithTheHighestProbabilityFirst() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        CommandLineRun result =
                run("predict", "--weights=" + model, "--top-k=2", "--json", "" + photo);
        assertThat(result.code()).as(result.err()).isZero();
        JsonArray results = JsonParser.parseString(result.out()).getAsJsonArray();
        assertThat(results).hasSize(1);
        JsonArray predictions = results.get(0).getAsJsonObject().getAsJsonArray("predictions");
        assertThat(predictions).hasSize(2);
        // The package's last bias makes "dog" certain.
        assertThat(predictions.get(0).getAsJsonObject().get("className").getAsString())
                .isEqualTo("dog");
        assertThat(predictions.get(0).getAsJsonObject().get("probability").getAsDouble())
                .isGreaterThan(0.99);
        assertThat(run("predict", "--weights=" + model, "" + photo).out())
                .contains("photo.jpg")
                .contains("dog");
    }

    @Test
    void aNetThatSegmentsWritesMaskAndOverlayBesideTheImageOrWhereItIsTold() throws IOException {
        Path model = TestPackage.saveSegmenting(temporary.resolve("model"));
        CommandLineRun beside = run("predict", "--weights=" + model, "" + photo);
        assertThat(beside.code()).as(beside.err()).isZero();
        assertThat(beside.out())
                .contains("  100.0 %  ████████████████████  dog")
                .contains(temporary.resolve("photo-mask.png") + ", ")
                .doesNotContain("bird");
        Path other = temporary.resolve("made on demand");
        CommandLineRun told =
                run("predict", "--weights=" + model, "--json", "--out=" + other, "" + photo);
        JsonObject result =
                JsonParser.parseString(told.out()).getAsJsonArray().get(0).getAsJsonObject();
        assertThat(result.keySet()).containsExactly("file", "segmentation");
        JsonObject found = result.getAsJsonObject("segmentation");
        assertThat(found.get("mask").getAsString()).isEqualTo("" + other.resolve("photo-mask.png"));
        assertThat(found.getAsJsonArray("areas").toString())
                .isEqualTo("[{\"className\":\"dog\",\"index\":1,\"share\":1}]");
        BufferedImage image = ImageIO.read(photo.toFile());
        BufferedImage mask = ImageIO.read(other.resolve("photo-mask.png").toFile());
        BufferedImage overlay = ImageIO.read(other.resolve("photo-overlay.png").toFile());
        assertThat(mask.getType()).isEqualTo(BufferedImage.TYPE_BYTE_INDEXED);
        assertThat(mask.getWidth()).isEqualTo(image.getWidth()).isEqualTo(overlay.getWidth());
        assertThat(mask.getHeight()).isEqualTo(image.getHeight()).isEqualTo(overlay.getHeight());
        assertThat(mask.getRaster().getSample(3, 5, 0)).isEqualTo(1);
        assertThat(overlay.getRGB(3, 5)).isEqualTo(0xff400000); // half of dark red on black
    }

    @Test
    void masksAreNotWrittenOverImagesOrEachOther() throws IOException {
        Path model = TestPackage.saveSegmenting(temporary.resolve("model"));
        Path mask = image("photo-mask.png", BufferedImage.TYPE_INT_RGB);
        byte[] before = Files.readAllBytes(mask);
        String weights = "--weights=" + model;
        assertFails(
                run("predict", weights, "" + photo, "" + mask),
                2,
                mask + " would be written over: it is one of the images");
        assertThat(mask).hasBinaryContent(before);
        Path png = image("photo.png", BufferedImage.TYPE_INT_RGB);
        Path masks = temporary.resolve("masks");
        assertFails(
                run("predict", weights, "--out=" + masks, "" + photo, "" + png),
                2,
                photo + " and " + png + " would both be written to ");
        assertThat(masks).doesNotExist();
        assertFails(
                run("predict", weights, "--out=" + png, "" + photo),
                1,
                "--out is " + png + ", which is a file; give a directory.");
    }

    @Test
    void optionsOfAnotherTaskAreRefused() throws IOException {
        String segments = "--weights=" + TestPackage.saveSegmenting(temporary.resolve("segments"));
        String classifies = "--weights=" + TestPackage.save(temporary.resolve("classifies"), 3);
        String but = " takes nets that classify, but lraspp_small_w0.35 segments.";
        assertFails(
                run("predict", segments, "--json", "--logits", "" + photo), 2, "--logits" + but);
        assertFails(
                run("predict", segments, "--features=" + temporary, "" + photo),
                2,
                "--features" + but);
        assertFails(
                run("predict", classifies, "--out=" + temporary, "" + photo),
                2,
                "--out is for pictures of nets that detect or segment, but mobilenet_v3_small_w0.35 classifies.");
    }

    @Test
    void aNetForGrayImagesTakesColorTooAndTheOtherWayRound() throws IOException {
        Path gray = image("gray.png", BufferedImage.TYPE_BYTE_GRAY);
        for (int channels : new int[] {1, 3}) {
            Path model = TestPackage.save(temporary.resolve("model" + channels), channels);
            assertThat(run("predict", "--weights=" + model, "" + gray, "" + photo).code()).isZero();
        }
    }

    @Test
    void badInputIsOneSentence() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path text = Files.writeString(temporary.resolve("text.png"), "this is no image");
        assertFails(run("predict", "--weights=" + model, "" + text), 1, "text.png");

        Path missing = temporary.resolve("missing.png");
        assertFails(run("predict", "--weights=" + model, "" + missing), 1, "missing.png");

        assertFails(
                run("predict", "--weights=" + temporary, "" + photo),
                1,
                "is not a MobileNetV3 package");
        assertFails(run("predict", "--weights=" + model), 2, "IMAGE");
        assertFails(
                run("predict", "--weights=" + model, "--top-k=0", "" + photo), 2, "--top-k is 0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExportedFileAnswersAsThePackage(boolean normalizes) throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path exported = temporary.resolve("net");
        new Exporter(ExportFormat.ONNX, normalizes, false).export(model, exported);
        JsonArray expected =
                predictions(run("predict", "--weights=" + model, "--json", "" + photo));
        JsonArray actual =
                predictions(
                        run(
                                "predict",
                                "--weights=" + exported,
                                "--threads=1",
                                "--json",
                                "" + photo));
        assertThat(expected).hasSize(3);
        for (int i = 0; i < 3; i++) {
            JsonObject prediction = actual.get(i).getAsJsonObject();
            JsonObject wanted = expected.get(i).getAsJsonObject();
            assertThat(prediction.get("className")).isEqualTo(wanted.get("className"));
            assertThat(prediction.get("probability").getAsDouble())
                    .isCloseTo(wanted.get("probability").getAsDouble(), within(1e-5));
        }
        Path cut = temporary.resolve("cut.onnx");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(exported), 9000));
        assertFails(run("predict", "--weights=" + cut, "" + photo), 1, "cut.onnx cannot be");
    }

    @Test
    void everyEngineAnswersAlike() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path exported = temporary.resolve("net");
        new Exporter(ExportFormat.ONNX, true, false).export(model, exported);
        double[] expected = logits(model, "auto");
        for (Path weights : new Path[] {model, exported}) {
            for (String engine : new String[] {"torch", "onnxruntime", "onnx", "Vector", "auto"}) {
                assertThat(logits(weights, engine)).containsExactly(expected, within(1e-4));
            }
        }
    }

    private double[] logits(Path weights, String engine) {
        CommandLineRun result =
                run(
                        "predict",
                        "--weights=" + weights,
                        "--engine=" + engine,
                        "--json",
                        "--logits",
                        "" + photo);
        assertThat(result.code()).as(result.err()).isZero();
        JsonObject one =
                JsonParser.parseString(result.out()).getAsJsonArray().get(0).getAsJsonObject();
        return new Gson().fromJson(one.get("logits"), double[].class);
    }

    @Test
    void whatAnEngineDoesNotDoIsRefusedInASentence() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path script = temporary.resolve("net.pt");
        new Exporter(ExportFormat.TORCHSCRIPT, true, false).export(model, script);
        String weights = "--weights=" + model;
        String vector = "--engine=vector";
        assertFails(
                run("predict", weights, vector, "--device=gpu0", "" + photo),
                2,
                "--device is gpu0, but --engine vector computes on the CPU; leave it out.");
        assertFails(
                run("predict", weights, vector, "--precision=bf16", "" + photo),
                2,
                "--no-compile and --precision need --engine torch, not vector");
        assertFails(
                run("predict", weights, "--engine=onnxruntime", "--features=x", "" + photo),
                2,
                "--features needs --engine torch or vector, not onnxruntime");
        assertFails(
                run("predict", weights, vector, "--arch=mobilenet_v3_small", "" + photo),
                2,
                "--arch is not allowed");
        assertFails(
                run("predict", "--weights=" + script, vector, "" + photo),
                2,
                "is TorchScript, which only libtorch runs");
        assertFails(
                run("predict", "--weights=" + script, "--engine=onnxruntime", "" + photo),
                2,
                "is TorchScript, which ONNX Runtime does not run");
        assertFails(
                run("predict", weights, "--engine=tensorflow", "" + photo),
                2,
                "there is no engine 'tensorflow'; there are auto, vector, onnxruntime, torch");
    }

    @ParameterizedTest
    @EnumSource
    void aNetOfPaddedImagesIsExportedAndPredictsBothWays(ExportFormat format) throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3, new Fit.PadRight(32, 64));
        Path exported = temporary.resolve("net");
        new Exporter(format, true, false).export(model, exported);
        for (Path net : new Path[] {model, exported}) {
            JsonArray predictions =
                    predictions(run("predict", "--weights=" + net, "--json", "" + photo));
            assertThat(predictions.get(0).getAsJsonObject().get("className").getAsString())
                    .isEqualTo("dog");
        }
    }

    @Test
    void featuresAreWrittenForEachImageAndTheEmbeddingIsPrinted() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path other = image("other.png", BufferedImage.TYPE_INT_RGB);
        Path seen = temporary.resolve("seen/here");
        String[] command = {
            "predict", "--weights=" + model, "--features=" + seen, "" + photo, "" + other
        };
        CommandLineRun result = run(command);
        assertThat(result.code()).as(result.err()).isZero();
        Path file = seen.resolve("photo.jpg.npz");
        // A Small of width 0.35 on 32x32 pixels.
        assertThat(result.out())
                .contains("dog")
                .contains(
                        file
                                + ": embedding [360], stride2 [8, 16, 16], stride4 [8, 8, 8],"
                                + " stride8 [8, 4, 4], stride16 [16, 2, 2], stride32 [192, 1, 1]");
        try (Stream<Path> files = Files.list(seen)) {
            assertThat(files).containsExactlyInAnyOrder(file, seen.resolve("other.png.npz"));
        }

        // Nothing is replaced: the second image's file alone stops the command.
        byte[] before = Files.readAllBytes(file);
        Files.delete(seen.resolve("other.png.npz"));
        assertFails(run(command), 1, file + " is there already and is not replaced");
        assertThat(seen.resolve("other.png.npz")).doesNotExist();
        assertThat(file).hasBinaryContent(before);

        JsonObject features =
                prediction(
                                run(
                                        "predict",
                                        "--weights=" + model,
                                        "--features=" + temporary.resolve("again"),
                                        "--json",
                                        "" + photo))
                        .getAsJsonObject("features");
        float[] embedding =
                new Gson().fromJson(features.getAsJsonArray("embedding"), float[].class);
        assertThat(features.getAsJsonObject("shapes").getAsJsonArray("stride16"))
                .hasToString("[16,2,2]");
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                InputStream in = Files.newInputStream(file)) {
            NDList arrays = NDList.decode(manager, in);
            assertThat(arrays.get("embedding").toFloatArray()).containsExactly(embedding);
            assertThat(arrays.get("stride32").getShape()).isEqualTo(new Shape(192, 1, 1));
            assertThat(arrays).hasSize(6);
        }
        assertThat(prediction(run("predict", "--weights=" + model, "--json", "" + photo)).keySet())
                .containsExactly("file", "predictions");
    }

    @Test
    void featuresThatCannotBeWrittenAreOneSentence() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path folder = Files.createDirectory(temporary.resolve("folder"));
        Path twin = Files.copy(photo, folder.resolve("photo.jpg"));
        Path seen = temporary.resolve("seen");
        assertFails(
                run("predict", "--weights=" + model, "--features=" + seen, "" + photo, "" + twin),
                2,
                photo + " and " + twin + " would both be written to");
        assertFails(
                run("predict", "--weights=" + model, "--features=" + photo, "" + photo),
                1,
                "--features is " + photo + ", which is a file; give a directory.");
        Path exported = temporary.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, true, false).export(model, exported);
        assertFails(
                run("predict", "--weights=" + exported, "--features=" + seen, "" + photo),
                2,
                exported + " is an exported file, which gives no features");
        assertThat(seen).doesNotExist();
    }

    @Test
    void aBadImageAmongOthersIsNamedAndTheOthersAreAnswered() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path bad = Files.write(temporary.resolve("bad.jpg"), new byte[] {-1, -40, -1, -32});
        Path other = image("other.png", BufferedImage.TYPE_INT_RGB);
        String[] command = {"predict", "--weights=" + model, "" + photo, "" + bad, "" + other};
        CommandLineRun result = run(command);
        assertFails(result, 1, "bad.jpg");
        assertThat(result.err()).hasLineCount(1);
        assertThat(result.out()).contains("photo.jpg", "other.png").doesNotContain("bad.jpg");

        String[] asJson = Arrays.copyOf(command, command.length + 1);
        asJson[command.length] = "--json";
        result = run(asJson);
        assertFails(result, 1, "bad.jpg");
        JsonArray answers = JsonParser.parseString(result.out()).getAsJsonArray();
        assertThat(answers).hasSize(3);
        assertThat(answers.get(0).getAsJsonObject().keySet())
                .containsExactly("file", "predictions");
        assertThat(answers.get(1).getAsJsonObject().keySet()).containsExactly("file", "error");
        assertThat(answers.get(1).getAsJsonObject().get("error").getAsString()).contains("bad.jpg");
        assertThat(answers.get(2).getAsJsonObject().get("file").getAsString()).contains("other");
    }

    @Test
    void aForeignOnnxFileIsRefusedForWhatItLacksAndNotForNotBeingOurs() throws IOException {
        // Weights in a second file, as PyTorch's exporter writes them from 2.9 on.
        byte[] graph = {0x2A, 5, 0x42, 1, 'w', 0x70, 1};
        byte[] head = {8, 8, 0x3A, (byte) graph.length};
        Path file = temporary.resolve("foreign.onnx");
        Files.write(file, head);
        Files.write(file, graph, StandardOpenOption.APPEND);
        assertFails(
                run("predict", "--weights=" + file, "" + photo), 1, "lie in another file; export");
    }

    @Test
    void aFileWhoseNameBeginsWithAtIsAnImage() throws IOException {
        Path model = TestPackage.save(temporary.resolve("model"), 3);
        Path at = Path.of("@" + temporary.getFileName() + ".png");
        Path twin = Path.of(at.toString().substring(1)); // would be read for arguments
        try {
            Files.copy(image("at.png", BufferedImage.TYPE_INT_RGB), at);
            Files.writeString(twin, "--no-such-option");
            assertThat(run("predict", "--weights=" + model, "" + at).out())
                    .startsWith(at.toString());
        } finally {
            Files.deleteIfExists(at);
            Files.deleteIfExists(twin);
        }
    }

    private static JsonArray predictions(CommandLineRun result) {
        return prediction(result).getAsJsonArray("predictions");
    }

    private static JsonObject prediction(CommandLineRun result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonArray().get(0).getAsJsonObject();
    }

    private Path image(String name, int type) throws IOException {
        Path file = temporary.resolve(name);
        String format = name.substring(name.lastIndexOf('.') + 1);
        ImageIO.write(new BufferedImage(60, 40, type), format, file.toFile());
        return file;
    }
}
