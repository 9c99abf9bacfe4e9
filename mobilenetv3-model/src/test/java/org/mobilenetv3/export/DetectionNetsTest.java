package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.detection.Golden;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;

/** A net that detects, in a package and in files: the same objects everywhere. */
public class DetectionNetsTest {

    private static final int HEIGHT = 96;
    private static final int WIDTH = 128;
    private static final List<String> CLASSES = List.of("cat", "dog", "N/A", "tree");
    private static final Pixels PHOTO = photo(75, 140);

    @TempDir Path temp;

    private static Pixels photo(int height, int width) {
        byte[] samples = new byte[3 * height * width];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) ((i * 7919) >> 3);
        }
        return new Pixels(samples, 3, height, width);
    }

    /** A package of a net with such weights that scores are all over the place. */
    public static ModelPackage packaged(Path directory) throws IOException {
        TorchRuntime.start();
        Architecture table = Presets.of("ssdlite320_small", 0.25).withClasses(CLASSES.size());
        Preprocessing input =
                new Preprocessing(
                        new Fit.Stretch(HEIGHT, WIDTH), Normalization.uniform(3, 0.5f, 0.5f));
        MobileNetV3 net = MobileNetV3.of(table, input.normalization());
        try (Model model = Model.newInstance(table.name(), Device.cpu(), "PyTorch")) {
            net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, HEIGHT, WIDTH));
            scatter(net);
            model.setBlock(net);
            NetDescription description = new NetDescription(table, input, true, CLASSES, Map.of());
            return ModelPackage.save(directory, model, description, ModelPackage.Extra.NONE);
        }
    }

    /** Gives a net weights whose answers are all over the place. */
    public static void scatter(MobileNetV3 net) {
        long place = 0;
        for (Pair<String, Parameter> p : net.getParameters()) {
            Shape shape = p.getValue().getShape();
            boolean scale = p.getKey().endsWith("running_var");
            double size = shape.dimension() > 1 ? Math.sqrt(4.5 / shape.slice(1).size()) : 0.3;
            boolean one = shape.dimension() == 1 && p.getKey().endsWith("weight");
            int count = (int) shape.size();
            place += 7919;
            p.getValue().getArray().set(Golden.fill(count, place, size, scale || one ? 1 : 0, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(ExportFormat.class)
    void filesFindWhatThePackageFinds(ExportFormat format) throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net" + format.extension());
        ExportReport report = new Exporter(format, true, false).export(model, file);
        assertThat(report.difference().relative()).isLessThan(1e-5);
        try (PackageNet net = PackageNet.open(model, Device.cpu());
                TrainedNet exported = TrainedNet.open(file, Device.cpu(), 1)) {
            List<Detection> expected = net.detect(PHOTO);
            assertThat(expected).hasSizeBetween(20, 300);
            assertThat(expected.stream().map(Detection::label).distinct()).hasSize(4);
            same(expected, exported.detect(PHOTO));
            assertThat(exported.description().classes()).isEqualTo(CLASSES);
            assertThatThrownBy(
                            () ->
                                    exported.logits(
                                            FloatBuffer.allocate(3 * 64 * 64),
                                            new Shape(1, 3, 64, 64)))
                    .hasMessage(
                            "The net's anchors are for images of 128x96 pixels but it was given 64x64; 'convert --input-size' makes a package for these.");
        }
    }

    @Test
    void anOnnxFileFindsTheObjectsItself() throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, true, false, PostProcessing.SSDLITE).export(model, file);
        try (PackageNet net = PackageNet.open(model, Device.cpu());
                TrainedNet exported = TrainedNet.open(file, Device.cpu(), 1)) {
            List<Detection> expected = net.detect(PHOTO);
            same(expected, exported.detect(PHOTO));
            float[] input = net.description().input(PHOTO);
            checkObjects(Files.readAllBytes(file), input, expected);
        }
    }

    @Test
    void anOnnxFileFindsNoObjectWhereThereIsNone() throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, true, false, new PostProcessing(1, 300, 0.55, 300))
                .export(model, file);
        checkObjects(Files.readAllBytes(file), new float[3 * HEIGHT * WIDTH], List.of());
    }

    @Test
    void anOnnxFileKeepsToItsLimits() throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net.onnx");
        PostProcessing few = new PostProcessing(0.001, 15, 0.3, 7);
        new Exporter(ExportFormat.ONNX, true, false, few).export(model, file);
        try (PackageNet net = PackageNet.open(model, Device.cpu())) {
            float[] input = net.description().input(PHOTO);
            float[] answer = net.logits(FloatBuffer.wrap(input), new Shape(1, 3, HEIGHT, WIDTH));
            List<Detection> expected =
                    few.ofAnswer(
                            answer,
                            0,
                            net.description().architecture().anchors(HEIGHT, WIDTH),
                            5,
                            PHOTO.height(),
                            PHOTO.width());
            assertThat(expected).hasSize(7);
            checkObjects(Files.readAllBytes(file), input, expected);
        }
    }

    /** The file's own objects, by ONNX Runtime. */
    private static void checkObjects(byte[] file, float[] input, List<Detection> expected)
            throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file, new OrtSession.SessionOptions());
                OnnxTensor x =
                        OnnxTensor.createTensor(
                                environment,
                                FloatBuffer.wrap(input),
                                new long[] {1, 3, HEIGHT, WIDTH});
                OrtSession.Result result = session.run(Map.of(OnnxNet.INPUT, x))) {
            float[][] boxes = (float[][]) result.get(OnnxNet.OBJECT_BOXES).orElseThrow().getValue();
            float[] scores = (float[]) result.get(OnnxNet.OBJECT_SCORES).orElseThrow().getValue();
            long[] labels = (long[]) result.get(OnnxNet.OBJECT_LABELS).orElseThrow().getValue();
            assertThat(boxes).hasNumberOfRows(expected.size());
            assertThat(labels).hasSameSizeAs(scores).hasSize(expected.size());
            for (int i = 0; i < labels.length; i++) {
                Box box =
                        new Box(
                                boxes[i][0] * PHOTO.width(),
                                boxes[i][1] * PHOTO.height(),
                                boxes[i][2] * PHOTO.width(),
                                boxes[i][3] * PHOTO.height());
                same(expected.get(i), new Detection(box, (int) labels[i], scores[i]));
            }
        }
    }

    private static void same(List<Detection> expected, List<Detection> actual) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            same(expected.get(i), actual.get(i));
        }
    }

    private static void same(Detection expected, Detection actual) {
        assertThat(actual.label()).isEqualTo(expected.label());
        assertThat(actual.score()).isCloseTo(expected.score(), within(1e-5));
        assertThat(edges(actual)).containsExactly(edges(expected), within(1e-3));
    }

    private static double[] edges(Detection found) {
        Box box = found.box();
        return new double[] {box.left(), box.top(), box.right(), box.bottom()};
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightsFormat.class,
            names = {"TORCHVISION", "SAFETENSORS"})
    void weightsComeBackFromAFile(WeightsFormat format) throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net" + format.extension());
        List<Detection> expected;
        try (PackageNet net = PackageNet.open(model, Device.cpu())) {
            expected = net.detect(PHOTO);
            assertThat(new WeightsExporter(format).export(net, file).difference().relative())
                    .isZero();
        }
        try (WeightsFile weights = WeightsFile.open(file, null)) {
            NetDescription found = weights.description();
            assertThat(found.architecture())
                    .isEqualTo(Presets.of("ssdlite320_small", 0.25).withClasses(4));
            boolean told = format == WeightsFormat.SAFETENSORS;
            assertThat(found.preprocessing().fit())
                    .isEqualTo(told ? new Fit.Stretch(HEIGHT, WIDTH) : new Fit.Stretch(320, 320));
            assertThat(found.preprocessing().normalization())
                    .isEqualTo(Normalization.uniform(3, 0.5f, 0.5f));
            assertThat(found.classes().get(1)).isEqualTo(told ? "dog" : "class_1");
            NetDescription same =
                    new NetDescription(
                            found.architecture(),
                            new Preprocessing(
                                    new Fit.Stretch(HEIGHT, WIDTH),
                                    found.preprocessing().normalization()),
                            true,
                            CLASSES,
                            Map.of());
            try (PackageNet net = PackageNet.open(weights.with(same), Device.cpu())) {
                same(expected, net.detect(PHOTO));
            }
        }
    }

    @Test
    void cocosClassesHaveTheirNames() throws Exception {
        Path file = temp.resolve("net.pth");
        Architecture table = Presets.of("ssdlite320_small", 0.25);
        try (PackageNet net =
                PackageNet.open(
                        TestNets.save(
                                temp.resolve("model"), table, NetDescription.numberedClasses(90)),
                        Device.cpu())) {
            new WeightsExporter(WeightsFormat.TORCHVISION).export(net, file);
        }
        try (WeightsFile weights = WeightsFile.open(file, null)) {
            List<String> classes = weights.description().classes();
            assertThat(classes).hasSize(90).startsWith("person", "bicycle").endsWith("toothbrush");
            assertThat(classes.get(16)).isEqualTo("cat"); // 17 in COCO
            assertThat(classes.stream().filter("N/A"::equals)).hasSize(10);
        }
    }

    @Test
    void refusesWhatDoesNotGoTogether() throws Exception {
        Path model = packaged(temp.resolve("model")).directory();
        Path file = temp.resolve("net.pt");
        assertThatThrownBy(
                        () ->
                                new Exporter(ExportFormat.TORCHSCRIPT, true, true)
                                        .export(model, file))
                .hasMessageStartingWith("A net that detects is exported with boxes");
        assertThatThrownBy(
                        () ->
                                new Exporter(
                                        ExportFormat.TORCHSCRIPT,
                                        true,
                                        false,
                                        PostProcessing.SSDLITE))
                .hasMessage(
                        "Only onnx files can find the objects themselves (--nms), not torchscript.");
        assertThat(file).doesNotExist();
    }
}
