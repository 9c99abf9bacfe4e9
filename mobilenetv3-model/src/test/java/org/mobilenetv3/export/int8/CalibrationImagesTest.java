package org.mobilenetv3.export.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.export.int8.CalibrationImages.Image;

class CalibrationImagesTest {

    private static final List<String> CLASSES = List.of("cat", "T-shirt", "T-shirt/top");

    @TempDir private Path root;

    @Test
    void aThirdCalibratesAndTheRestChecksTheSameEachTime() throws IOException {
        write("cat", 30);
        write("T-shirt/top/deep", 60);
        CalibrationImages images = CalibrationImages.in(root, CLASSES);
        assertThat(images.calibration()).hasSize(30);
        assertThat(images.check()).hasSize(60);
        assertThat(files(images.calibration())).doesNotContainAnyElementsOf(files(images.check()));
        assertThat(CalibrationImages.in(root, CLASSES)).isEqualTo(images);
        assertThat(images.labeled()).isTrue();
        assertThat(images.calibration().stream().map(Image::label).distinct())
                .as("both classes, by their longest names")
                .containsExactlyInAnyOrder(0, 2);
    }

    @Test
    void partsThatAreThereAreKeptApart() throws IOException {
        write("train/cat", 20);
        write("test/cat", 15);
        CalibrationImages images = CalibrationImages.in(root, CLASSES);
        assertThat(images.calibration()).hasSize(20);
        assertThat(images.check()).hasSize(15);
        assertThat(images.check()).allMatch(i -> i.file().startsWith(root.resolve("test")));
        assertThat(images.check()).allMatch(i -> i.label() == 0);
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void partsAreKnownInAnyLettersAndAnAccentInAnyForm() throws IOException {
        write("Training/caf\u00E9", 20);
        write("Testing/cafe\u0301", 15);
        write("Testing/@eaDir", 5);
        CalibrationImages images = CalibrationImages.in(root, List.of("caf\u00E9"));
        assertThat(images.calibration()).hasSize(20);
        assertThat(images.check()).hasSize(15).allMatch(i -> i.label() == 0);
        write("test/cafe", 5);
        assertThatThrownBy(() -> CalibrationImages.in(root, CLASSES))
                .hasMessageContaining("would be the same part of the images");
    }

    @Test
    void copiesOfCalibrationImagesAreNotCheckedWith() throws IOException {
        write("train/cat", 20);
        write("val/cat", 15);
        Path copied = CalibrationImages.in(root, CLASSES).calibration().get(3).file();
        Files.copy(copied, root.resolve("val/cat/other name.png"));
        CalibrationImages images = CalibrationImages.in(root, CLASSES);
        assertThat(images.check()).hasSize(15);
        assertThat(files(images.check())).doesNotContain(root.resolve("val/cat/other name.png"));
    }

    @Test
    void aFileWhoseNameSaysNothingCountsIfItsContentIsAnImagesAsInTraining() throws IOException {
        write("train/cat", 2);
        write("val/cat", 1);
        byte[] gif = "GIF89a0123456789".getBytes(StandardCharsets.US_ASCII);
        Files.write(root.resolve("train/cat/no ending"), gif);
        Files.write(root.resolve("train/cat/wrong.webp"), gif);
        Files.writeString(root.resolve("train/cat/README"), "cats");
        assertThat(CalibrationImages.in(root, CLASSES).calibration()).hasSize(4);
    }

    @Test
    void folderNamesThatAreNoClassesGiveNoLabels() throws IOException {
        write("holiday", 9);
        Files.writeString(root.resolve(".hidden.png"), "no image");
        Files.writeString(root.resolve("notes.txt"), "no image");
        CalibrationImages images = CalibrationImages.in(root, CLASSES);
        assertThat(images.calibration()).hasSize(3);
        assertThat(images.check()).hasSize(6);
        assertThat(images.labeled()).isFalse();
    }

    @Test
    void aFolderThatIsOfNoUseIsOneSentence() throws IOException {
        Path none = root.resolve("none");
        assertThatThrownBy(() -> CalibrationImages.in(none, CLASSES))
                .isInstanceOf(IOException.class)
                .hasMessage("There is no folder of calibration images at %s.".formatted(none));
        assertThatThrownBy(() -> CalibrationImages.in(root, CLASSES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(root + " holds too few images");
        write("cat", 20);
        write("cta", 20);
        assertThatThrownBy(() -> CalibrationImages.in(root, CLASSES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cta")
                .hasMessageContaining("lies in no folder that is named after a class");
    }

    private void write(String folder, int count) throws IOException {
        Path made = Files.createDirectories(root.resolve(folder));
        for (int i = 0; i < count; i++) {
            Files.writeString(made.resolve(i + ".png"), folder + i); // not decoded here
        }
    }

    private static Set<Path> files(List<Image> images) {
        Set<Path> files = new HashSet<>();
        images.forEach(image -> files.add(image.file()));
        return files;
    }
}
