package org.mobilenetv3.train.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Utils;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.cli.Main;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.command.CommandsTest.Result;
import org.mobilenetv3.train.data.imagenet.Synsets;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** {@code evaluate --dataset imagenet} on drawn folders of that form. */
class ImageNetEvaluationTest {

    private static final int IMAGES = 40;
    private static final Normalization NORMALIZATION = Normalization.IMAGENET;

    @TempDir private static Path shared;
    @TempDir private Path temporary;

    private static Path weights;

    /** One folder per synset, 40 of them with an image. */
    private static Path synsets;

    /** The same images in one folder, with a list. */
    private static Path flat;

    @BeforeAll
    static void draw() throws IOException {
        weights = save("net", NetDescription.imageNetClasses());
        synsets = shared.resolve("synsets/val");
        flat = Files.createDirectories(shared.resolve("flat"));
        for (String id : Synsets.ids()) {
            Files.createDirectories(synsets.resolve(id));
        }
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < IMAGES; i++) {
            byte[] samples = new byte[3 * 36 * 44];
            for (int j = 0; j < samples.length; j++) {
                samples[j] = (byte) ((i + 2) * j + j / (44 + i));
            }
            String name = String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", i + 1);
            int label = 25 * i;
            Path file = synsets.resolve(Synsets.ids().get(label)).resolve(name);
            ImageIO.write(new Pixels(samples, 3, 36, 44).toImage(), "png", file.toFile());
            Files.copy(file, flat.resolve(name));
            list.append(name).append(' ').append(label).append('\n');
        }
        Files.writeString(flat.resolve("val.txt"), list);
    }

    private static Path save(String name, List<String> classes) throws IOException {
        return save(name, classes, Map.of());
    }

    private static Path save(String name, List<String> classes, Map<String, Object> provenance)
            throws IOException {
        TorchRuntime.start();
        Architecture net =
                MobileNetV3.small().optClasses(classes.size()).optWidth(0.35).architecture();
        Path path = shared.resolve(name);
        try (Model model = Model.newInstance(net.name(), Device.cpu(), "PyTorch")) {
            MobileNetV3 block = MobileNetV3.of(net, NORMALIZATION);
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
            ModelPackage.save(
                    path,
                    model,
                    new NetDescription(
                            net,
                            new Preprocessing(32, 34, NORMALIZATION),
                            true,
                            classes,
                            provenance),
                    ModelPackage.Extra.NONE);
        }
        return path;
    }

    private static String[] command(Path data, String... more) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "evaluate",
                                "--weights=" + weights,
                                "--dataset=imagenet",
                                "--data=" + data,
                                "--batch-size=8",
                                "--device=cpu"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    private static Result evaluate(Path data, String... more) {
        return CommandsTest.run(command(data, more));
    }

    private static JsonObject json(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    private static void refuses(Result result, int code, String sentence) {
        assertThat(result.err()).contains(sentence).doesNotContain("\tat ");
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.out()).isEmpty();
    }

    /** Images of a folder, so many copies of ours. */
    private Path many(int count) throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("many"));
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String name = String.format(Locale.ROOT, "%05d.png", i);
            Files.copy(
                    flat.resolve(
                            String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", i % IMAGES + 1)),
                    folder.resolve(name));
            list.append(name).append(' ').append(i % 1000).append('\n');
        }
        Files.writeString(folder.resolve("val.txt"), list);
        return folder;
    }

    @Test
    void bothLayoutsGiveTheAnswersOfTheNetImageByImage() throws IOException {
        Path state = temporary.resolve("state.csv");
        JsonObject ofFlat = json(evaluate(flat, "--state=" + state, "--json"));
        JsonObject ofFolders = json(evaluate(synsets.getParent(), "--json"));
        ofFlat.remove("imagesPerSecond");
        ofFolders.remove("imagesPerSecond");
        ofFlat.remove("notes"); // they name the folders
        ofFolders.remove("notes");
        assertThat(ofFlat).isEqualTo(ofFolders);
        assertThat(ofFlat.get("images").getAsInt()).isEqualTo(IMAGES);
        List<String> lines = Files.readAllLines(state);
        assertThat(lines).hasSize(2 + IMAGES);
        int correct = 0;
        try (PackageNet net = PackageNet.open(weights, Device.cpu())) {
            for (int i = 0; i < IMAGES; i++) {
                String name = String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", i + 1);
                float[] input = net.description().input(Pixels.read(flat.resolve(name)));
                float[] logits = net.logits(FloatBuffer.wrap(input), new Shape(1, 3, 32, 32));
                int best = 0;
                for (int c = 1; c < logits.length; c++) {
                    best = logits[c] > logits[best] ? c : best;
                }
                correct += best == 25 * i ? 1 : 0;
                assertThat(lines.get(2 + i))
                        .startsWith(i + "," + 25 * i + "," + best + ",")
                        .endsWith("," + name);
            }
        }
        assertThat(ofFlat.get("correct").getAsInt()).isEqualTo(correct);
    }

    @Test
    void theResultIsForPeopleToo() {
        Result result = evaluate(flat, "--tta=flip");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .startsWith("imagenet validation: top-1 ")
                .contains(" of 40; 95 % interval ")
                .contains("top-5 ")
                .contains(" images/s")
                .contains("with flip averaging: top-1 ");
        assertThat(result.err())
                .contains("holds 40 images of 40 classes; the whole validation set has 50,000");
    }

    @Test
    void withoutAFileForThemNoPredictionsAreLeftBehind() throws IOException {
        List<Path> before = cached();
        assertThat(evaluate(flat).code()).isZero();
        assertThat(cached()).isEqualTo(before);
    }

    private static List<Path> cached() throws IOException {
        Path folder = Utils.getCacheDir().resolve("mobilenetv3/evaluations");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "flip"})
    void whatWasInterruptedGoesOnToTheSameBits(String tta) throws IOException {
        Path state = temporary.resolve("state.csv");
        String[] more = {"--state=" + state, "--json", "--tta=" + tta};
        JsonObject whole = json(evaluate(flat, more));
        byte[] bytes = Files.readAllBytes(state);
        Files.write(state, Arrays.copyOf(bytes, bytes.length / 2));
        Result rest = evaluate(flat, more);
        assertThat(rest.err()).contains("Going on after 16 images of an earlier process.");
        assertThat(state).hasBinaryContent(bytes);
        JsonObject resumed = json(rest);
        whole.remove("imagesPerSecond");
        resumed.remove("imagesPerSecond");
        assertThat(resumed).isEqualTo(whole);
        JsonObject nothingLeft = json(evaluate(flat, more)); // and so once more
        assertThat(nothingLeft).isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java cannot send a signal there")
    void aProcessThatIsStoppedOrKilledIsGoneOnWith(boolean killed) throws Exception {
        Path data = many(400);
        Path state = temporary.resolve("state.csv");
        String[] words = command(data, "--state=" + state, "--batch-size=1", "--threads=1");
        words[4] = "--json"; // in place of the other batch size
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        while (process.isAlive() && (!Files.exists(state) || Files.size(state) < 3000)) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        if (killed) {
            process.toHandle().destroyForcibly();
        } else {
            process.toHandle().destroy(); // SIGTERM; leaves the streams open
        }
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isEqualTo(killed ? 137 : 143);
        if (!killed) {
            assertThat(printed).contains("Interrupted; the same command goes on");
        }
        assertThat(Files.readAllLines(state)).hasSizeBetween(10, 401);
        JsonObject resumed = json(CommandsTest.run(words));
        byte[] bytes = Files.readAllBytes(state);
        Files.delete(state);
        JsonObject whole = json(CommandsTest.run(words));
        assertThat(state).hasBinaryContent(bytes);
        whole.remove("imagesPerSecond");
        resumed.remove("imagesPerSecond");
        assertThat(resumed).isEqualTo(whole);
    }

    @Test
    void imagesThatCannotBeReadAreNamedCountedAndTheExitCode() throws IOException {
        Path data = many(20);
        Files.writeString(data.resolve("00003.png"), "no image");
        Files.writeString(data.resolve("00019.png"), "");
        Path state = temporary.resolve("state.csv");
        Result result = evaluate(data, "--state=" + state);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines().filter(l -> l.contains("00003.png"))).hasSize(1);
        assertThat(result.err().lines().filter(l -> l.contains("00019.png"))).hasSize(1);
        assertThat(result.out())
                .contains(" of 18; 95 % interval")
                .contains("2 of 20 images could not be read; the figures are of the others");
        Result again = evaluate(data, "--state=" + state, "--json");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("It could not read '00003.png'.");
        assertThat(JsonParser.parseString(again.out()).getAsJsonObject().get("unreadable"))
                .hasToString("[\"00003.png\",\"00019.png\"]");
    }

    @Test
    void imagesNoneOfWhichCanBeReadAreTheWrongFolder() throws IOException {
        Path data = many(20);
        for (int i = 0; i < 20; i++) {
            Files.writeString(data.resolve(String.format(Locale.ROOT, "%05d.png", i)), "no image");
        }
        refuses(
                evaluate(data, "--state=" + temporary.resolve("state.csv")),
                1,
                "None of the first 20 images in '" + data + "' can be read");
    }

    @Test
    void predictionsOfOtherWeightsImagesOrOptionsAreRefused() throws IOException {
        Path data = many(20);
        String state = "--state=" + temporary.resolve("state.csv");
        assertThat(evaluate(data, state).code()).isZero();
        refuses(evaluate(flat, state), 1, "evaluation with other images (");
        refuses(evaluate(data, state, "--tta=flip"), 1, "other test-time augmentation (");
        refuses(evaluate(data, state, "--no-compile"), 1, "other computing (");
        Path other = save("other", NetDescription.imageNetClasses());
        String[] words = command(data, state);
        words[1] = "--weights=" + other;
        refuses(CommandsTest.run(words), 1, "evaluation with other weights (");
        Files.delete(data.resolve("val.txt"));
        refuses(evaluate(data, state), 1, "no labels (val.txt, ");
    }

    @Test
    void theNetMustHaveImageNetsClasses() throws IOException {
        String[] words = command(flat);
        words[1] = "--weights=" + save("two", List.of("cat", "dog"));
        refuses(
                CommandsTest.run(words),
                1,
                "ImageNet has 1,000 classes and images of 3 channels but ");
        words[1] = "--weights=" + save("numbered", NetDescription.numberedClasses(1000));
        Result numbered = CommandsTest.run(words);
        assertThat(numbered.code()).isZero();
        assertThat(numbered.err())
                .contains("numbered are not called as ImageNet's (class_0, class_1 ...)");
        words[1] = "--weights=" + save("ids", Synsets.ids());
        assertThat(CommandsTest.run(words).err()).doesNotContain("not called as ImageNet's");
    }

    @Test
    void thePublishedFigureStandsBesideOurs() throws IOException {
        Map<String, Object> large =
                Map.of("pretrained", "torchvision/mobilenet_v3_large.imagenet1k_v2");
        String[] words = command(flat, "--json");
        words[1] = "--weights=" + save("published", NetDescription.imageNetClasses(), large);
        Result result = CommandsTest.run(words);
        assertThat(result.err())
                .contains("The published figure is for another input: the shorter side to 232");
        JsonObject figures = json(result);
        JsonObject published = figures.getAsJsonObject("published");
        assertThat(published.get("top1").getAsDouble()).isCloseTo(0.75274, within(1e-9));
        assertThat(published.get("top5").getAsDouble()).isCloseTo(0.92566, within(1e-9));
        assertThat(published.get("difference").getAsDouble())
                .isCloseTo(figures.get("top1").getAsDouble() - 0.75274, within(1e-9));
        assertThat(published.get("within").getAsBoolean()).isFalse();
        words[words.length - 1] = "--tta=none";
        assertThat(CommandsTest.run(words).out())
                .contains("published: top-1 75.27 %  top-5 92.57 % (torchvision ")
                .contains(" points, outside the interval");
    }

    @Test
    void optionsThatDoNotFitAreRefused() {
        refuses(evaluate(flat, "--split=test"), 2, "--split is not for --dataset imagenet");
        String[] words = command(flat, "--labels=x");
        words[2] = "--dataset=folder";
        refuses(CommandsTest.run(words), 2, "--labels is for --dataset imagenet");
        words = command(flat);
        words[3] = "--json";
        refuses(CommandsTest.run(words), 2, "needs the folder of its validation images");
        refuses(evaluate(flat, "--labels=none.txt"), 1, "none.txt does not exist.");
    }
}
