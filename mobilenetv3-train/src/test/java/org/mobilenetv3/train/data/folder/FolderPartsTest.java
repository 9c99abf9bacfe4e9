package org.mobilenetv3.train.data.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.Splits;

/** Folders that are parts of a data set, however they are spelt, and folders that are classes. */
class FolderPartsTest {
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

    private Splits read() throws IOException {
        return ImageFolder.read(root, null, null, 0, messages::add);
    }

    @ParameterizedTest
    @CsvSource({
        "Train, Val, Test",
        "TRAIN, VAL, TEST",
        "Training, Validation, Testing",
        "training, validation, testing",
        "train, Valid, test",
        "train, dev, test"
    })
    void partsAreTakenForPartsWhateverTheirLetters(String train, String validation, String test)
            throws IOException {
        for (String name : List.of("cat", "dog")) {
            fill(train + "/" + name, 5);
            fill(validation + "/" + name, 2);
            fill(test + "/" + name, 3);
        }
        Splits splits = read();
        assertThat(splits.train().classes()).containsExactly("cat", "dog");
        assertThat(splits.train().size()).isEqualTo(10);
        assertThat(splits.validation().size()).isEqualTo(4);
        assertThat(splits.test().size()).isEqualTo(6);
        assertThat(ImageFolder.isAt(root)).isTrue();
    }

    @Test
    void namesThatSpeakOfPartsAreNeverClasses() throws IOException {
        fill("seg_train/cat", 3);
        fill("seg_train/dog", 3);
        fill("seg_test/cat", 3);
        fill("seg_test/dog", 3);
        assertThat(Sentences.of(this::read))
                .contains("'seg_test', 'seg_train'", "parts of a data set", "train, val and test");
    }

    @Test
    void partsWithoutTrainOrWithoutClassFoldersAreRefusedByName() throws IOException {
        fill("Test/cat", 3);
        fill("Val/cat", 3);
        assertThat(Sentences.of(this::read)).contains("'Test', 'Val'", "not like classes");
        fill("Train", 3); // pictures, but no class folders
        assertThat(Sentences.of(this::read)).contains("'Test', 'Train', 'Val'");
    }

    @Test
    void twoFoldersForOnePartAreRefusedByName() throws IOException {
        for (String part : List.of("train", "training", "test")) {
            fill(part + "/cat", 2);
            fill(part + "/dog", 2);
        }
        assertThat(Sentences.of(this::read))
                .contains(root.resolve("train") + "' and '" + root.resolve("training"));
    }

    @Test
    void aVehicleMayBeATrainAndFoldersWithinItMakeThatUnclear() throws IOException {
        fill("train", 4);
        fill("car", 4);
        assertThat(read().train().classes()).containsExactly("car", "train");
        fill("train/steam", 2);
        assertThat(Sentences.of(this::read)).contains("'car' beside it", "part or a class");
        fill("test/steam", 2);
        fill("train/diesel", 2);
        assertThat(read().train().classes()).containsExactly("diesel", "steam");
        assertThat(messages)
                .contains("Beside the parts, '%s' holds 'car', which is left out.".formatted(root));
    }

    @Test
    void partsWithinClassesAreNotMixed() throws IOException {
        for (String name : List.of("cat", "dog")) {
            fill(name + "/train", 3);
            fill(name + "/test", 3);
        }
        assertThat(Sentences.of(this::read)).contains("hold train and other parts", "train/cat");
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void anAccentIsOneNameHoweverUnicodeWritesIt() throws IOException {
        fill("train/caf\u00E9", 3);
        fill("train/bar", 3);
        fill("val/cafe\u0301", 2);
        fill("test/caf\u00E9", 2);
        Splits splits = read();
        assertThat(splits.train().classes()).containsExactly("bar", "caf\u00E9");
        assertThat(splits.validation().labels()).containsExactly(1, 1);
        fill("train/cafe\u0301", 2);
        if (ImageFiles.folders(root.resolve("train")).size() == 3) { // not on a Mac
            assertThat(Sentences.of(this::read)).contains("Two folders", "caf\u00E9");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
    void namesThatTheLocaleCannotReadAreRefusedAndNeverBecomeOneClass() throws Exception {
        fill("data/caf\u00E9", 3);
        fill("data/caf\u00E8", 3);
        Assumptions.assumeTrue(File.separatorChar == '/', "only there the locale decides");
        Assumptions.assumeFalse(System.getProperty("os.name").startsWith("Mac"));
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reader.class.getName(),
                        root.resolve("data").toString());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said)
                .startsWith("The name of '" + root.resolve("data") + "/caf")
                .contains("cannot be read: Java takes names for ", "LC_ALL=C.UTF-8")
                .hasLineCount(1);
    }

    /** Another process, in another locale. */
    static final class Reader {
        public static void main(String[] args) {
            try {
                System.out.println(
                        ImageFolder.read(Path.of(args[0]), null, null, 0, DataListener.SILENT));
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void aNameOfTwoLinesIsRefusedForSynsetsAreLines() throws IOException {
        Assumptions.assumeTrue(File.separatorChar == '/');
        fill("one", 3);
        fill("two\nlines", 3);
        assertThat(Assertions.catchThrowable(this::read))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has a line break");
    }
}
