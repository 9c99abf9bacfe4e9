package org.mobilenetv3.serve.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.mobilenetv3.serve.command.CommandLineRun.assertFails;
import static org.mobilenetv3.serve.command.CommandLineRun.run;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.drawing.SceneDrawing;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/** predict, export and convert with a net that detects. */
class DetectionCommandsTest {

    @TempDir private Path temporary;
    private Path model;
    private Path photo;

    @BeforeEach
    void save() throws IOException {
        model = temporary.resolve("model");
        TorchRuntime.start();
        Architecture table = Presets.of("ssdlite320_small", 0.25).withClasses(2);
        Preprocessing input =
                new Preprocessing(new Fit.Stretch(64, 96), Normalization.uniform(3, 0.5f, 0.5f));
        MobileNetV3 net = MobileNetV3.of(table, input.normalization());
        Random random = new Random(5);
        try (Model made = Model.newInstance("net", "PyTorch")) {
            made.setBlock(net);
            net.initialize(made.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 64, 96));
            for (Pair<String, Parameter> p : net.getParameters()) {
                if (p.getKey().matches("head.*\\.1\\.(weight|bias)")) {
                    float[] values = new float[(int) p.getValue().getShape().size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = 0.5f * (float) random.nextGaussian();
                    }
                    p.getValue().getArray().set(values);
                }
            }
            NetDescription description =
                    new NetDescription(table, input, true, List.of("cat", "dog"), Map.of());
            ModelPackage.save(model, made, description, ModelPackage.Extra.NONE);
        }
        BufferedImage image = new BufferedImage(123, 77, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 123 * 77; i++) {
            image.setRGB(i % 123, i / 123, random.nextInt());
        }
        photo = temporary.resolve("photo.png");
        ImageIO.write(image, "png", photo.toFile());
    }

    private static JsonObject json(String... args) {
        CommandLineRun result = run(args);
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonArray().get(0).getAsJsonObject();
    }

    @Test
    void predictPrintsObjectsAndDrawsThem() throws IOException {
        Path out = temporary.resolve("pictures");
        JsonObject found =
                json(
                                "predict",
                                "--weights=" + model,
                                "--json",
                                "--threshold=0.2",
                                "--out=" + out,
                                "" + photo)
                        .getAsJsonObject("detection");
        assertThat(found.get("width").getAsInt()).isEqualTo(123);
        assertThat(found.get("height").getAsInt()).isEqualTo(77);
        JsonArray objects = found.getAsJsonArray("objects");
        assertThat(objects).hasSizeGreaterThan(2);
        double before = 1;
        for (JsonElement element : objects) {
            JsonObject object = element.getAsJsonObject();
            double score = object.get("score").getAsDouble();
            assertThat(score).isBetween(0.2, before);
            before = score;
            int index = object.get("index").getAsInt();
            assertThat(object.get("className").getAsString())
                    .isEqualTo(List.of("cat", "dog").get(index));
            JsonObject box = object.getAsJsonObject("box");
            assertThat(box.get("left").getAsDouble()).isBetween(0.0, 123.0);
            assertThat(box.get("right").getAsDouble()).isBetween(0.0, 123.001);
            assertThat(box.get("bottom").getAsDouble()).isBetween(0.0, 77.001);
        }
        Path picture = out.resolve("photo-boxes.png");
        assertThat(found.get("picture").getAsString()).isEqualTo("" + picture);
        BufferedImage drawn = ImageIO.read(picture.toFile());
        // Four times as large, so that labels do not hide what they are about.
        assertThat(drawn.getWidth()).isEqualTo(4 * 123);
        assertThat(drawn.getHeight()).isEqualTo(4 * 77);
        BufferedImage image = new SceneDrawing(Pixels.read(photo)).picture();
        int changed = 0;
        for (int i = 0; i < 16 * 123 * 77; i++) {
            int x = i % (4 * 123);
            int y = i / (4 * 123);
            changed += drawn.getRGB(x, y) == image.getRGB(x, y) ? 0 : 1;
        }
        assertThat(changed).isGreaterThan(50);
    }

    @Test
    void fewerObjectsAreAboveAHigherThreshold() {
        int low = objects("--threshold=0.01");
        int usual = objects("--threshold=0.5");
        assertThat(low).isGreaterThan(usual);
        assertThat(objects("--top-k=3")).isEqualTo(usual); // 0.5 is the default
        CommandLineRun result = run("predict", "--weights=" + model, "--threshold=1", "" + photo);
        assertThat(result.out()).contains("photo-boxes.png: no object");
        assertThat(run("predict", "--weights=" + model, "--threshold=0", "" + photo).out())
                .contains("% ")
                .contains(" across, ")
                .contains(" objects");
    }

    private int objects(String option) {
        return json("predict", "--weights=" + model, "--json", option, "" + photo)
                .getAsJsonObject("detection")
                .getAsJsonArray("objects")
                .size();
    }

    @Test
    void filesFindTheSameObjects() throws IOException {
        JsonArray expected = found(model);
        Path onnx = temporary.resolve("net.onnx");
        CommandLineRun result = run("export", "--weights=" + model, "--nms", "--out=" + onnx);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("input (1, 3, 64, 96)")
                .contains("boxes (1, 210, 4), scores (1, 210, 3), detection_boxes (objects, 4)");
        Path script = temporary.resolve("net.pt");
        result = run("export", "--weights=" + model, "--out=" + script);
        assertThat(result.out())
                .contains("input (batch, 3, 64, 96)")
                .contains("boxes (batch, 210, 4), scores (batch, 210, 3)")
                .doesNotContain("detection_boxes");
        Path state = temporary.resolve("net.pth");
        assertThat(run("convert", "" + model, "" + state, "--format=torchvision").code()).isZero();
        Path back = temporary.resolve("back");
        Path names = Files.write(temporary.resolve("names.txt"), List.of("cat", "dog"));
        result =
                run(
                        "convert",
                        "" + state,
                        "" + back,
                        "--input-size=64x96",
                        "--class-names=" + names);
        assertThat(result.code()).as(result.err()).isZero();
        for (Path file : List.of(onnx, script, back)) {
            JsonArray actual = found(file);
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < actual.size(); i++) {
                JsonObject one = actual.get(i).getAsJsonObject();
                JsonObject other = expected.get(i).getAsJsonObject();
                assertThat(one.get("className")).isEqualTo(other.get("className"));
                assertThat(one.get("score").getAsDouble())
                        .isCloseTo(other.get("score").getAsDouble(), within(1e-4));
            }
        }
    }

    private JsonArray found(Path weights) {
        return json("predict", "--weights=" + weights, "--json", "" + photo)
                .getAsJsonObject("detection")
                .getAsJsonArray("objects");
    }

    @Test
    void optionsOfAnotherTaskAreRefusedInOneSentence() throws IOException {
        String weights = "--weights=" + model;
        assertFails(
                run("predict", weights, "--threshold=1.5", "" + photo),
                2,
                "--threshold is 1.5 but must be of 0 to 1.");
        assertFails(
                run("predict", weights, "--json", "--logits", "" + photo),
                2,
                "--logits takes nets that classify, but ssdlite320_small_w0.25 detects.");
        Path classifier = TestPackage.save(temporary.resolve("classifier"), 3);
        assertFails(
                run("predict", "--weights=" + classifier, "--threshold=0.4", "" + photo),
                2,
                "--threshold takes nets that detect, but mobilenet_v3_small_w0.35 classifies.");
        assertFails(
                run("predict", "--weights=" + classifier, "--out=x", "" + photo),
                2,
                "--out is for pictures of nets that detect or segment");
        assertFails(
                run("export", "--weights=" + classifier, "--nms"),
                2,
                "--nms is for nets that detect, but mobilenet_v3_small_w0.35 classifies.");
        assertFails(
                run("export", weights, "--nms", "--format=torchscript"),
                2,
                "--nms is for onnx files that are not quantized.");
        assertFails(
                run("export", weights, "--trainable", "--format=torchscript"),
                2,
                "leave out --trainable");
        assertFails(
                run(
                        "predict",
                        weights,
                        "" + photo,
                        temporary.resolve("photo-boxes.png").toString()),
                2,
                "would be written over");
    }
}
