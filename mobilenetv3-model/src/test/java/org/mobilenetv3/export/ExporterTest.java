package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

class ExporterTest {

    private static final Exporter ONNX = new Exporter(ExportFormat.ONNX, true, false);

    @TempDir private Path temporary;
    private Path packaged;
    private Path target;

    @BeforeEach
    void save() throws IOException {
        packaged = TestNets.save(temporary.resolve("best"));
        target = temporary.resolve("made on demand").resolve("net.bin");
    }

    @ParameterizedTest
    @EnumSource
    void theExportedFileAnswersAsThePackageWhateverItsName(ExportFormat format) throws IOException {
        ExportReport report = new Exporter(format, true, false).export(packaged, target);
        assertThat(report.bytes()).isEqualTo(Files.size(target));
        assertThat(report.difference().relative()).isLessThan(1e-5);
        float[] x = TestNets.pixels(2 * 3 * 40 * 48L, 1);
        try (TrainedNet exported = TrainedNet.open(target, Device.cpu(), 1);
                PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThat(exported.logits(FloatBuffer.wrap(x), new Shape(2, 3, 40, 48)))
                    .containsExactly(
                            net.logits(FloatBuffer.wrap(x), new Shape(2, 3, 40, 48)),
                            within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFileSaysWhatThePackageSaid(ExportFormat format) throws IOException {
        new Exporter(format, true, false).export(packaged, target);
        ModelPackage opened = ModelPackage.read(packaged);
        try (TrainedNet net = TrainedNet.open(target, Device.cpu(), 1)) {
            assertThat(net.description()).isEqualTo(opened.description());
            assertThat(net.description().classes()).isEqualTo(TestNets.CLASSES);
            assertThat(net.description().provenance()).containsEntry("dataset", "drawn");
        }
    }

    @ParameterizedTest
    @EnumSource
    void thePackageExportsToTheSameBytesEachTime(ExportFormat format) throws IOException {
        new Exporter(format, true, false).export(packaged, target);
        byte[] first = Files.readAllBytes(target);
        new Exporter(format, true, false).export(packaged, target);
        assertThat(target).hasBinaryContent(first);
    }

    @ParameterizedTest
    @EnumSource
    void withoutNormalizationTheNetTakesNormalizedImages(ExportFormat format) throws IOException {
        ExportReport report = new Exporter(format, false, false).export(packaged, target);
        assertThat(report.difference().relative()).isLessThan(1e-5);
        int plane = 32 * 32;
        float[] x = TestNets.pixels(3L * plane, 1);
        float[] normalized = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = i / plane;
            normalized[i] =
                    (x[i] - TestNets.NORMALIZATION.mean()[c]) / TestNets.NORMALIZATION.std()[c];
        }
        try (TrainedNet exported = TrainedNet.open(target, Device.cpu(), 1);
                PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            assertThat(exported.description().inputNormalization())
                    .isEqualTo(TestNets.NORMALIZATION);
            assertThat(exported.logits(FloatBuffer.wrap(normalized), new Shape(1, 3, 32, 32)))
                    .containsExactly(
                            net.logits(FloatBuffer.wrap(x), new Shape(1, 3, 32, 32)),
                            within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatAnswersOtherwiseIsNotWrittenAndTheOldOneStays(ExportFormat format)
            throws IOException {
        new Exporter(format, true, false).export(packaged, target);
        byte[] before = Files.readAllBytes(target);
        // It says that it normalizes its input, but does not.
        Exporter.Writer forgetful =
                (graph, description) ->
                        format.write(Passes.withoutNormalization(graph), description, false);
        assertThatThrownBy(() -> export(new Exporter(format, true, false), forgetful))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("produces different logits from mobilenet_v3_small_w0.35")
                .hasMessageContaining("so " + target + " was not written");
        assertThat(target).hasBinaryContent(before);
        assertOnlyFile();
    }

    @Test
    void aTrainableFileAnswersTheSameAndOnlyTorchScriptCanBeOne() throws IOException {
        ExportReport report =
                new Exporter(ExportFormat.TORCHSCRIPT, true, true).export(packaged, target);
        assertThat(report.difference().relative()).isLessThan(1e-5);
        assertThatThrownBy(() -> new Exporter(ExportFormat.ONNX, true, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Only torchscript files can be trained further, not onnx.");
    }

    @Test
    void aTruncatedTorchScriptFileIsRefusedInASentence() throws IOException {
        new Exporter(ExportFormat.TORCHSCRIPT, true, false).export(packaged, target);
        byte[] whole = Files.readAllBytes(target);
        for (int length : new int[] {400, whole.length / 2, whole.length - 10}) {
            Files.write(target, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> TrainedNet.open(target, Device.cpu(), 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(target + " is damaged");
        }
    }

    @Test
    void aFileThatCannotBeReadBackIsNotWritten() {
        Exporter.Writer damaged = (graph, description) -> new byte[] {8, 8, 58, 127, 1, 2, 3};
        assertThatThrownBy(() -> export(ONNX, damaged))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be opened: it is damaged");
        assertThat(target).doesNotExist();
        assertThat(target.getParent()).isEmptyDirectory();
    }

    private void export(Exporter exporter, Exporter.Writer writer) throws IOException {
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            exporter.export(net, target, writer);
        }
    }

    @Test
    void aDirectoryIsNoTarget() {
        assertThatThrownBy(() -> ONNX.export(packaged, temporary))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(temporary + " is a directory; give the name of a file.");
    }

    @Test
    void anAnswerThatIsNoNumberIsADifference() {
        ExportReport.Difference none = ExportReport.Difference.NONE;
        assertThat(none.and(new float[] {2, -4}, new float[] {2, -3}).relative()).isEqualTo(0.25);
        assertThat(none.and(new float[] {2, -4}, new float[] {2, Float.NaN}).relative()).isNaN();
        assertThat(
                        none.and(new float[] {2, -4}, new float[] {2, Float.NaN})
                                .and(new float[] {1}, new float[] {1})
                                .relative())
                .isNaN();
        assertThat(none.and(new float[] {0}, new float[] {1}).relative()).isInfinite();
    }

    private void assertOnlyFile() throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            assertThat(files).containsExactly(target);
        }
    }
}
