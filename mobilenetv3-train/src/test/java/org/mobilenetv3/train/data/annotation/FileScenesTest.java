package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;

/** What is common to all formats: parts held back, decoding, progress. */
class FileScenesTest {
    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    /** Of YOLO's: each image's label, -1 for none. */
    private void labels(int... labels) throws IOException {
        files.text("classes.txt", "often", "seldom", "once");
        for (int i = 0; i < labels.length; i++) {
            files.image("images/" + (100 + i) + ".png", 8, 6);
            if (labels[i] >= 0) {
                // The frequent class is in every image with any.
                files.text(
                        "labels/" + (100 + i) + ".txt",
                        "0 0.5 0.5 0.5 0.5",
                        labels[i] + " 0.25 0.5 0.5 1");
            }
        }
    }

    private static Set<String> names(SceneSet set) {
        return ((FileScenes) set)
                .images().stream().map(CheckedImage::name).collect(Collectors.toSet());
    }

    private AnnotatedFolder open(long seed) throws IOException {
        return AnnotatedFolder.open(folder, Task.DETECT, seed, files);
    }

    @Test
    void aTenthOfEachClassIsHeldBackByTheRarestClassOfEachImage() throws IOException {
        int[] all = new int[100];
        for (int i = 0; i < 100; i++) {
            all[i] = i < 60 ? 0 : i < 80 ? 1 : i == 80 ? 2 : -1;
        }
        labels(all);
        AnnotatedFolder opened = open(1);
        assertThat(opened.test().size()).isEqualTo(6 + 2 + 2);
        assertThat(opened.validation().size()).isEqualTo(5 + 2 + 2);
        assertThat(opened.train().size()).isEqualTo(81);
        assertThat(names(opened.train())).contains("images/180.png");
        Set<String> together = new HashSet<>(names(opened.train()));
        together.addAll(names(opened.validation()));
        together.addAll(names(opened.test()));
        assertThat(together).hasSize(100);
        AnnotatedFolder other = open(2);
        assertThat(names(other.test())).isEqualTo(names(opened.test()));
        assertThat(names(other.validation())).isNotEqualTo(names(opened.validation()));
        assertThat(names(open(1).validation())).isEqualTo(names(opened.validation()));
    }

    @Test
    void threeImagesAreEnough() throws IOException {
        labels(0, 1, 2);
        AnnotatedFolder opened = open(1);
        assertThat(opened.train().size()).isEqualTo(1);
        assertThat(opened.validation().size()).isEqualTo(1);
        assertThat(opened.test().size()).isEqualTo(1);
        labels(0);
        for (String name : List.of("101", "102")) {
            folder.resolve("images/" + name + ".png").toFile().delete();
            folder.resolve("labels/" + name + ".txt").toFile().delete();
        }
        assertThat(Sentences.of(() -> open(1))).contains("give at least 4");
    }

    @Test
    void severalThreadsMayAskForScenes() throws IOException {
        labels(IntStream.range(0, 40).map(i -> i % 3).toArray());
        SceneSet set = open(1).train();
        List<Scene> one = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            one.add(set.scene(i));
        }
        List<Scene> many =
                IntStream.range(0, set.size()).parallel().mapToObj(i -> scene(set, i)).toList();
        for (int i = 0; i < one.size(); i++) {
            assertThat(many.get(i).image()).isEqualTo(one.get(i).image());
            assertThat(many.get(i).boxes()).isEqualTo(one.get(i).boxes());
        }
    }

    private static Scene scene(SceneSet set, int index) {
        try {
            return set.scene(index);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whereMemoryIsShortBoxesAndMasksBecomeSmallerWithTheImage() throws IOException {
        int[][] rows = new int[300][400];
        for (int y = 100; y < 200; y++) {
            for (int x = 40; x < 80; x++) {
                rows[y][x] = 1;
            }
        }
        files.image("images/a.png", 400, 300).gray("masks/a.png", rows);
        FileScenes set = (FileScenes) files.parts(true, "none", "x").train();
        CheckedImage image = set.images().get(0);
        CheckedImage boxed =
                new CheckedImage(
                        image.name(),
                        image.file(),
                        300,
                        400,
                        1,
                        List.of(new LabeledBox(new Box(40, 100, 80, 200), 1, false)),
                        List.of(),
                        image.mask(),
                        new int[] {1});
        byte[] values = new byte[256];
        values[1] = 1;
        Scene scene =
                new FileScenes(
                                "x",
                                List.of("none", "x"),
                                List.of(boxed),
                                values,
                                new DecodingMemory(1 << 16))
                        .scene(0);
        assertThat(scene.image().width()).isEqualTo(100);
        assertThat(scene.boxes().get(0).box()).isEqualTo(new Box(10, 25, 20, 50));
        int area = 0;
        for (byte value : scene.mask().classes()) {
            area += value;
        }
        assertThat(area).isEqualTo(10 * 25);
        assertThat(scene.mask().at(25, 10)).isEqualTo(1);
        assertThat(scene.mask().at(24, 10)).isZero();
        assertThat(scene.mask().at(49, 19)).isEqualTo(1);
    }

    @Test
    void aPartWithoutAnyImageIsNoPart() throws IOException {
        labels(0, 1, 0, 1);
        files.text("data.yaml", "train: images", "val: gone.txt", "names: [a, b, c]")
                .text("gone.txt", "images/gone.png");
        AnnotatedFolder opened = open(1);
        assertThat(opened.validation().size()).isPositive();
        assertThat(opened.leftOut())
                .containsExactly("1 image that does not exist: left out (first: images/gone.png).");
    }

    @Test
    void aSetIsDescribedAndProgressIsTold() throws IOException {
        labels(0, 1, 0, 1);
        AnnotatedFolder opened = open(1);
        assertThat(files.told()).contains("'%s' is YOLO: images 4 for train.".formatted(folder));
        assertThat(opened.train())
                .hasToString(folder.getFileName() + ": 1 images, classes [often, seldom, once]");
        assertThat(files.checked()).isEqualTo(4);
    }

    @Test
    void classifyingIsAnotherMatter() throws IOException {
        labels(0, 1, 0, 1);
        assertThatThrownBy(() -> AnnotatedFolder.open(folder, Task.CLASSIFY, 1, files))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(AnnotatedFolder.isAt(folder)).isTrue();
        assertThat(AnnotatedFolder.isAt(folder.resolve("images"))).isFalse();
        assertThat(
                        Sentences.of(
                                () ->
                                        AnnotatedFolder.open(
                                                folder.resolve("x"), Task.DETECT, 1, files)))
                .contains("does not exist");
    }
}
