package org.mobilenetv3.export.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.weights.onnx.OnnxMetadata;

class Int8ExporterTest {

    private static final int SIDE = 40;

    @TempDir private Path temporary;
    private Path packaged;
    private Path images;
    private Path target;

    @BeforeEach
    void save() throws IOException {
        packaged =
                TestNets.saveSettled(
                        temporary.resolve("best"),
                        MobileNetV3.small().optClasses(3).architecture());
        images = Files.createDirectories(temporary.resolve("images"));
        target = temporary.resolve("made on demand").resolve("net.onnx");
    }

    @Test
    void theFileIsAQuarterOpensAsAnExportAndSaysWhatItIs() throws IOException {
        draw(images, 60, 255);
        Int8Report report = export(50);
        assertThat(report.written().bytes()).isEqualTo(Files.size(target));
        assertThat((double) report.written().bytes() / report.floatBytes()).isBetween(0.2, 0.33);
        assertThat(report.calibrated()).isEqualTo(20);
        assertThat(report.check().images()).isEqualTo(40);
        assertThat(report.check().labeled()).isFalse();
        assertThat(report.check().drop())
                .isEqualTo(100 - report.check().percent(report.check().same()));
        assertThat(report.check().speed()).isPositive();
        float[] x = TestNets.pixels(2L * 3 * 32 * 32, 3);
        try (TrainedNet int8 = TrainedNet.open(target, Device.cpu(), 1);
                PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThat(int8.description()).isEqualTo(net.description());
            float[] expected = net.logits(FloatBuffer.wrap(x), new Shape(2, 3, 32, 32));
            float[] answer = int8.logits(FloatBuffer.wrap(x), new Shape(2, 3, 32, 32));
            assertThat(answer).hasSameSizeAs(expected).isNotEqualTo(expected);
        }
        assertThat(OnnxMetadata.read(target))
                .containsEntry(
                        "quantization",
                        "{\"weights\":\"int8\",\"activations\":\"uint8\",\"calibrationImages\":20}");
        assertOnlyFile();
    }

    @Test
    void spatialGatesAreComputedWithBytesToo() throws IOException {
        packaged =
                TestNets.saveSettled(
                        temporary.resolve("spatial"),
                        TestNets.spatial(MobileNetV3.small().optClasses(3).architecture()));
        draw(images, 60, 255);
        Int8Report report = export(50);
        assertThat((double) report.written().bytes() / report.floatBytes()).isBetween(0.2, 0.33);
        assertThat(report.check().percent(report.check().same())).isGreaterThan(90);
    }

    @Test
    void theSamePackageAndImagesGiveTheSameBytes() throws IOException {
        draw(images, 30, 255);
        export(50);
        byte[] first = Files.readAllBytes(target);
        export(50);
        assertThat(target).hasBinaryContent(first);
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void aNetThatAnswersWorseIsNotWrittenAndTheOldFileStays() throws IOException {
        // Ranges from nearly black images are of no use for bright ones.
        draw(images.resolve("train"), 10, 2);
        Path bright = images.resolve("test");
        draw(bright, 200, 255);
        Files.createDirectories(target.getParent());
        Files.writeString(target, "what stood there");
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            sortByAnswer(net, bright);
            CalibrationImages sorted = CalibrationImages.in(images, TestNets.CLASSES);
            assertThatThrownBy(() -> new Int8Exporter(true, 2).export(net, sorted, target))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("The int8 net is right on ")
                    .hasMessageContaining("of 200 images and the float net on 100.00 %")
                    .hasMessageContaining("2.0 points are allowed, so " + target + " was not");
        }
        assertThat(target).hasContent("what stood there");
        assertOnlyFile();
    }

    @Test
    void tooFewImagesForTheBoundAreRefused() throws IOException {
        draw(images, 60, 255);
        assertThatThrownBy(() -> export(1))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "40 images are left to check with, too few to tell a drop of 1.0 points; give at least 100 beside those to calibrate with.");
        assertThat(target).doesNotExist();
    }

    @Test
    void aBrokenImageIsOneSentenceAndNothingIsWritten() throws IOException {
        draw(images, 30, 255);
        Path broken = images.resolve("0.png");
        Files.write(broken, Arrays.copyOf(Files.readAllBytes(broken), 60));
        assertThatThrownBy(() -> export(50))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'" + broken + "' is damaged");
        assertThat(target).doesNotExist();
    }

    @Test
    void aBoundMustAllowSomething() {
        for (double bound : new double[] {0, -1, 101, Double.NaN}) {
            assertThatThrownBy(() -> new Int8Exporter(true, bound))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The largest drop is " + bound);
        }
    }

    @Test
    void withoutNormalizationTheNetTakesNormalizedImages() throws IOException {
        draw(images, 30, 255);
        Path plain = TestNets.save(temporary.resolve("plain"));
        try (PackageNet net = PackageNet.open(plain, Device.cpu())) {
            new Int8Exporter(false, 50)
                    .export(net, CalibrationImages.in(images, TestNets.CLASSES), target);
        }
        try (TrainedNet int8 = TrainedNet.open(target, Device.cpu(), 1)) {
            assertThat(int8.description().inputNormalization()).isEqualTo(TestNets.NORMALIZATION);
        }
    }

    private Int8Report export(double maxDrop) throws IOException {
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            return new Int8Exporter(true, maxDrop)
                    .export(net, CalibrationImages.in(images, TestNets.CLASSES), target);
        }
    }

    /**
     * Moves images into folders named after the net's answers, so that it is always right. Before
     * that the mean logits are taken out of its biases, so that its answers differ.
     */
    private static void sortByAnswer(PackageNet net, Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        float[] bias = new float[3];
        for (Path file : files) {
            float[] logits = logits(net, file);
            for (int i = 0; i < 3; i++) {
                bias[i] -= logits[i] / files.size();
            }
        }
        net.block().getParameters().get("classifier.3.bias").getArray().set(bias);
        for (Path file : files) {
            float[] logits = logits(net, file);
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            Path made = Files.createDirectories(folder.resolve(TestNets.CLASSES.get(best)));
            Files.move(file, made.resolve(file.getFileName()));
        }
    }

    private static float[] logits(PackageNet net, Path file) throws IOException {
        float[] input = net.description().input(Pixels.read(file));
        return net.logits(FloatBuffer.wrap(input), new Shape(1, 3, 32, 32));
    }

    /** Images of two colors in halves, each channel up to a number. */
    private static void draw(Path folder, int count, int brightest) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(count);
        for (int n = 0; n < count; n++) {
            byte[] data = new byte[3 * SIDE * SIDE];
            for (int half = 0; half < 6; half++) {
                int from = half * data.length / 6;
                byte color = (byte) random.nextInt(brightest + 1);
                Arrays.fill(data, from, from + data.length / 6, color);
            }
            Path file = folder.resolve(n + ".png");
            ImageIO.write(new Pixels(data, 3, SIDE, SIDE).toImage(), "png", file.toFile());
        }
    }

    private void assertOnlyFile() throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            assertThat(files).containsExactly(target);
        }
    }
}
