package org.mobilenetv3.serve;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.zoo.ModelDescription;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.Preprocessing;

class PredictCommandTest {

    @TempDir private Path temporary;
    private Path photo;

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void photograph() throws IOException {
        photo = image("photo.jpg", BufferedImage.TYPE_INT_RGB);
    }

    @Test
    void showsTheClassesWithTheHighestProbabilityFirst() throws IOException {
        Path model = model(3);
        Result result = run("predict", "--model-path=" + model, "--top-k=2", "--json", "" + photo);
        assertThat(result.code()).as(result.err()).isZero();
        JsonArray predictions = JsonParser.parseString(result.out()).getAsJsonArray();
        assertThat(predictions).hasSize(1);
        JsonArray guesses = predictions.get(0).getAsJsonObject().getAsJsonArray("guesses");
        assertThat(guesses).hasSize(2);
        // The package's last bias makes "dog" certain.
        assertThat(guesses.get(0).getAsJsonObject().get("className").getAsString())
                .isEqualTo("dog");
        assertThat(guesses.get(0).getAsJsonObject().get("probability").getAsDouble())
                .isGreaterThan(0.99);
        assertThat(run("predict", "--model-path=" + model, "" + photo).out())
                .contains("photo.jpg")
                .contains("dog");
    }

    @Test
    void aNetForGreyImagesTakesColourToo() throws IOException {
        Path grey = image("grey.png", BufferedImage.TYPE_BYTE_GRAY);
        Path model = model(1);
        assertThat(run("predict", "--model-path=" + model, "" + grey, "" + photo).code()).isZero();
    }

    @Test
    void badInputIsOneSentence() throws IOException {
        Path model = model(3);
        Path text = Files.writeString(temporary.resolve("text.png"), "this is no image");
        assertFails(run("predict", "--model-path=" + model, "" + text), 1, "text.png");

        Path missing = temporary.resolve("missing.png");
        assertFails(run("predict", "--model-path=" + model, "" + missing), 1, "missing.png");

        Path grey = image("grey.png", BufferedImage.TYPE_BYTE_GRAY);
        assertFails(
                run("predict", "--model-path=" + model, "" + grey), 1, "is grey (1 channel) but");

        assertFails(
                run("predict", "--model-path=" + temporary, "" + photo),
                1,
                "is not a MobileNetV3 package");
        assertFails(run("predict", "--model-path=" + model), 2, "IMAGE");
        assertFails(
                run("predict", "--model-path=" + model, "--top-k=0", "" + photo),
                2,
                "--top-k is 0");
    }

    private static void assertFails(Result result, int code, String message) {
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
    }

    private Path model(int channels) throws IOException {
        TorchRuntime.start();
        Normalization normalization = Normalization.unit(channels);
        MobileNetV3 net =
                MobileNetV3.of(
                        MobileNetV3.small()
                                .optClasses(3)
                                .optWidth(0.35)
                                .optInputChannels(channels)
                                .config(),
                        normalization);
        Path directory = temporary.resolve("model");
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.setBlock(net);
            net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, channels, 32, 32));
            net.getParameters().get("classifier.3.bias").getArray().set(new float[] {0f, 10f, 1f});
            ModelPackage.save(
                    directory,
                    model,
                    ModelDescription.of(
                            net.config(), new Preprocessing(32, 32, normalization), Map.of()),
                    List.of("cat", "dog", "bird"),
                    ModelPackage.Extra.NONE);
        }
        return directory;
    }

    private Path image(String name, int type) throws IOException {
        Path file = temporary.resolve(name);
        String format = name.substring(name.lastIndexOf('.') + 1);
        ImageIO.write(new BufferedImage(60, 40, type), format, file.toFile());
        return file;
    }

    private static Result run(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream newOut = new ByteArrayOutputStream();
        ByteArrayOutputStream newErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
            int code = Main.run(args);
            return new Result(
                    code,
                    newOut.toString(StandardCharsets.UTF_8),
                    newErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
