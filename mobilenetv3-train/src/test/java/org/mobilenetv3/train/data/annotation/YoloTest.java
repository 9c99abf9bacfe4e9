package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.scene.LabeledBox;

class YoloTest {
    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    @Test
    void boxesAreRelativeWithTheirCenters() throws IOException {
        files.image("images/a.jpg", 20, 10)
                .text("labels/a.txt", "1 0.5 0.5 0.5 0.2", "", "0 0.125\t0.25 0.25 0.5")
                .image("images/b.jpg", 20, 10)
                .text("classes.txt", "cat", "dog", "");
        AnnotatedFolder opened = files.parts(false, "cat", "dog");
        assertThat(opened.train().scene(0).boxes())
                .containsExactly(
                        new LabeledBox(new Box(5, 4, 15, 6), 1, false),
                        new LabeledBox(new Box(0, 0, 5, 5), 0, false));
        assertThat(opened.train().scene(1).boxes()).isEmpty();
        assertThat(opened.leftOut()).isEmpty();
    }

    @Test
    void polygonsAreMasksOrTheirBoxes() throws IOException {
        files.image("images/a.png", 6, 4)
                .text("labels/a.txt", "1 0.2 0.25 0.8 0.25 0.8 0.75 0.2 0.75", "0 0.5 0.5 0.1 0.1")
                .text("labels/classes.txt", "cat", "dog");
        assertThat(files.parts(false, "cat", "dog").train().scene(0).boxes().get(0).box())
                .isEqualTo(new Box(0.2 * 6, 1, 0.8 * 6, 3));
        AnnotatedFolder opened = files.parts(true, "background", "cat", "dog");
        assertThat(SceneFiles.digits(opened.train().scene(0).mask()))
                .isEqualTo("000000 022220 022220 000000");
        assertThat(opened.leftOut())
                .containsExactly("1 object without an outline: left out (first: images/a.png).");
    }

    private void parts(String images, String labels) throws IOException {
        int i = 0;
        for (String part : List.of("train", "val", "test")) {
            files.image(images.formatted(part) + "/" + part + ".png", 6, 4)
                    .text(labels.formatted(part) + "/" + part + ".txt", i++ + " 0.5 0.5 0.1 0.1");
        }
    }

    private void checkParts() throws IOException {
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().classes()).containsExactly("a", "b", "c, d");
        assertThat(opened.train().scene(0).boxes().get(0).label()).isZero();
        assertThat(opened.validation().scene(0).boxes().get(0).label()).isEqualTo(1);
        assertThat(opened.test().scene(0).boxes().get(0).label()).isEqualTo(2);
        assertThat(opened.leftOut()).isEmpty();
    }

    @Test
    void partsAreThoseOfUltralyticsYaml() throws IOException {
        parts("images/%s2017", "labels/%s2017");
        files.text(
                "data.yaml",
                "# comment",
                "path: ../datasets/coco # dataset root dir",
                "train: images/train2017 # 1 image",
                "val: images/val2017",
                "test: images/test2017",
                "",
                "# Classes",
                "names:",
                "  0: a",
                "  1: 'b'",
                "  2: \"c, d\"",
                "",
                "download: |",
                "  from pathlib import Path",
                "  names: [x]");
        checkParts();
    }

    @Test
    void partsAreThoseOfRoboflowsYaml() throws IOException {
        parts("%s/images", "%s/labels");
        files.text(
                "data.yaml",
                "train: ../train/images",
                "val: ../val/images",
                "test: ../test/images",
                "",
                "nc: 3",
                "names: ['a', b,",
                "  'c, d']",
                "",
                "roboflow:",
                "  workspace: x");
        checkParts();
    }

    @Test
    void partsMayBeListsOfImages() throws IOException {
        parts("images", "labels");
        files.text(
                "data.yaml",
                "train: train.txt",
                "val: [val.txt]",
                "names:",
                "- a",
                "- b",
                "- 'c, d'",
                "test:",
                "- test.txt");
        for (String part : List.of("train", "val", "test")) {
            files.text(part + ".txt", "./images/" + part + ".png");
        }
        checkParts();
    }

    @Test
    void partsMayBeFolders() throws IOException {
        parts("%s/images", "%s/labels");
        files.text("classes.txt", "a", "b", "c, d");
        checkParts();
    }

    @Test
    void labelsMayLieBesideTheImages() throws IOException {
        parts("%s", "%s");
        files.text("classes.txt", "a", "b", "c, d");
        checkParts();
    }

    @Test
    void theSameImagesForValidationAsForTrainingAreNoPart() throws IOException {
        for (String name : List.of("a", "b", "c", "d")) {
            files.image("images/train/" + name + ".png", 6, 4)
                    .text("labels/train/" + name + ".txt", "0 0.5 0.5 0.1 0.1");
        }
        files.text("data.yaml", "train: images/train", "val: images/train", "names: {0: x}");
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().size()).isEqualTo(2);
        assertThat(opened.validation().size()).isEqualTo(1);
        assertThat(opened.test().size()).isEqualTo(1);
    }

    @Test
    void whatIsWrongIsLeftOutCountedAndNamed() throws IOException {
        files.image("images/a.png", 10, 10)
                .text(
                        "labels/a.txt",
                        "0 0.5 0.5 0.2 0.2",
                        "7 0.5 0.5 0.2 0.2",
                        "-1 0.5 0.5 0.2 0.2",
                        "0.5 0.5 0.5 0.2 0.2",
                        "0 0.5 0.5 0.2",
                        "0 0.5 0.5 0.2 0.2 0.9",
                        "cat 0.5 0.5 0.2 0.2",
                        "0 NaN 0.5 0.2 0.2",
                        "0 2.5 0.5 0.2 0.2",
                        "0 0.5 0.5 -0.2 0.2",
                        "0 0.9 0.5 0.6 0.2")
                .text("labels/b.txt", "0 0.5 0.5 0.2 0.2")
                .text("classes.txt", "cat");
        AnnotatedFolder opened = files.parts(false, "cat");
        assertThat(opened.train().scene(0).boxes())
                .extracting(LabeledBox::box)
                .containsExactly(new Box(4, 4, 6, 6), new Box(6, 4, 10, 6));
        assertThat(opened.leftOut())
                .containsExactly(
                        "1 annotation of an unknown image: left out (first: labels/b.txt).",
                        "4 annotations that make no sense: left out (first: images/a.png).",
                        "3 objects of unknown classes: left out (first: images/a.png).",
                        "1 box without width or height: left out (first: images/a.png).",
                        "1 box outside its image: left out (first: images/a.png).",
                        "1 box partly outside its image: cut off at the edge (first: images/a.png).");
    }

    @Test
    void classesWithoutNamesAreAskedFor() throws IOException {
        files.image("images/a.png", 10, 10).text("labels/a.txt", "0 0.5 0.5 0.2 0.2");
        assertThat(Sentences.of(() -> files.open(false))).contains("add data.yaml or classes.txt");
        files.text("classes.txt", "cat", "cat");
        assertThat(Sentences.of(() -> files.open(false))).contains("'cat' twice");
        files.text("data.yaml", "names:", " 0: x", " 2: y");
        assertThat(Sentences.of(() -> files.open(false))).contains("not numbered from 0");
    }
}
