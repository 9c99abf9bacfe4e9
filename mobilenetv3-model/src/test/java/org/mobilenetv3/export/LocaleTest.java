package org.mobilenetv3.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.ZooModel;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.export.bundle.BundleExporter;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.zoo.PackageModel;

/** An application on a machine whose language has digits of its own, or an I without a dot. */
class LocaleTest {

    private static final String OTHER_DIGITS = "[\\p{Nd}&&[^0-9]]";

    private final Locale before = Locale.getDefault();

    @TempDir private Path temporary;

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR", "ar-EG", "mr-IN", "my-MM", "tr-TR"})
    void aPackagePredictsAsElsewhere(String language) throws Exception {
        Path model = TestNets.save(temporary.resolve("model"));
        String expected = predict(model);
        Locale.setDefault(Locale.forLanguageTag(language));
        assertThat(predict(model)).isEqualTo(expected);
    }

    private static String predict(Path path) throws Exception {
        Image image =
                ImageFactory.getInstance()
                        .fromImage(new BufferedImage(40, 50, BufferedImage.TYPE_INT_RGB));
        try (ZooModel<Image, Classifications> model = PackageModel.open(path, Device.cpu());
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            return predictor.predict(image).items().stream()
                    .map(item -> item.getClassName() + " " + item.getProbability())
                    .collect(Collectors.joining(", "));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExportHasTheDigitsOfAllOthers(ExportFormat format) throws Exception {
        Path model = TestNets.save(temporary.resolve("model"));
        byte[] expected = exported(format, model, "elsewhere");
        Locale.setDefault(Locale.forLanguageTag("fa-IR"));
        assertThat(exported(format, model, "here")).isEqualTo(expected);
    }

    private byte[] exported(ExportFormat format, Path model, String name) throws Exception {
        Path file = temporary.resolve(name);
        ExportReport report = new Exporter(format, true, false).export(model, file);
        assertThat(report.toString()).doesNotContainPattern(OTHER_DIGITS);
        return Files.readAllBytes(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR", "ar-EG"})
    void aCardTellsFiguresInTheDigitsOfAllOthers(String language) throws Exception {
        Locale.setDefault(Locale.forLanguageTag(language));
        Path model = TestNets.save(temporary.resolve("model"));
        Path bundle = temporary.resolve("bundle");
        try (PackageNet net = PackageNet.open(model, Device.cpu())) {
            new BundleExporter(BundleExporter.UNSTATED, null).export(net, bundle);
        }
        String card =
                new String(Files.readAllBytes(bundle.resolve("README.md")), StandardCharsets.UTF_8);
        assertThat(card).contains("32").doesNotContainPattern(OTHER_DIGITS);
    }
}
