package org.mobilenetv3.export.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.export.ExportReport;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

class BundleExporterTest {

    private static final String NAME = "mobilenet_v3_small_w0.35";

    @TempDir private Path temporary;
    private Path packaged;
    private Path out;

    @BeforeEach
    void save() throws IOException {
        packaged = TestNets.save(temporary.resolve("best"));
        out = temporary.resolve("made on demand").resolve("out");
    }

    @Test
    void everyFileAnswersAsThePackageAndEveryFileIsListed() throws IOException {
        List<ExportReport> reports = export(BundleExporter.UNSTATED, null);
        assertThat(reports)
                .extracting(report -> out.relativize(report.file()).toString())
                .containsExactly("package", NAME + ".safetensors", NAME + ".pt", NAME + ".onnx");
        float[] x = TestNets.pixels(3 * 32 * 32L, 1);
        float[] expected = logits(packaged, x);
        for (ExportReport report : reports) {
            assertThat(report.bytes()).isPositive();
            assertThat(logits(report.file(), x)).containsExactly(expected, within(1e-5f));
        }
        assertThat(Files.readAllLines(out.resolve("SHA256SUMS")))
                .extracting(line -> line.substring(66))
                .containsExactly(
                        "README.md",
                        NAME + ".onnx",
                        NAME + ".pt",
                        NAME + ".safetensors",
                        "package/" + NAME + "-0000.params",
                        "package/model.json",
                        "package/serving.properties",
                        "package/synset.txt");
        assertThat(Checksums.matches(out)).isTrue();
        assertThat(out.getParent()).isDirectoryContaining(out::equals);
        assertThat(out.getParent().toFile().list()).containsExactly("out");
    }

    @Test
    void theCardSaysWhatIsKnown() throws IOException {
        export("CC BY 4.0", new TestResult(10_000, 0.9359));
        assertThat(out.resolve("README.md"))
                .content()
                .contains("# " + NAME, "## License\n\nCC BY 4.0\n")
                .contains("93.59 % of the 10,000 test images of drawn (top-1).")
                .contains("- dataset: drawn", "- seed: 5")
                .contains(
                        "(N, 3, 32, 32), RGB",
                        "the shorter side resized to 40 (bilinear, antialiased as in Pillow), the middle 32")
                .contains("1. dog, \"the\" second", "2. Vögel")
                .contains(" parameters; ", "| `package/` | djl", ".safetensors` | safetensors |")
                .contains("| `%s.onnx` | onnx, opset 17".formatted(NAME))
                .contains(".optArtifactId(\"mobilenet_v3_small\")", "model package, format 2")
                .contains(
                        String.format(
                                Locale.ROOT, "%,d |", Files.size(out.resolve(NAME + ".onnx"))))
                .doesNotContain("NAME", "SHAPE", "null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bilinear | Resize(40, InterpolationMode.BILINEAR), CenterCrop(32)",
                "bicubic | Resize(40, InterpolationMode.BICUBIC), CenterCrop(32)",
                "opencv_bilinear | scale = 40 / min(height, width)"
            })
    void theCardSaysInPythonHowImagesBecomeTheInput(String interpolation, String told)
            throws IOException {
        Path json = packaged.resolve("model.json");
        String before = Files.readString(json);
        Files.writeString(json, before.replace("\"bilinear\"", "\"" + interpolation + "\""));
        export(BundleExporter.UNSTATED, null);
        assertThat(out.resolve("README.md"))
                .content()
                .contains(told)
                .doesNotContain("MAKING", "MODE", "AXES", "INTERPOLATION", "RESIZE", "CROP");
    }

    @Test
    void theCardClaimsNothingThatIsNotKnown() throws IOException {
        export(BundleExporter.UNSTATED, null);
        assertThat(out.resolve("README.md"))
                .content()
                .contains("## Accuracy\n\nNot known.\n", "## License\n\nNot stated");
    }

    @Test
    void anEarlierExportIsReplacedUnlessSomebodyChangedIt() throws IOException {
        export(BundleExporter.UNSTATED, null);
        export("MIT", null);
        Path card = out.resolve("README.md");
        assertThat(card).content().contains("MIT");
        Files.writeString(card, "mine");
        assertRefused();
        assertThat(card).hasContent("mine");
    }

    @Test
    void anotherDirectoryIsRefusedAndStays() throws IOException {
        Files.createDirectories(out);
        Path thesis = Files.writeString(out.resolve("thesis.txt"), "years");
        assertRefused();
        assertThat(thesis).hasContent("years");
        Files.delete(thesis);
        export(BundleExporter.UNSTATED, null);
        Files.writeString(out.resolve("notes.txt"), "added");
        assertRefused();
        assertThat(out.resolve("notes.txt")).hasContent("added");
    }

    @Test
    void aTestResultIsOfTheSameEpochOrNotKnown() throws IOException {
        Files.writeString(
                temporary.resolve("result.json"),
                "{\"bestEpoch\": 18, \"images\": 50, \"top1\": 0.5, \"top5\": 1}");
        Map<String, Object> same = Map.of("metrics", Map.of("epoch", 18.0));
        assertThat(TestResult.beside(packaged, same)).contains(new TestResult(50, 0.5));
        Map<String, Object> other = Map.of("metrics", Map.of("epoch", 17.0));
        assertThat(TestResult.beside(packaged, other)).isEmpty();
        assertThat(TestResult.beside(packaged, Map.of())).isEmpty();
        Files.writeString(temporary.resolve("result.json"), "[]");
        assertThat(TestResult.beside(packaged, same)).isEmpty();
    }

    private void assertRefused() {
        assertThatThrownBy(() -> export("MIT", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(out + " is there already and is no untouched export");
    }

    private List<ExportReport> export(String license, TestResult test) throws IOException {
        try (PackageNet net = PackageNet.open(packaged, Device.cpu())) {
            return new BundleExporter(license, test).export(net, out);
        }
    }

    private static float[] logits(Path file, float[] x) throws IOException {
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            return net.logits(FloatBuffer.wrap(x), new Shape(1, 3, 32, 32));
        }
    }
}
