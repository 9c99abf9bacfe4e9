package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.train.data.Sentences;

class MasksTest {
    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    private void pair(String name, int[]... rows) throws IOException {
        files.image("images/" + name + ".jpg", rows[0].length, rows.length)
                .gray("masks/" + name + ".png", rows);
    }

    private static BufferedImage kind(int kind) {
        return new BufferedImage(3, 1, kind);
    }

    @Test
    void masksMayBeGrayOrHaveAPaletteOfAnyDepth() throws IOException {
        pair("a", new int[] {0, 1, 255}, new int[] {2, 0, 0});
        files.image("images/b.jpg", 3, 1)
                .palette("masks/b.png", new int[] {2, 255, 1})
                .image("images/c.jpg", 3, 1)
                .indexed("masks/c.png", kind(BufferedImage.TYPE_BYTE_BINARY), new int[] {0, 1, 1})
                .image("images/sub/d.jpg", 3, 1)
                .gray("masks/sub/d_mask.png", new int[] {0, 0, 2})
                .text("classes.txt", "none", "road", "sky");
        AnnotatedFolder opened = files.parts(true, "none", "road", "sky");
        assertThat(SceneFiles.digits(opened.train().scene(0).mask())).isEqualTo("01x 200");
        assertThat(SceneFiles.digits(opened.train().scene(1).mask())).isEqualTo("2x1");
        assertThat(SceneFiles.digits(opened.train().scene(2).mask())).isEqualTo("011");
        assertThat(SceneFiles.digits(opened.train().scene(3).mask())).isEqualTo("002");
        assertThat(opened.leftOut()).isEmpty();
        assertThat(files.open(true).train().classes()).containsExactly("none", "road", "sky");
    }

    @Test
    void partsAreFoldersOnEitherLevel() throws IOException {
        for (String part : List.of("training", "validation")) {
            files.image("images/" + part + "/a.png", 2, 1)
                    .gray("annotations/" + part + "/a.png", new int[] {0, 1})
                    .image("images/" + part + "/b.png", 2, 1)
                    .gray("annotations/" + part + "/b.png", new int[] {0, 1});
        }
        AnnotatedFolder opened = files.open(true);
        assertThat(opened.validation().size()).isEqualTo(2);
        assertThat(opened.train().classes()).containsExactly("background", "class_1");
        assertThat(files.told()).anyMatch(text -> text.contains("Write classes.txt"));
        SceneFiles other = new SceneFiles(folder.resolve("other"));
        for (String part : List.of("train", "val", "test")) {
            other.image(part + "/images/a.png", 2, 1).gray(part + "/masks/a.png", new int[] {0, 1});
        }
        assertThat(other.open(true).test().size()).isEqualTo(1);
    }

    @Test
    void whatIsWrongIsLeftOutCountedAndNamed() throws IOException {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            pair(name, new int[] {0, 1, 0});
        }
        pair("high", new int[] {0, 1, 7});
        files.image("images/large.png", 3, 2)
                .gray("masks/large.png", new int[] {0, 1, 0})
                .image("images/alone.png", 3, 2)
                .gray("masks/lost.png", new int[] {0, 1, 0})
                .image("images/rgb.png", 3, 1)
                .image("masks/rgb.png", 3, 1)
                .text("classes.txt", "none", "road");
        AnnotatedFolder opened = files.parts(true, "none", "road");
        assertThat(opened.train().size()).isEqualTo(6);
        assertThat(SceneFiles.digits(opened.train().scene(5).mask())).isEqualTo("01x");
        assertThat(opened.leftOut()).hasSize(5);
        assertThat(opened.leftOut())
                .contains(
                        "1 image without a file of annotations: left out (first: images/alone.png).",
                        "1 mask of another size than its image: left out (first: images/large.png).",
                        "1 mask with values of no class: ignored at these pixels (first: images/high.jpg).",
                        "1 mask without an image: left out (first: masks/lost.png).");
        assertThat(opened.leftOut().get(1))
                .startsWith("1 mask that cannot be read: left out (first: The mask '")
                .contains("masks/rgb.png' has colors (RGB or alpha)");
    }

    @Test
    void masksOfOtherKindsAreRefusedWithWhatToDo() throws IOException {
        files.image("images/a.png", 3, 1)
                .indexed("masks/a.png", kind(BufferedImage.TYPE_USHORT_GRAY), new int[] {0, 1, 2});
        assertThat(Sentences.of(() -> files.open(true)))
                .contains("has 16 bits per pixel")
                .contains("convert it to a PNG with a palette or of 8-bit gray");
        files.image("masks/a.png", 3, 1);
        assertThat(Sentences.of(() -> files.open(true))).contains("has colors (RGB or alpha)");
    }

    @Test
    void tornMasksAndJpegsAreLeftOut() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            pair(name, new int[] {0, 1, 0});
        }
        byte[] whole = Files.readAllBytes(folder.resolve("masks/a.png"));
        files.bytes("masks/a.png", Arrays.copyOf(whole, whole.length - 30));
        assertThat(files.parts(true, "none", "road").leftOut().get(0))
                .contains("is damaged or truncated");
        files.bytes("masks/a.png", SceneFiles.encoded("x.jpg", 3, 1));
        assertThat(files.parts(true, "none", "road").leftOut().get(0)).contains("is no PNG");
    }

    @Test
    void aNetsClassesAreFoundByName() throws IOException {
        pair("a", new int[] {0, 1, 2});
        files.text("classes.txt", "none", "road", "sky");
        assertThat(
                        SceneFiles.digits(
                                files.parts(true, "none", "sky", "sea").train().scene(0).mask()))
                .isEqualTo("0x1");
    }

    @Test
    void masksOfOtherImagesAreNoData() throws IOException {
        files.image("images/a.png", 3, 1).gray("masks/b.png", new int[] {0, 1, 2});
        assertThat(Sentences.of(() -> files.open(true)))
                .contains("has no images to learn from (1 image without a file of annotations");
    }

    @Test
    void masksAreNoBoxes() throws IOException {
        pair("a", new int[] {0, 1, 2});
        assertThat(Sentences.of(() -> files.open(false))).contains("--task segment");
    }
}
