package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.JsonUtils;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.nn.Padding;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.StateDict;

/** Files that torchvision's and timm's nets were saved to (src/test/python/nets.py). */
class ForeignNetsTest {

    private static final String GOLDEN = "/golden/nets/";
    private static final int SIDE = 64;

    @TempDir private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "torchvision-small.pth,mobilenet_v3_small,PyTorch",
        "timm-small.safetensors,mobilenetv3_small_100,safetensors"
    })
    void theNetIsFoundAndGivesPyTorchsLogits(String name, String preset, String format)
            throws IOException {
        Path file = golden(name);
        NetDescription described = read(file);
        assertThat(described.architecture().name()).startsWith(preset);
        assertThat(described.architecture().classes()).isEqualTo(7);
        assertThat(described.classes()).startsWith("class_0", "class_1").hasSize(7);
        assertThat(described.preprocessing())
                .isEqualTo(
                        new Preprocessing(Fit.CenterCrop.photograph(224), Normalization.IMAGENET));
        assertThat(described.provenance())
                .containsEntry("weights", name)
                .containsEntry("weightsFormat", format);
        assertLogits(file, name);
    }

    @ParameterizedTest
    @CsvSource({
        "torchvision-small.pth,torchvision,.pth",
        "torchvision-small.pth,torchvision,.safetensors",
        "timm-small.safetensors,timm,.pth",
        "torchvision-small.pth,safetensors,.safetensors",
        "timm-small.safetensors,safetensors,.safetensors"
    })
    void whatIsWrittenHasTheOtherLibrarysNamesAndTheSameNumbers(
            String name, String format, String end) throws IOException {
        Path written = temporary.resolve("written" + end);
        try (PackageNet net = PackageNet.open(golden(name), Device.cpu())) {
            ExportReport report = new WeightsExporter(format(format)).export(net, written);
            assertThat(report.difference().absolute()).isZero();
            assertThat(report.bytes()).isEqualTo(Files.size(written));
        }
        if (!"safetensors".equals(format)) {
            try (StateDict was = StateDict.open(golden(name));
                    StateDict is = StateDict.open(written)) {
                assertThat(List.copyOf(is.tensors().keySet()))
                        .containsExactlyInAnyOrderElementsOf(was.tensors().keySet());
                for (Map.Entry<String, Tensor> entry : was.tensors().entrySet()) {
                    Tensor tensor = is.tensors().get(entry.getKey());
                    assertThat(tensor.shape()).isEqualTo(entry.getValue().shape());
                    if (!entry.getKey().endsWith("num_batches_tracked")) {
                        assertThat(tensor.floats()).isEqualTo(entry.getValue().floats());
                    }
                }
            }
        }
        assertLogits(written, name);
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightsFormat.class,
            names = {"TORCHVISION", "TIMM"})
    void anotherEpsilonIsMadeUpForInTheScale(WeightsFormat format) throws IOException {
        boolean timm = format == WeightsFormat.TIMM;
        String other = timm ? "mobilenet_v3_small" : "mobilenetv3_small_100";
        Path ours = temporary.resolve("ours");
        Architecture config = Presets.of(other).withClasses(3).withDropout(0);
        TorchRuntime.start();
        Engine.getEngine("PyTorch").setRandomSeed(1);
        TestNets.save(ours, config);
        for (String name : List.of("written.pth", "written.SAFETENSORS")) {
            Path written = temporary.resolve(name);
            float[] x = TestNets.pixels(3 * 64 * 64L, 3);
            float[] expected;
            try (PackageNet net = PackageNet.open(ours, Device.cpu())) {
                // Its own check compares logits in the other library's net.
                assertThat(new WeightsExporter(format).export(net, written).difference().relative())
                        .isLessThan(2e-6);
                expected = net.logits(FloatBuffer.wrap(x), new Shape(1, 3, 64, 64));
            }
            assertThat(read(written).architecture().name())
                    .isEqualTo(timm ? "mobilenetv3_small_100" : "mobilenet_v3_small");
            if (name.endsWith("S")) { // read as anybody reads it: it says all of itself
                try (PackageNet net = PackageNet.open(written, Device.cpu())) {
                    assertThat(net.logits(FloatBuffer.wrap(x), new Shape(1, 3, 64, 64)))
                            .containsExactly(expected, within(1e-5f));
                }
            }
        }
    }

    @Test
    void ourOwnFileSaysWhatThePackageSaid() throws IOException {
        Path ours = TestNets.save(temporary.resolve("ours"));
        Path written = temporary.resolve("net.safetensors");
        try (PackageNet net = PackageNet.open(ours, Device.cpu())) {
            new WeightsExporter(WeightsFormat.SAFETENSORS).export(net, written);
        }
        NetDescription was = ModelPackage.read(ours).description();
        NetDescription is = read(written);
        assertThat(is.classes()).isEqualTo(was.classes());
        assertThat(is.architecture()).isEqualTo(was.architecture());
        assertThat(is.preprocessing()).isEqualTo(was.preprocessing());
        assertThat(is.provenance()).containsEntry("dataset", "drawn");
    }

    @Test
    void aFileOfWeightsBecomesAPackageWithWhatWasAssumed() throws IOException {
        Path saved = temporary.resolve("package");
        Preprocessing input = new Preprocessing(64, 64, Normalization.unit(3));
        List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
        WeightsFile found = WeightsFile.open(golden("torchvision-small.pth"), null);
        NetDescription told =
                new NetDescription(
                        found.description().architecture(),
                        input,
                        true,
                        names,
                        found.description().provenance());
        try (PackageNet net = PackageNet.open(found.with(told), Device.cpu())) {
            net.save(saved);
        }
        ModelPackage read = ModelPackage.read(saved);
        assertThat(read.description().classes()).isEqualTo(names);
        assertThat(read.description().preprocessing()).isEqualTo(input);
        assertThat(read.description().provenance())
                .containsEntry("weights", "torchvision-small.pth");
        PackageNet.open(saved, Device.cpu()).close();
    }

    @Test
    void theModelZooOpensAFileOfWeightsAsAPackage() throws Exception {
        Path file = golden("timm-small.safetensors");
        BufferedImage drawn = new BufferedImage(300, 280, BufferedImage.TYPE_INT_RGB);
        drawn.createGraphics().fillOval(20, 30, 200, 150);
        Classifications answer;
        try (ZooModel<Image, Classifications> model =
                        criteria("mobilenet_v3_small", file).loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            answer = predictor.predict(ImageFactory.getInstance().fromImage(drawn));
        }
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            float[] input = net.description().preprocessing().apply(Pixels.of(drawn));
            float[] logits = net.logits(FloatBuffer.wrap(input), new Shape(1, 3, 224, 224));
            double largest = Double.NEGATIVE_INFINITY;
            for (float logit : logits) {
                largest = Math.max(largest, logit);
            }
            double sum = 0;
            for (float logit : logits) {
                sum += Math.exp(logit - largest);
            }
            for (int i = 0; i < logits.length; i++) {
                assertThat(answer.get("class_" + i).getProbability())
                        .isCloseTo(Math.exp(logits[i] - largest) / sum, within(1e-5));
            }
        }
        assertThatThrownBy(() -> criteria("mobilenet_v3_large", file).loadModel())
                .hasMessageContaining(
                        file + " holds mobilenetv3_small_100_w0.1, not mobilenet_v3_large");
    }

    private static Criteria<Image, Classifications> criteria(String artifact, Path file) {
        return Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optGroupId("org.mobilenetv3")
                .optArtifactId(artifact)
                .optArgument("package", file.toString())
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"torchvision", "timm"})
    void aNetThatTheOtherLibraryLacksIsRefused(String format) throws IOException {
        String other = "timm".equals(format) ? "torchvision-small.pth" : "timm-small.safetensors";
        Path target = temporary.resolve("x.pth");
        try (PackageNet net = PackageNet.open(golden(other), Device.cpu())) {
            assertThatThrownBy(() -> new WeightsExporter(format(format)).export(net, target))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(format + " has no net like this")
                    .hasMessageContaining("use --format safetensors");
        }
        assertThat(target).doesNotExist();
    }

    /** Headers without a checksum: names, shapes and offsets that were changed at random. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aChangedHeaderIsAnErrorOrTheSameNet(int seed) throws IOException {
        byte[] whole = Files.readAllBytes(golden("timm-small.safetensors"));
        Architecture config = read(golden("timm-small.safetensors")).architecture();
        Path changed = temporary.resolve("changed.safetensors");
        Random random = new Random(seed);
        int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        for (int i = 0; i < 25; i++) {
            byte[] bytes = whole.clone();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                int at = 8 + random.nextInt(header);
                bytes[at] =
                        (byte)
                                (Character.isDigit(bytes[at])
                                        ? '0' + random.nextInt(10)
                                        : random.nextInt(256));
            }
            Files.write(changed, bytes);
            try {
                Architecture found = read(changed).architecture();
                assertThat(found).isEqualTo(config);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("changed.safetensors");
            }
        }
    }

    @Test
    void aThousandClassesAreImageNets() throws IOException {
        Path ours = temporary.resolve("ours");
        Architecture config = MobileNetV3.small().optWidth(0.1).optClasses(1000).architecture();
        TestNets.save(ours, config, IntStream.range(0, 1000).mapToObj(Integer::toString).toList());
        Path written = temporary.resolve("written.pth");
        try (PackageNet net = PackageNet.open(ours, Device.cpu())) {
            new WeightsExporter(WeightsFormat.TORCHVISION).export(net, written);
        }
        assertThat(read(written).classes())
                .hasSize(1000)
                .startsWith("tench", "goldfish", "great white shark")
                .endsWith("toilet tissue")
                .doesNotHaveDuplicates();
    }

    @Test
    void timmsConfigBesideTheFileIsBelieved() throws IOException {
        Path file = golden("timm-small.safetensors");
        assertThat(read(file).notes().get(0)).contains("The names are timm's");
        String json =
                """
                {"architecture": "%s", "num_classes": 7, "pretrained_cfg": {"input_size": [3, 96, 96],
                 "crop_pct": 0.95, "mean": [0, 0.1, 0.2], "std": [1, 1, 2]}}
                """;
        Path config = file.resolveSibling("config.json");
        Files.writeString(config, json.formatted("mobilenetv3_small_100"));
        NetDescription read = read(file);
        assertThat(read.notes()).isEmpty();
        assertThat(read.preprocessing())
                .isEqualTo(
                        new Preprocessing(
                                new Fit.CenterCrop(96, 101, Interpolation.BICUBIC),
                                new Normalization(
                                        new float[] {0, .1f, .2f}, new float[] {1, 1, 2})));
        Files.writeString(config, json.formatted("tf_mobilenetv3_small_100"));
        assertThat(read(file).architecture().conventions().padding()).isEqualTo(Padding.SAME);
        assertThat(read(file).architecture().name()).startsWith("tf_mobilenetv3_small_100");
        Files.writeString(
                config,
                json.formatted("mobilenetv3_small_100")
                        .replace("[0, 0.1, 0.2]", "[0.5]")
                        .replace("[1, 1, 2]", "[0.5]"));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("normalizes 1; it belongs to other weights");
        Files.writeString(config, "{\"architecture\": \"x\", \"pretrained_cfg\": {}}");
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(config + " is not as timm writes it");
    }

    @Test
    void aVarianceBelowZeroIsRefused() throws IOException {
        Path broken = changed("features.0.1.running_var", 2, -0.5f);
        assertThatThrownBy(() -> PackageNet.open(broken, Device.cpu()))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "features.0.1.running_var must not be negative, but %s has -0.5 there."
                                .formatted(broken));
    }

    private Path changed(String name, int at, float value) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Path broken = temporary.resolve("broken.safetensors");
        try (StateDict dict = StateDict.open(golden("torchvision-small.pth"))) {
            for (Map.Entry<String, Tensor> entry : dict.tensors().entrySet()) {
                tensors.put(
                        entry.getKey(),
                        Tensor.of(entry.getValue().shape(), entry.getValue().floats()));
            }
        }
        Tensor tensor = tensors.get(name);
        float[] values = tensor.floats().clone();
        values[at] = value;
        tensors.put(name, Tensor.of(tensor.shape(), values));
        SafeTensors.write(broken, tensors, Map.of());
        return broken;
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() throws IOException {
        Path broken = changed("classifier.3.bias", 3, Float.NaN);
        assertThatThrownBy(() -> PackageNet.open(broken, Device.cpu()))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        broken
                                + " contains NaN in classifier.3.bias, so every prediction would be NaN.");
    }

    @Test
    void aCheckpointOfAnotherNetIsRefusedInASentence() throws IOException {
        Path other = temporary.resolve("resnet.pth");
        TorchCheckpoint.write(
                other,
                Map.of(
                        "fc.bias",
                        Tensor.of(new ai.djl.ndarray.types.Shape(2), () -> new float[2])));
        assertThatThrownBy(() -> PackageNet.open(other, Device.cpu()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(other + " is no MobileNet of torchvision, timm");
    }

    private static NetDescription read(Path file) throws IOException {
        try (WeightsFile weights = WeightsFile.open(file, null)) {
            return weights.description();
        }
    }

    @Test
    void torchvisionHasNoMedium() {
        Architecture medium = Presets.of("mobilenet_v3_medium", 0.5).withClasses(4);
        assertThat(WeightsFormat.TORCHVISION.theirs(medium)).isEmpty();
        assertThat(WeightsFormat.TIMM.theirs(medium)).isEmpty();
    }

    private static WeightsFormat format(String name) {
        return WeightsFormat.valueOf(name.toUpperCase(java.util.Locale.ROOT));
    }

    private void assertLogits(Path file, String name) throws IOException {
        float[] pixels = new float[2 * 3 * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i * 7919L % 1009 / 1009f;
        }
        float[] expected = logits(name);
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        try (PackageNet net = PackageNet.open(file, Device.cpu())) {
            assertThat(net.logits(FloatBuffer.wrap(pixels), new Shape(2, 3, SIDE, SIDE)))
                    .containsExactly(expected, within(1e-5f * largest));
        }
    }

    private static float[] logits(String name) throws IOException {
        try (Reader json =
                new InputStreamReader(
                        ForeignNetsTest.class.getResourceAsStream(GOLDEN + "logits.json"),
                        StandardCharsets.UTF_8)) {
            return JsonUtils.GSON.fromJson(
                    JsonUtils.GSON
                            .fromJson(json, com.google.gson.JsonObject.class)
                            .getAsJsonArray(name),
                    float[].class);
        }
    }

    private Path golden(String name) throws IOException {
        Path file = temporary.resolve(name);
        if (!Files.exists(file)) {
            try (InputStream in = ForeignNetsTest.class.getResourceAsStream(GOLDEN + name)) {
                Files.copy(in, file);
            }
        }
        return file;
    }
}
