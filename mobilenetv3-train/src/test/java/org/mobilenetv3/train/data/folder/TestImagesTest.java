package org.mobilenetv3.train.data.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.folder.TestRequest.Choice;

/** Which images of a folder a net is scored on. */
class TestImagesTest {
    private static final List<String> CLASSES = List.of("ant", "bee", "cat");

    @TempDir Path root;

    private final List<String> messages = new ArrayList<>();

    private void fill(String folder, int count) throws IOException {
        Path directory = Files.createDirectories(root.resolve(folder));
        for (int i = 0; i < count; i++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(i % 8, i / 8, 0, 255);
            ImageIO.write(image, "png", directory.resolve(i + ".png").toFile());
        }
    }

    private ImageSet read(Choice choice, List<String> classes, boolean learned) throws IOException {
        return ImageFolder.readForTesting(
                root,
                new TestRequest(
                        Fit.CenterCrop.photograph(8),
                        1,
                        classes,
                        choice,
                        0,
                        images -> learned,
                        messages::add));
    }

    @Test
    void allImagesOfAFolderWithoutPartsAreScored() throws IOException {
        fill("ant", 12);
        fill("cat", 12);
        ImageSet images = read(Choice.UNSEEN, CLASSES, false);
        assertThat(images.size()).isEqualTo(24);
        assertThat(images.classes()).isEqualTo(CLASSES);
        assertThat(images.labels())
                .isEqualTo(IntStream.range(0, 24).map(i -> i < 12 ? 0 : 2).toArray());
        assertThat(messages)
                .containsExactly("'" + root + "' has no parts: all 24 images are scored.");
    }

    @Test
    void ofTheVeryImagesOfTrainingOnlyThoseHeldBackAreScored() throws IOException {
        fill("ant", 20);
        fill("cat", 20);
        assertThat(read(Choice.UNSEEN, CLASSES, true).size()).isEqualTo(4);
        assertThat(messages.get(0))
                .contains("is what the net was trained on: the 4 of 40 images that training held");
    }

    @Test
    void aTenthIsTakenOnlyIfItIsAskedForAndIsToldOf() throws IOException {
        fill("ant", 20);
        fill("cat", 20);
        assertThat(read(Choice.TEST, CLASSES, false).size()).isEqualTo(4);
        assertThat(messages.get(0)).contains("out of train, as training does: 4 are scored");
        assertThat(read(Choice.ALL, CLASSES, true).size()).isEqualTo(40);
    }

    @Test
    void aFolderOfOneClassIsScored() throws IOException {
        fill("bee", 3);
        assertThat(read(Choice.UNSEEN, CLASSES, false).labels()).containsExactly(1, 1, 1);
    }

    @Test
    void validationStandsInForATestThatThereIsNot() throws IOException {
        fill("Train/ant", 10);
        fill("Train/bee", 10);
        fill("Val/ant", 3);
        assertThat(read(Choice.UNSEEN, CLASSES, false).size()).isEqualTo(3);
        assertThat(messages.get(0)).contains("has no test: the 3 images of 'Val' are scored");
        assertThat(read(Choice.UNSEEN, CLASSES, true).size()).isEqualTo(2); // held back
        fill("Test/bee", 5);
        assertThat(read(Choice.UNSEEN, CLASSES, false).size()).isEqualTo(5);
    }

    @Test
    void aTestWithoutTrainIsEnoughToScore() throws IOException {
        fill("test/ant", 3);
        assertThat(read(Choice.UNSEEN, CLASSES, false).size()).isEqualTo(3);
        assertThat(Sentences.of(() -> read(Choice.TRAIN, CLASSES, false))).contains("no train");
    }

    @Test
    void aStrangeFolderIsNamedWithTheNetsClassesAndWhereTheirNamesComeFrom() throws IOException {
        fill("ant", 3);
        fill("dog", 3);
        assertThat(Sentences.of(() -> read(Choice.UNSEEN, CLASSES, false)))
                .contains(root.resolve("dog").toString(), "is no class of the net (ant, bee, cat)");
        assertThat(Sentences.of(() -> read(Choice.UNSEEN, List.of("class_0", "class_1"), false)))
                .contains("classes have no names (class_0, class_1)", "--class-names");
    }
}
