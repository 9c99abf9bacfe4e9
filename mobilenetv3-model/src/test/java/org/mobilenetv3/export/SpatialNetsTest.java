package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxReader;

/** Nets with spatial squeeze and excitation, in every form that a net is kept in. */
class SpatialNetsTest {

    private static final Shape IMAGES = new Shape(2, 3, 40, 48);

    @TempDir private Path temporary;
    private Architecture table;
    private Path packaged;

    @BeforeEach
    void save() throws IOException {
        table =
                TestNets.spatial(Presets.of("mobilenet_v3_small", 0.35))
                        .withName("spatial")
                        .withClasses(3);
        packaged = TestNets.saveSettled(temporary.resolve("package"), table);
    }

    @ParameterizedTest
    @EnumSource
    void exportedFilesAnswerAsThePackage(ExportFormat format) throws IOException {
        Path target = temporary.resolve("net.bin");
        ExportReport report = new Exporter(format, true, false).export(packaged, target);
        assertThat(report.difference().relative()).isLessThan(1e-5);
        assertSame(target);
    }

    @Test
    void trainableTorchScriptAnswersAsThePackage() throws IOException {
        Path target = temporary.resolve("net.pt");
        new Exporter(ExportFormat.TORCHSCRIPT, true, true).export(packaged, target);
        assertSame(target);
    }

    @Test
    void ourSafetensorsSayTheTable() throws IOException {
        Path target = temporary.resolve("net.safetensors");
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            new WeightsExporter(WeightsFormat.SAFETENSORS).export(net, target);
        }
        try (WeightsFile file = WeightsFile.open(target, null)) {
            assertThat(file.description().architecture()).isEqualTo(table);
        }
        assertSame(target);
    }

    @ParameterizedTest
    @EnumSource(names = {"TORCHVISION", "TIMM"})
    void otherProgramsHaveNoSuchNet(WeightsFormat format) throws IOException {
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThatThrownBy(
                            () ->
                                    new WeightsExporter(format)
                                            .export(net, temporary.resolve("net.pth")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has no net like this (spatial, 3 classes")
                    .hasMessageContaining("use --format safetensors");
        }
    }

    @Test
    void aBareStateDictOpensAsTheSameTable() throws IOException {
        Path file = temporary.resolve("net.pth");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        NetDescription description;
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            description = net.description();
            for (var p : net.block().getParameters()) {
                NDArray array = p.getValue().getArray();
                tensors.put(p.getKey(), Tensor.of(array.getShape(), array.toFloatArray()));
            }
        }
        TorchCheckpoint.write(file, tensors);
        WeightsFile opened = WeightsFile.open(file, null);
        Architecture found = opened.description().architecture();
        assertThat(found.withName("spatial")).isEqualTo(table);
        assertThat(opened.description().notes())
                .anyMatch(note -> note.contains("padding and epsilon of mobilenet_v3_small_w0.3"));
        try (PackageNet net =
                PackageNet.open(opened.with(description.withArchitecture(found)), Device.cpu())) {
            assertSame(net);
        }
    }

    @Test
    void ourOnnxFileIsReadAsWeights() throws IOException {
        Path target = temporary.resolve("net.onnx");
        new Exporter(ExportFormat.ONNX, true, false).export(packaged, target);
        try (NetWeights read = OnnxReader.read(target)) {
            assertThat(read.architecture()).isEqualTo(table);
            assertThat(read.normalization()).contains(TestNets.NORMALIZATION);
        }
    }

    private void assertSame(Path file) throws IOException {
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            assertThat(net.description().architecture()).isEqualTo(table);
            assertSame(net);
        }
    }

    private void assertSame(TrainedNet actual) throws IOException {
        float[] x = TestNets.pixels(IMAGES.size(), 1);
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            float[] expected = net.logits(FloatBuffer.wrap(x), IMAGES);
            float largest = 0;
            for (float logit : expected) {
                largest = Math.max(largest, Math.abs(logit));
            }
            assertThat(actual.logits(FloatBuffer.wrap(x), IMAGES))
                    .containsExactly(expected, within(1e-5f * largest));
        }
    }
}
