package org.mobilenetv3.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.TranslatorContext;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

class ModelPackageTest {

    private static final Preprocessing INPUT =
            new Preprocessing(
                    32,
                    32,
                    new Normalization(new float[] {.4f, .5f, .6f}, new float[] {.2f, .3f, .4f}));
    private static final List<String> CLASSES = List.of("cat", "dog", "a bird");

    @TempDir private Path temporary;
    private Path directory;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @BeforeEach
    void save() throws IOException {
        boolean unicode = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
        // A name that URLs and DJL's lists of locations would stumble over.
        directory = temporary.resolve(unicode ? "my runs é" : "my runs").resolve("best");
        save(MobileNetV3.small(), 1);
    }

    @Test
    void djlOpensItByPathAndPredictsWhatTheNetComputes() throws Exception {
        Image image = photograph();
        float[] expected;
        try (ZooModel<Image, Classifications> model = open(directory)) {
            // The net's own output for the same pixels, without DJL's predictor.
            var manager = model.getNDManager();
            float[] pixels = INPUT.apply(Pixels.of((BufferedImage) image.getWrappedImage()));
            expected =
                    model.getBlock()
                            .forward(
                                    new ParameterStore(manager, false),
                                    new NDList(manager.create(pixels, new Shape(1, 3, 32, 32))),
                                    false)
                            .singletonOrThrow()
                            .softmax(1)
                            .toFloatArray();
        }
        assertThat(expected[0]).isNotCloseTo(1f / 3, within(0.01f));
        assertThat(probabilities(directory, image)).containsExactly(expected, within(1e-4f));
    }

    @Test
    void djlOpensAZipOfIt() throws Exception {
        Path zip = temporary.resolve("net.zip");
        zip(zip);
        Image image = photograph();
        assertThat(probabilities(zip, image)).containsExactly(probabilities(directory, image));
    }

    @Test
    void theZooFindsATrainedPackageByGroupArtifactAndPath() throws Exception {
        Image image = photograph();
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_small")
                        .optArgument("package", directory.toString())
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            assertThat(floats(predictor.predict(image)))
                    .containsExactly(probabilities(directory, image), within(1e-4f));
        }
    }

    @Test
    void theZooRefusesAPackageOfTheOtherNet() {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_large")
                        .optArgument("package", directory.toUri().toString())
                        .build();
        assertThatThrownBy(criteria::loadModel)
                .hasMessageContaining("holds mobilenet_v3_small, not mobilenet_v3_large");
    }

    @Test
    void ourOwnOpeningNoticesThatAZipHasChanged() throws Exception {
        Path zip = temporary.resolve("net.zip");
        zip(zip);
        try (var model = PackageModel.open(zip, null)) {
            assertThat(model.getBlock()).isInstanceOf(MobileNetV3.class);
        }
        Files.write(zip, new byte[] {'P', 'K', 3, 4, 0});
        assertThatThrownBy(() -> PackageModel.open(zip, null).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("net.zip");
    }

    @Test
    void aDirectoryThatIsNoPackageIsNotReplaced() throws IOException {
        directory = Files.createDirectories(temporary.resolve("precious"));
        Files.writeString(directory.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> save(MobileNetV3.small(), 1))
                .hasMessageContaining("is there already and is no package");
        assertThat(directory.resolve("thesis.txt")).exists();
    }

    @Test
    void theZooBuildsUntrainedNetsFromArguments() throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_large")
                        .optArgument("classes", 7)
                        .optArgument("width", "0.5")
                        .optArgument("variant", "paper")
                        .optArgument("inputSize", 64)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            assertThat(((MobileNetV3) model.getBlock()).architecture())
                    .isEqualTo(Presets.of("mobilenet_v3_large", 0.5).withClasses(7));
            assertThat(predictor.predict(photograph()).getClassNames()).hasSize(7);
        }
    }

    @Test
    void theZooListsBothNets() {
        assertThat(ModelZoo.listModels().values().stream().flatMap(List::stream))
                .extracting(mrl -> mrl.getGroupId() + ":" + mrl.getArtifactId())
                .contains(
                        "org.mobilenetv3:mobilenet_v3_large", "org.mobilenetv3:mobilenet_v3_small");
    }

    @Test
    void whatItSaysComesBack() throws IOException {
        ModelPackage read = ModelPackage.read(directory);
        assertThat(read.description().classes()).isEqualTo(CLASSES);
        assertThat(read.description().preprocessing()).isEqualTo(INPUT);
        assertThat(read.description().provenance()).containsEntry("dataset", "test");
        assertThat(read.description().architecture())
                .isEqualTo(MobileNetV3.small().optClasses(3).architecture());
    }

    @Test
    void aPackageOfBeforeThereWerePaddedImagesIsRead() throws IOException {
        ModelPackage now = ModelPackage.read(directory);
        Files.writeString(
                directory.resolve("model.json"),
                """
                {
                  "format": 1,
                  "architecture": {
                    "size": "SMALL",
                    "variant": "PAPER",
                    "classes": 3,
                    "width": 1,
                    "dropout": 0.2,
                    "inputChannels": 3,
                    "stemStride": 2
                  },
                  "input": {
                    "size": 32,
                    "resize": 32,
                    "normalization": {
                      "mean": [0.4, 0.5, 0.6],
                      "std": [0.2, 0.3, 0.4]
                    }
                  },
                  "provenance": {"dataset": "test"},
                  "parametersSha256": "%s"
                }
                """
                        .formatted(now.parametersSha256()));
        assertThat(ModelPackage.read(directory)).isEqualTo(now);
    }

    @ParameterizedTest
    @CsvSource({"BILINEAR,AREA", "BICUBIC,AREA", "OPENCV_BILINEAR,BILINEAR"})
    void djlResizesTheWayOfItsOwnThatIsNearest(Interpolation interpolation, String djls)
            throws Exception {
        Preprocessing input =
                new Preprocessing(new Fit.CenterCrop(32, 36, interpolation), INPUT.normalization());
        try (Model model = model(MobileNetV3.small(), 1)) {
            var config = ((MobileNetV3) model.getBlock()).architecture();
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(config, input, true, CLASSES, Map.of()),
                    ModelPackage.Extra.NONE);
        }
        assertThat(ModelPackage.read(directory).description().preprocessing()).isEqualTo(input);
        assertThat(directory.resolve("serving.properties"))
                .content()
                .contains("resizeShort=36,-1," + djls + "\n", "centerCrop=true");
        assertThat(probabilities(directory, photograph(50, 61))).hasSize(3);
    }

    @Test
    void aPackageOfPaddedImagesIsOpenedByPathAndByTheZoo() throws Exception {
        Preprocessing padded = new Preprocessing(new Fit.PadRight(32, 64), INPUT.normalization());
        try (Model model = model(MobileNetV3.small(), 1)) {
            var config = ((MobileNetV3) model.getBlock()).architecture();
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(config, padded, true, CLASSES, Map.of()),
                    ModelPackage.Extra.NONE);
        }
        assertThat(ModelPackage.read(directory).description().preprocessing()).isEqualTo(padded);
        Image whole = photograph(32, 64);
        float[] stretched = probabilities(directory, photograph(32, 32));
        try (ZooModel<Image, Classifications> model = PackageModel.open(directory, null);
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            assertThat(probabilities(directory, whole))
                    .containsExactly(floats(predictor.predict(whole)), within(1e-4f));
            // DJL by itself stretches what we pad.
            assertThat(floats(predictor.predict(photograph(32, 32)))[0])
                    .isNotCloseTo(stretched[0], within(1e-3f));
        }
    }

    @Test
    void savingAgainReplacesItWhole() throws IOException {
        String before = ModelPackage.read(directory).parametersSha256();
        save(MobileNetV3.small(), 2);
        assertThat(ModelPackage.read(directory).parametersSha256()).isNotEqualTo(before);
        assertThat(siblings()).containsExactly("best");
    }

    @Test
    void whenSavingFailsTheOldPackageStays() throws IOException {
        ModelPackage before = ModelPackage.read(directory);
        try (Model model = model(MobileNetV3.small(), 2)) {
            assertThatThrownBy(
                            () ->
                                    ModelPackage.save(
                                            directory,
                                            model,
                                            before.description(),
                                            staging -> {
                                                throw new IOException("disk full");
                                            }))
                    .hasMessage("disk full");
        }
        assertThat(ModelPackage.read(directory)).isEqualTo(before);
        assertThat(siblings()).containsExactly("best");
    }

    @Test
    void aPackageMovedAsideByACrashIsPutBack() throws IOException {
        ModelPackage before = ModelPackage.read(directory);
        Files.move(directory, directory.resolveSibling("best.old"));
        ModelPackage.recover(directory);
        assertThat(ModelPackage.read(directory)).isEqualTo(before);
    }

    @Test
    void damageIsNamed() throws IOException {
        Path parameters = directory.resolve("mobilenet_v3_small-0000.params");
        byte[] bytes = Files.readAllBytes(parameters);
        Files.write(parameters, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused("mobilenet_v3_small-0000.params is missing or damaged");

        Files.delete(parameters);
        assertRefused("mobilenet_v3_small-0000.params is missing or damaged");

        Files.writeString(directory.resolve("synset.txt"), "cat\ndog\n");
        assertRefused("synset.txt names 2 classes but the net has 3");

        Files.writeString(directory.resolve("model.json"), "{\"format\": 2,");
        assertRefused("model.json cannot be read");

        Files.write(directory.resolve("model.json"), new byte[] {'{', '"', (byte) 0xE4});
        assertRefused("model.json cannot be read");

        Files.writeString(directory.resolve("model.json"), "{}");
        assertRefused("model.json does not describe a MobileNetV3");

        Files.delete(directory.resolve("model.json"));
        assertRefused("is not a MobileNetV3 package: it has no model.json");

        directory = temporary.resolve("nowhere");
        assertRefused("There is no model package or file of weights at");
    }

    @Test
    void parametersOfAnotherArchitectureAreRefused() throws IOException {
        Path json = directory.resolve("model.json");
        // The same file names and layers, but other widths than in the parameter file.
        JsonObject content = JsonUtils.GSON.fromJson(Files.readString(json), JsonObject.class);
        Architecture half = Presets.of("mobilenet_v3_small", 0.5).withClasses(3);
        content.add("architecture", JsonUtils.GSON.toJsonTree(half));
        Files.writeString(json, content.toString());
        assertRefused(
                "The parameter file is of another architecture: features.0.0.weight is (16, 3, 3, 3)");
    }

    @Test
    void aNetOfOneChannelSeesTheLuminance() throws Exception {
        ImageTranslator gray =
                new ImageTranslator(
                        new Preprocessing(32, 32, Normalization.unit(1)), List.of("a", "b"));
        BufferedImage green = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            green.setRGB(i % 32, i / 32, 0x00FF00);
        }
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDList input =
                    gray.processInput(
                            context(manager), ImageFactory.getInstance().fromImage(green));
            assertThat(input.singletonOrThrow().toFloatArray()).containsOnly(150 / 255f);
        }
    }

    private void zip(Path zip) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file);
                Stream<Path> files = Files.list(directory)) {
            for (Path each : files.toList()) {
                out.putNextEntry(new ZipEntry(each.getFileName().toString()));
                Files.copy(each, out);
            }
        }
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> PackageModel.open(directory, null).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private List<String> siblings() throws IOException {
        try (Stream<Path> files = Files.list(directory.getParent())) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private void save(MobileNetV3.Builder net, int seed) throws IOException {
        try (Model model = model(net, seed)) {
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(
                            ((MobileNetV3) model.getBlock()).architecture(),
                            INPUT,
                            true,
                            CLASSES,
                            Map.of("dataset", "test")),
                    ModelPackage.Extra.NONE);
        }
    }

    private static Model model(MobileNetV3.Builder builder, int seed) {
        Model model = Model.newInstance("net", "PyTorch");
        model.getNDManager().getEngine().setRandomSeed(seed);
        MobileNetV3 net = builder.optClasses(3).build();
        model.setBlock(net);
        int channels = net.architecture().inputChannels();
        net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, channels, 32, 32));
        // An untrained net says next to nothing; make it speak up.
        net.getParameters().get("classifier.3.weight").getArray().muli(3e9);
        return model;
    }

    private static ZooModel<Image, Classifications> open(Path path) throws Exception {
        // Exactly what an application writes: nothing of ours.
        return Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optModelPath(path)
                .build()
                .loadModel();
    }

    private static float[] probabilities(Path path, Image image) throws Exception {
        try (ZooModel<Image, Classifications> model = open(path);
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            return floats(predictor.predict(image));
        }
    }

    private static float[] floats(Classifications result) {
        float[] values = new float[result.getProbabilities().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = result.getProbabilities().get(i).floatValue();
        }
        return values;
    }

    private static TranslatorContext context(NDManager manager) {
        return (TranslatorContext)
                Proxy.newProxyInstance(
                        TranslatorContext.class.getClassLoader(),
                        new Class<?>[] {TranslatorContext.class},
                        (proxy, method, arguments) -> manager);
    }

    /** Of the input's size, so that DJL's own translator has nothing to resize. */
    private static Image photograph() {
        return photograph(32, 32);
    }

    private static Image photograph(int height, int width) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(3);
        for (int i = 0; i < height * width; i++) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        return ImageFactory.getInstance().fromImage(image);
    }
}
