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
import org.mobilenetv3.train.data.scene.Scene;

class VocTest {
    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    private void image(String stem, String... objects) throws IOException {
        files.image("VOCdevkit/VOC2012/JPEGImages/" + stem + ".jpg", 20, 10)
                .voc(
                        "VOCdevkit/VOC2012/Annotations/" + stem + ".xml",
                        stem + ".jpg",
                        20,
                        10,
                        objects);
    }

    private void lists(String task, List<String> train, List<String> validation)
            throws IOException {
        String sets = "VOCdevkit/VOC2012/ImageSets/" + task + "/";
        files.text(sets + "train.txt", train.toArray(String[]::new))
                .text(sets + "val.txt", validation.toArray(String[]::new));
    }

    @Test
    void cornersCountFromOneAndDifficultObjectsAreIgnored() throws IOException {
        image("a", "dog 0 1 1 20 10", "cat 1 3 4 5 6", "dog 0 3.5 4 5.5 6");
        AnnotatedFolder opened = files.parts(false, "cat", "dog");
        assertThat(opened.train().scene(0).boxes())
                .containsExactly(
                        new LabeledBox(new Box(0, 0, 20, 10), 1, false),
                        new LabeledBox(new Box(2, 3, 5, 6), 0, true),
                        new LabeledBox(new Box(2.5, 3, 5.5, 6), 1, false));
        assertThat(opened.leftOut()).isEmpty();
    }

    @Test
    void partsAreThoseOfTheListsAndClassesThoseOfTheTrainingImages() throws IOException {
        image("a", "dog 0 1 1 20 10");
        image("b", "ant 0 1 1 20 10");
        image("c", "cow 0 1 1 20 10", "dog 0 1 1 3 3");
        image("d");
        lists("Main", List.of("a", "b  1", "missing"), List.of("c -1", "d"));
        files.text("VOCdevkit/VOC2012/ImageSets/Main/test.txt", "2012_000001");
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().classes()).containsExactly("ant", "dog");
        assertThat(opened.train().size() + opened.test().size()).isEqualTo(2);
        assertThat(opened.validation().size()).isEqualTo(2);
        assertThat(opened.validation().scene(0).boxes()).hasSize(1);
        assertThat(opened.validation().scene(1).boxes()).isEmpty();
        assertThat(opened.leftOut())
                .containsExactly(
                        "1 image without a file of annotations: left out (first: missing).",
                        "1 object of an unknown class: left out (first: JPEGImages/c.jpg, cow).");
    }

    /** A file of VOC2007's, the image smaller. */
    @Test
    void aFileAsVocsIsRead() throws IOException {
        files.image("JPEGImages/000001.jpg", 353, 500)
                .text(
                        "Annotations/000001.xml",
                        """
                        <annotation>
                          <folder>VOC2007</folder>
                          <filename>000001.jpg</filename>
                          <source>
                            <database>The VOC2007 Database</database>
                            <annotation>PASCAL VOC2007</annotation>
                            <image>flickr</image>
                            <flickrid>341012865</flickrid>
                          </source>
                          <owner><flickrid>Fried Camels</flickrid><name>Jinky the Fruit Bat</name></owner>
                          <size><width>353</width><height>500</height><depth>3</depth></size>
                          <segmented>0</segmented>
                          <object>
                            <name>dog</name>
                            <pose>Left</pose>
                            <truncated>1</truncated>
                            <difficult>0</difficult>
                            <bndbox><xmin>48</xmin><ymin>240</ymin><xmax>195</xmax><ymax>371</ymax></bndbox>
                          </object>
                          <object>
                            <name>person</name>
                            <pose>Left</pose>
                            <truncated>1</truncated>
                            <difficult>0</difficult>
                            <bndbox><xmin>8</xmin><ymin>12</ymin><xmax>352</xmax><ymax>498</ymax></bndbox>
                          </object>
                        </annotation>
                        """);
        AnnotatedFolder opened = files.parts(false, "dog", "person");
        assertThat(opened.train().scene(0).boxes())
                .containsExactly(
                        new LabeledBox(new Box(47, 239, 195, 371), 0, false),
                        new LabeledBox(new Box(7, 11, 352, 498), 1, false));
        assertThat(opened.leftOut()).isEmpty();
    }

    @Test
    void xmlMayLieBesideTheImages() throws IOException {
        for (String part : List.of("train", "valid", "test")) {
            files.image(part + "/a.png", 8, 8)
                    .voc(part + "/a.xml", "other.jpg", 8, 8, "x 0 1 1 2 2");
        }
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().scene(0).boxes()).hasSize(1);
        assertThat(opened.validation().size()).isEqualTo(1);
        assertThat(opened.test().size()).isEqualTo(1);
    }

    @Test
    void theImageMayBeNamedByTheXml() throws IOException {
        files.image("JPEGImages/b.png", 8, 8)
                .voc("Annotations/a.xml", "b.png", 8, 8, "x 0 1 1 2 2")
                .voc("Annotations/c.xml", "c.png", 8, 8, "x 0 1 1 2 2");
        AnnotatedFolder opened = files.parts(false, "x");
        assertThat(opened.train().size()).isEqualTo(1);
        assertThat(opened.leftOut())
                .containsExactly("1 image that does not exist: left out (first: c.png).");
    }

    @Test
    void whatIsWrongIsLeftOutCountedAndNamed() throws IOException {
        image("a", "dog 0 1 1 20 10", "dog 0 x 1 20 10", "dog 0 5 5 4 9", "dog 0 50 5 60 9");
        image("b", "dog 0 0 0 20 10", "dog 0 NaN 0 20 10", " 0 1 1 2 2", "dog 0 3 3 90 9");
        image("c");
        files.text("VOCdevkit/VOC2012/Annotations/c.xml", "<annotation><object>");
        image("d");
        files.text(
                "VOCdevkit/VOC2012/Annotations/d.xml",
                "<annotation><object><name>dog</name></object></annotation>");
        AnnotatedFolder opened = files.parts(false, "dog");
        assertThat(opened.train().size()).isEqualTo(3);
        assertThat(opened.train().scene(1).boxes())
                .extracting(LabeledBox::box)
                .containsExactly(new Box(0, 0, 20, 10), new Box(2, 2, 20, 9));
        String jpg = "JPEGImages/";
        String xml = "Annotations/";
        assertThat(opened.leftOut()).hasSize(7);
        assertThat(opened.leftOut().get(0))
                .startsWith("1 file of annotations that cannot be read: left out (first: '")
                .contains("c.xml' is damaged or no XML as Pascal VOC's (");
        assertThat(opened.leftOut().subList(1, 7))
                .containsExactly(
                        "1 object of an unknown class: left out (first: " + jpg + "b.jpg).",
                        "1 object without a box: left out (first: " + xml + "d.xml).",
                        "2 boxes that are not four numbers: left out (first: " + xml + "a.xml).",
                        "1 box without width or height: left out (first: " + jpg + "a.jpg).",
                        "1 box outside its image: left out (first: " + jpg + "a.jpg).",
                        "1 box partly outside its image: cut off at the edge (first: "
                                + jpg
                                + "b.jpg).");
    }

    @Test
    void masksAreIndicesOfThePaletteWith255Ignored() throws IOException {
        String root = "VOCdevkit/VOC2012/";
        image("a", "dog 0 1 1 20 10");
        files.image(root + "JPEGImages/s.png", 3, 2)
                .palette(
                        root + "SegmentationClass/s.png",
                        new int[] {0, 12, 255},
                        new int[] {20, 1, 0})
                .image(root + "JPEGImages/t.png", 3, 2)
                .palette(
                        root + "SegmentationClass/t.png", new int[] {0, 0, 0}, new int[] {0, 0, 21})
                .palette(root + "SegmentationClass/u.png", new int[] {0})
                .image(root + "JPEGImages/w.png", 1, 1)
                .palette(root + "SegmentationClass/w.png", new int[] {0});
        lists("Segmentation", List.of("s", "t", "u"), List.of("a", "w"));
        AnnotatedFolder opened = files.open(true);
        assertThat(opened.train().classes()).hasSize(21).startsWith("background", "aeroplane");
        Scene s = scene(opened, "s");
        assertThat(SceneFiles.digits(s.mask())).isEqualTo("012x 2010");
        assertThat(s.boxes()).isEmpty();
        assertThat(SceneFiles.digits(scene(opened, "t").mask())).isEqualTo("000 00x");
        assertThat(opened.leftOut())
                .containsExactly(
                        "1 image without a file of annotations: left out (first: a).",
                        "1 mask with values of no class: ignored at these pixels (first: JPEGImages/t.png).",
                        "1 mask without an image: left out (first: u.png).");
    }

    /** Of train or test, whichever has it. */
    private static Scene scene(AnnotatedFolder opened, String stem) throws IOException {
        for (var set : List.of(opened.train(), opened.validation(), opened.test())) {
            for (CheckedImage image : ((FileScenes) set).images()) {
                if (image.name().endsWith("/" + stem + ".png")) {
                    return set.scene(((FileScenes) set).images().indexOf(image));
                }
            }
        }
        throw new AssertionError(stem);
    }

    @Test
    void cvatsNamesOfMaskValuesAreRead() throws IOException {
        files.image("JPEGImages/s.png", 2, 1)
                .palette("SegmentationClass/s.png", new int[] {0, 1})
                .text(
                        "labelmap.txt",
                        "# label:color_rgb:parts:actions",
                        "none:0,0,0::",
                        "wall:1,2,3::");
        assertThat(files.parts(true, "none", "wall").train().scene(0).mask().at(0, 1)).isEqualTo(1);
        assertThat(files.parts(true, "wall", "none").train().scene(0).mask().at(0, 1)).isEqualTo(0);
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        image("a", "dog 0 1 1 20 10");
        assertThat(Sentences.of(() -> files.open(true))).contains("--task detect");
        files.image("VOCdevkit/VOC2007/JPEGImages/a.png", 2, 2)
                .voc("VOCdevkit/VOC2007/Annotations/a.xml", "a.png", 2, 2);
        assertThat(Sentences.of(() -> files.open(false))).contains("'VOC2007' and 'VOC2012'");
    }
}
