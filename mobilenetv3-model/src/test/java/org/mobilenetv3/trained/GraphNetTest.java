package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.types.Shape;
import java.io.File;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.export.DetectionNetsTest;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.djl.DjlParameters;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;

/** Nets opened as graphs, without an engine: the numbers are those that libtorch computes with. */
class GraphNetTest {

    private static final Architecture NET =
            MobileNetV3.small().optWidth(0.35).optClasses(3).architecture();

    @TempDir private static Path temporary;

    private static Path classifier;
    private static Path detector;
    private static Path segmenter;

    @BeforeAll
    static void save() throws IOException {
        classifier = TestNets.saveSettled(temporary.resolve("classifier"), NET);
        detector = DetectionNetsTest.packaged(temporary.resolve("detector")).directory();
        Preprocessing input = new Preprocessing(new Fit.WholeImage(40), TestNets.NORMALIZATION);
        segmenter =
                TestNets.save(
                        temporary.resolve("segmenter"),
                        Presets.of("lraspp_small", 0.35).withClasses(3),
                        TestNets.CLASSES,
                        input);
    }

    /** The graph that exporters write, of the net that libtorch has. */
    private static long expected(Path model, boolean normalizes) throws IOException {
        try (PackageNet net = PackageNet.open(model, Device.cpu())) {
            return GraphSum.of(new Exporter(ExportFormat.ONNX, normalizes, false).graph(net));
        }
    }

    private static long sum(Path path) throws IOException {
        GraphSum.Provider provider = new GraphSum.Provider();
        GraphNet.open(path, null, 1, provider).close();
        return provider.sum;
    }

    private static Path zipped(Path model) throws IOException {
        Path zip = temporary.resolve(model.getFileName() + ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
                Stream<Path> files = Files.list(model)) {
            for (Path file : files.sorted().toList()) {
                out.putNextEntry(new ZipEntry("best/" + file.getFileName()));
                Files.copy(file, out);
            }
        }
        return zip;
    }

    private static Path exported(Path model, boolean normalizes) throws IOException {
        Path file = temporary.resolve(model.getFileName() + (normalizes ? ".onnx" : "-raw.onnx"));
        new Exporter(ExportFormat.ONNX, normalizes, false).export(model, file);
        return file;
    }

    private static void write(WeightsFormat format, Path file) throws IOException {
        try (PackageNet net = PackageNet.open(classifier, Device.cpu())) {
            new WeightsExporter(format).export(net, file);
        }
    }

    /** The net in all files that are not exported. */
    private static List<Path> classifiers() throws IOException {
        List<Path> files = new ArrayList<>(List.of(classifier, zipped(classifier)));
        for (WeightsFormat format : WeightsFormat.values()) {
            Path file = temporary.resolve("classifier-" + format);
            if (format != WeightsFormat.TIMM) { // which has no net of this width
                write(format, file);
                files.add(file);
            }
        }
        return files;
    }

    @Test
    void everyKindOfFileGivesTheGraphOfItsPackage() throws IOException {
        List<Path> files = classifiers();
        files.addAll(List.of(detector, segmenter));
        for (Path file : files) {
            assertThat(sum(file)).as(file.toString()).isEqualTo(expected(file, true));
        }
    }

    @Test
    void ourOnnxFilesOfEveryTaskGiveTheirGraphBack() throws IOException {
        for (Path model : List.of(classifier, detector, segmenter)) {
            for (boolean normalizes : new boolean[] {true, false}) {
                Path file = exported(model, normalizes);
                assertThat(sum(file)).isEqualTo(expected(model, normalizes));
                try (GraphNet net = GraphNet.open(file, null, 1, new GraphSum.Provider())) {
                    assertThat(net.description().normalizes()).isEqualTo(normalizes);
                }
            }
        }
        Path objects = temporary.resolve("objects.onnx");
        new Exporter(ExportFormat.ONNX, true, false, PostProcessing.SSDLITE)
                .export(detector, objects);
        assertThat(sum(objects)).isEqualTo(expected(detector, true));
    }

    @Test
    void noEngineIsOnTheClassPathOfAJvmThatOpensThem() throws Exception {
        List<Path> files = classifiers();
        List<Path> all = new ArrayList<>(files);
        all.addAll(
                List.of(detector, segmenter, exported(detector, true), exported(classifier, true)));
        List<String> lines = run(all);
        List<String> sums = new ArrayList<>();
        for (Path file : all) {
            sums.add(Long.toString(sum(file)));
        }
        assertThat(lines).isEqualTo(sums);
    }

    @Test
    void enginesOnTheClassPathAreNotTouched() throws Exception {
        Path log = temporary.resolve("classes.txt");
        List<Path> files = List.of(classifier, detector, exported(classifier, true));
        run(files, System.getProperty("java.class.path"), "-Xlog:class+load:file=" + log);
        assertThat(Files.readString(log))
                .contains("org.mobilenetv3.trained.GraphNet ")
                .doesNotContain("ai.djl.pytorch")
                .doesNotContain("ai.onnxruntime")
                .doesNotContain("com.sun.jna")
                .doesNotContain("org.slf4j.LoggerFactory");
    }

    /** What a JVM prints whose class path lacks libtorch, DJL's engines and ONNX Runtime. */
    private static List<String> run(List<Path> files) throws Exception {
        return run(
                files,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(part -> !part.matches(".*(pytorch|onnxruntime|/jna).*"))
                        .collect(Collectors.joining(File.pathSeparator)));
    }

    private static List<String> run(List<Path> files, String classPath, String... options)
            throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, "org.mobilenetv3.trained.GraphSum"));
        files.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }

    @Test
    void whatIsWrongWithAPackageIsSaidAsWithLibtorch() throws IOException {
        Path copy = TestNets.save(temporary.resolve("damaged"), NET);
        Path parameters = parameters(copy);
        byte[] whole = Files.readAllBytes(parameters);
        Files.write(parameters, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> sum(copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is missing or damaged (its checksum is not the one");
        rehash(copy, parameters);
        assertThatThrownBy(() -> sum(copy))
                .isInstanceOf(IOException.class)
                .hasMessage(copy + " cannot be opened: The parameter file ends too early.");
        Path other =
                TestNets.save(
                        temporary.resolve("wider"),
                        Presets.of("mobilenet_v3_small", 0.5).withClasses(3));
        Files.copy(parameters(other), parameters, StandardCopyOption.REPLACE_EXISTING);
        rehash(copy, parameters);
        assertThatThrownBy(() -> sum(copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("The parameter file is of another architecture");
        assertThatThrownBy(() -> sum(temporary.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("There is no model package or file of weights");
    }

    private static Path parameters(Path model) throws IOException {
        return model.resolve(ModelPackage.modelName(model) + "-0000.params");
    }

    private static void rehash(Path copy, Path parameters) throws IOException {
        Path json = copy.resolve(ModelPackage.DESCRIPTION);
        String sum = Checksums.sha256(parameters);
        Files.writeString(json, Files.readString(json).replaceFirst("[0-9a-f]{64}", sum));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDamagedFileOfParametersIsRefusedOrGivesNumbers(int seed) throws Exception {
        byte[] whole = Files.readAllBytes(parameters(classifier));
        Random random = new Random(seed);
        Path file = temporary.resolve("damaged" + seed + ".params");
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            byte[] damaged = whole.clone();
            // Half of them within the description, which is at the start of each array.
            int at = random.nextInt(i % 2 == 0 ? 2000 : whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            if (i % 5 == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            Files.write(file, damaged);
            try (TensorFile read =
                    DjlParameters.read(file, MobileNetV3.of(NET, TestNets.NORMALIZATION))) {
                for (Tensor tensor : read.tensors().values()) {
                    assertThat(tensor.floats()).hasSize((int) tensor.shape().size());
                }
            } catch (IOException | MalformedModelException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isBetween(12, 59);
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() throws IOException {
        Path file = temporary.resolve("whole.safetensors");
        write(WeightsFormat.SAFETENSORS, file);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, String> metadata;
        try (TensorFile read = SafeTensors.read(file)) {
            metadata = read.metadata();
            for (Map.Entry<String, Tensor> entry : read.tensors().entrySet()) {
                tensors.put(
                        entry.getKey(),
                        Tensor.of(entry.getValue().shape(), entry.getValue().floats()));
            }
        }
        String name = "features.0.0.weight";
        float[] values = tensors.get(name).floats().clone();
        values[7] = Float.NEGATIVE_INFINITY;
        Map<String, Tensor> infinite = new LinkedHashMap<>(tensors);
        infinite.put(name, Tensor.of(tensors.get(name).shape(), values));
        Path bad = temporary.resolve("infinite.safetensors");
        SafeTensors.write(bad, infinite, metadata);
        assertThatThrownBy(() -> sum(bad))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        bad
                                + " contains -Infinity in features.0.0.weight, so every prediction would be NaN.");
        String variance = "features.0.1.running_var";
        float[] negative = tensors.get(variance).floats().clone();
        negative[1] = -1;
        Map<String, Tensor> wrong = new LinkedHashMap<>(tensors);
        wrong.put(variance, Tensor.of(tensors.get(variance).shape(), negative));
        Path below = temporary.resolve("below.safetensors");
        SafeTensors.write(below, wrong, metadata);
        assertThatThrownBy(() -> sum(below))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("features.0.1.running_var must not be negative");
    }

    @Test
    void whatOtherRuntimesComputeIsRefusedInASentence() throws IOException {
        Path script = temporary.resolve("net.pt");
        new Exporter(ExportFormat.TORCHSCRIPT, true, false).export(classifier, script);
        assertThatThrownBy(() -> sum(script))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is TorchScript, which only libtorch runs");
        assertThatThrownBy(
                        () ->
                                GraphNet.open(
                                        classifier,
                                        Presets.of("mobilenet_v3_large"),
                                        1,
                                        new GraphSum.Provider()))
                .hasMessageContaining("--arch is not allowed");
        assertThatThrownBy(() -> GraphNet.open(classifier, null, 0, new GraphSum.Provider()))
                .hasMessage("The number of threads is 0, expected at least 1.");
    }

    @Test
    void imagesAreCheckedBeforeTheyAreComputed() throws IOException {
        try (GraphNet net = GraphNet.open(classifier, null, 1, new GraphSum.Provider())) {
            assertThatThrownBy(() -> net.logits(FloatBuffer.allocate(10), new Shape(1, 3, 32, 32)))
                    .hasMessageContaining("have 3072 values but the buffer holds 10");
            assertThatThrownBy(
                            () -> net.logits(FloatBuffer.allocate(1024), new Shape(1, 1, 32, 32)))
                    .hasMessageContaining("The net takes (N, 3, H, W)");
        }
        try (GraphNet net = GraphNet.open(detector, null, 1, new GraphSum.Provider())) {
            assertThatThrownBy(
                            () ->
                                    net.logits(
                                            FloatBuffer.allocate(3 * 64 * 64),
                                            new Shape(1, 3, 64, 64)))
                    .hasMessageContaining("The net's anchors are for images of 128x96 pixels");
        }
    }
}
