package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.bundle.BundleExporter;
import org.mobilenetv3.export.int8.Int8Exporter;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;

/** A net that segments, in every form in which a trained net comes. */
class SegmentationTest {

    private static final List<String> CLASSES = List.of("ground", "sky", "tree", "road", "house");

    private static final Architecture NET =
            Presets.of("lraspp_small", 0.35).withClasses(CLASSES.size());

    @TempDir private Path temporary;
    private Path packaged;
    private Path file;

    @BeforeEach
    void save() throws IOException {
        Preprocessing input = new Preprocessing(new Fit.WholeImage(40), TestNets.NORMALIZATION);
        packaged = TestNets.save(temporary.resolve("best"), NET, CLASSES, input);
        file = temporary.resolve("file");
    }

    @ParameterizedTest
    @EnumSource
    void anExportedFileAnswersAsThePackageAtEverySize(ExportFormat format) throws IOException {
        ExportReport report = new Exporter(format, true, false).export(packaged, file);
        assertThat(report.difference().relative()).isLessThan(1e-5);
        try (TrainedNet exported = TrainedNet.open(file, Device.cpu(), 1);
                PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThat(exported.description()).isEqualTo(net.description());
            for (Execution how : new Execution[] {Execution.EAGER, Execution.COMPILED}) {
                net.setExecution(how);
                for (Shape shape :
                        List.of(
                                new Shape(1, 3, 64, 64),
                                new Shape(2, 3, 48, 80),
                                new Shape(1, 3, 37, 51),
                                new Shape(1, 3, 16, 16))) { // its last map is a pixel
                    FloatBuffer x = FloatBuffer.wrap(TestNets.pixels(shape.size(), 3));
                    float[] logits = net.logits(x, shape);
                    assertThat(logits).hasSize((int) shape.size() / 3 * CLASSES.size());
                    assertThat(exported.logits(x, shape)).containsExactly(logits, within(2e-5f));
                }
            }
        }
    }

    @Test
    void anOnnxFilesImagesAndMasksMayBeOfAnySize() throws IOException {
        new Exporter(ExportFormat.ONNX, true, false).export(packaged, file);
        OnnxModel model = OnnxModel.read(ByteString.copyFrom(Files.readAllBytes(file)));
        assertThat(model.input().shape()).containsExactly(-1L, 3L, -1L, -1L);
        assertThat(model.output().shape()).containsExactly(-1L, 5L, -1L, -1L);
        assertThat(model.output().name()).isEqualTo("logits");
    }

    @Test
    void aMaskHasTheImagesSizeWhateverTheNetWasOpenedFrom() throws IOException {
        Pixels photo = photo(90, 61);
        Path onnx = temporary.resolve("net.onnx");
        Path script = temporary.resolve("net.pt");
        new Exporter(ExportFormat.ONNX, true, false).export(packaged, onnx);
        new Exporter(ExportFormat.TORCHSCRIPT, true, false).export(packaged, script);
        Mask expected = mask(packaged, photo);
        assertThat(expected.height()).isEqualTo(90);
        assertThat(expected.width()).isEqualTo(61);
        assertThat(mask(onnx, photo).classes()).isEqualTo(expected.classes());
        assertThat(mask(script, photo).classes()).isEqualTo(expected.classes());
    }

    private static Mask mask(Path net, Pixels photo) throws IOException {
        try (TrainedNet opened = TrainedNet.open(net, Device.cpu(), 1)) {
            return opened.mask(photo);
        }
    }

    private static Pixels photo(int height, int width) {
        byte[] samples = new byte[3 * height * width];
        new Random(4).nextBytes(samples);
        return new Pixels(samples, 3, height, width);
    }

    @ParameterizedTest
    @CsvSource({"TORCHVISION, net.pth", "SAFETENSORS, net.safetensors"})
    void weightsGoOutAndComeBack(WeightsFormat format, String name) throws IOException {
        Path written = temporary.resolve(name);
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            ExportReport report = new WeightsExporter(format).export(net, written);
            assertThat(report.difference().absolute()).isZero();
            try (WeightsFile weights = WeightsFile.open(written, null)) {
                assertThat(weights.description().architecture()).isEqualTo(NET);
                boolean told = format == WeightsFormat.SAFETENSORS;
                assertThat(weights.description().preprocessing().fit())
                        .isEqualTo(new Fit.WholeImage(told ? 40 : 520));
                assertThat(weights.description().classes())
                        .isEqualTo(
                                told
                                        ? CLASSES
                                        : List.of(
                                                "class_0", "class_1", "class_2", "class_3",
                                                "class_4"));
            }
        }
        assertThatThrownBy(
                        () -> {
                            try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
                                new WeightsExporter(WeightsFormat.TIMM).export(net, file);
                            }
                        })
                .hasMessageStartingWith("timm has no net like this (lraspp_small_w0.35, 5 classes");
    }

    @Test
    void whatOnlyClassifiersHaveIsRefusedInASentence() throws IOException {
        String segments = " takes nets that classify, but lraspp_small_w0.35 segments.";
        assertThatThrownBy(() -> ChannelGroup.of(NET)).hasMessage("Pruning" + segments);
        assertThatThrownBy(() -> MobileNetV3.of(NET).features())
                .hasMessage("A feature pyramid" + segments);
        assertThatThrownBy(() -> MobileNetV3.of(NET).embedding())
                .hasMessage("An embedding" + segments);
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThatThrownBy(() -> new Int8Exporter(true, 1).export(net, null, file))
                    .hasMessage("--quantize int8" + segments);
            assertThatThrownBy(
                            () ->
                                    new BundleExporter(BundleExporter.UNSTATED, null)
                                            .export(net, file))
                    .hasMessage("--format all" + segments);
            assertThatThrownBy(() -> net.features(FloatBuffer.allocate(1), new Shape(1)))
                    .hasMessage("--features" + segments);
        }
        Path classifier = TestNets.save(temporary.resolve("classifier"));
        assertThatThrownBy(() -> mask(classifier, photo(40, 40)))
                .hasMessage(
                        "A mask takes nets that segment, but mobilenet_v3_small_w0.35 classifies.");
    }

    @Test
    void anotherEpsilonIsTakenIntoTheTrunkOnly() throws IOException {
        Architecture pytorchs = NET.withConventions(NET.conventions().withNorm(Norm.PYTORCH));
        Preprocessing input = new Preprocessing(new Fit.WholeImage(40), TestNets.NORMALIZATION);
        Path other = TestNets.save(temporary.resolve("other"), pytorchs, CLASSES, input);
        Path written = temporary.resolve("net.pth");
        try (PackageNet net = PackageNet.open(other, Device.cpu())) {
            ExportReport report =
                    new WeightsExporter(WeightsFormat.TORCHVISION).export(net, written);
            assertThat(report.difference().relative()).isLessThan(1e-5);
        }
        try (WeightsFile weights = WeightsFile.open(written, null)) {
            assertThat(weights.description().architecture()).isEqualTo(NET);
        }
    }

    @Test
    void anyTrunkCanHaveTheHead() {
        Architecture net =
                Presets.of("mobilenet_v2", 0.35)
                        .withClasses(4)
                        .withHead(new LrAspp(16, 5))
                        .withInputChannels(1)
                        .withStemStride(1);
        Shape image = new Shape(2, 1, 40, 57);
        assertThat(MobileNetV3.of(net).getOutputShapes(new Shape[] {image}))
                .containsExactly(new Shape(2, 4, 40, 57));
        assertThat(Graph.trace(MobileNetV3.of(net), image).output().shape())
                .isEqualTo(new Shape(2, 4, 40, 57));
        assertThatThrownBy(() -> Presets.of("article_small").withClasses(4).withHead(net.head()))
                .hasMessage(
                        "names of the architecture is article but must be others than the article's, which only has classifiers.");
    }

    @Test
    void moreClassesThanAMaskTellsApartAreRefused() {
        assertThat(NET.withClasses(255).classes()).isEqualTo(255);
        assertThatThrownBy(() -> NET.withClasses(256))
                .hasMessage("classes of the architecture is 256 but must be at most 255.");
    }
}
