package org.mobilenetv3.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.export.bundle.BundleExporter;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.WeightsNet;

class WithoutEngineTest {

    @TempDir private Path temporary;
    private Path model;

    @BeforeEach
    void save() throws IOException {
        model =
                TestPackage.save(
                        temporary.resolve("model"),
                        Presets.of("mobilenet_v3_small").withClasses(3),
                        new Fit.CenterCrop(32, 32),
                        List.of("cat", "dog", "bird"),
                        new float[] {0f, 10f, 1f});
    }

    private interface Writer {
        void write(NetWithWeights net, Path to) throws IOException;
    }

    @Test
    void everyFormIsWrittenWithTheSameBytesAsByLibtorch() throws IOException {
        Map<String, Writer> forms = new TreeMap<>();
        forms.put("package", BundleExporter::savePackage);
        forms.put("net.onnx", new Exporter(ExportFormat.ONNX, true, false)::export);
        forms.put("plain.onnx", new Exporter(ExportFormat.ONNX, false, false)::export);
        for (WeightsFormat format : WeightsFormat.values()) {
            forms.put("net" + format + format.extension(), new WeightsExporter(format)::export);
        }
        Path timms = temporary.resolve("timms.pth");
        write(new WeightsExporter(WeightsFormat.TIMM)::export, model, timms, true);
        for (Path from : List.of(model, timms)) {
            for (Map.Entry<String, Writer> form : forms.entrySet()) {
                Path expected = temporary.resolve("libtorch-" + form.getKey());
                Path actual = temporary.resolve("own-" + form.getKey());
                write(form.getValue(), from, expected, true);
                write(form.getValue(), from, actual, false);
                assertThat(content(actual).equals(content(expected)))
                        .as(from + " " + form.getKey())
                        .isTrue();
            }
        }
    }

    private static void write(Writer writer, Path from, Path to, boolean libtorch)
            throws IOException {
        try (NetWithWeights net =
                libtorch
                        ? PackageNet.open(from, null, Device.cpu())
                        : WeightsNet.open(from, null, 1)) {
            writer.write(net, to);
        }
    }

    /** Byte by byte: the names of the files, and each byte a character. */
    private static Map<String, String> content(Path path) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(
                        path.relativize(file).toString(),
                        Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(content).isNotEmpty();
        return content;
    }

    @Test
    void featuresAreLibtorchs() throws IOException {
        Shape shape = new Shape(2, 3, 65, 96);
        float[] images = new float[Math.toIntExact(shape.size())];
        Random random = new Random(5);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        try (NetWithWeights libtorch = PackageNet.open(model, null, Device.cpu());
                NetWithWeights own = WeightsNet.open(model, null, 2);
                NDList expected = libtorch.features(FloatBuffer.wrap(images), shape);
                NDList actual = own.features(FloatBuffer.wrap(images), shape)) {
            assertThat(actual)
                    .extracting(NDArray::getName, NDArray::getShape)
                    .isEqualTo(
                            expected.stream()
                                    .map(array -> tuple(array.getName(), array.getShape()))
                                    .toList());
            for (int i = 0; i < expected.size(); i++) {
                float[] theirs = expected.get(i).toFloatArray();
                float[] ours = actual.get(i).toFloatArray();
                double largest = 0;
                double apart = 0;
                for (int j = 0; j < theirs.length; j++) {
                    largest = Math.max(largest, Math.abs(theirs[j]));
                    apart = Math.max(apart, Math.abs(theirs[j] - ours[j]));
                }
                assertThat(apart / largest).as(expected.get(i).getName()).isLessThan(1e-5);
            }
        }
    }
}
