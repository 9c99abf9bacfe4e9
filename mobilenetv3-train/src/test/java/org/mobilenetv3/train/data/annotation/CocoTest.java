package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.Sentences;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;

class CocoTest {
    private static final String CATEGORIES =
            "\"categories\":[{\"id\":44,\"name\":\"bottle\",\"supercategory\":\"kitchen\"},"
                    + "{\"id\":3,\"name\":\"car\",\"supercategory\":\"vehicle\"},"
                    + "{\"id\":10,\"name\":\"traffic light\",\"supercategory\":\"outdoor\"}]";

    @TempDir private Path folder;
    private SceneFiles files;

    @BeforeEach
    void prepare() {
        files = new SceneFiles(folder);
    }

    private static String image(int id, String name, int width, int height) {
        return "{\"id\":%s,\"file_name\":\"%s\",\"width\":%s,\"height\":%s,\"license\":null}"
                .formatted(id, name, width, height);
    }

    private static String box(int image, int category, int crowd, String corner) {
        return "{\"image_id\":%s,\"category_id\":%s,\"iscrowd\":%s,\"bbox\":[%s],\"area\":1,\"id\":1}"
                .formatted(image, category, crowd, corner);
    }

    private static String area(int image, int category, int crowd, String outline) {
        return "{\"segmentation\":%s,\"image_id\":%s,\"category_id\":%s,\"iscrowd\":%s,\"bbox\":[0,0,1,1]}"
                .formatted(outline, image, category, crowd);
    }

    private SceneFiles coco(String name, String images, String... annotations) throws IOException {
        return files.text(
                name,
                "{\"info\":{\"year\":[[1],{}]},\"images\":["
                        + images
                        + "],\"annotations\":["
                        + String.join(",", annotations)
                        + "],"
                        + CATEGORIES
                        + "}");
    }

    @Test
    void boxesAreRectanglesFromTheUpperLeftCornerAndCrowdsAreIgnored() throws IOException {
        coco(
                        "annotations/instances_train2017.json",
                        image(7, "a.jpg", 20, 10),
                        box(7, 44, 0, "1.5,2,3,4.25"),
                        box(7, 3, 1, "0,0,20,10"))
                .image("train2017/a.jpg", 20, 10);
        SceneSet train = files.parts(false, "car", "bottle").train();
        Scene scene = train.scene(0);
        assertThat(scene.image().width()).isEqualTo(20);
        assertThat(scene.mask()).isNull();
        assertThat(scene.boxes())
                .containsExactly(
                        new LabeledBox(new Box(1.5, 2, 4.5, 6.25), 1, false, 1),
                        new LabeledBox(new Box(0, 0, 20, 10), 0, true, 1));
    }

    @Test
    void classesAreInTheOrderOfTheCategoriesIdsWhateverTheFilesOrder() throws IOException {
        threeImages();
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().classes()).containsExactly("car", "traffic light", "bottle");
        assertThat(opened.train().name()).isEqualTo(folder.getFileName().toString());
        assertThat(files.open(true).test().classes())
                .containsExactly("background", "car", "traffic light", "bottle");
    }

    private void threeImages() throws IOException {
        coco(
                "data.json",
                String.join(
                        ",",
                        image(1, "a.png", 6, 4),
                        image(2, "b.png", 6, 4),
                        image(3, "c.png", 6, 4),
                        image(4, "d.png", 6, 4)),
                area(1, 3, 0, "[[1,1,5,1,5,3,1,3]]"),
                area(1, 44, 0, "{\"size\":[4,6],\"counts\":[8,4,12]}"),
                area(2, 10, 0, "{\"size\":[4,6],\"counts\":\"8400\"}"));
        for (String name : List.of("a", "b", "c", "d")) {
            files.image("images/" + name + ".png", 6, 4);
        }
    }

    @Test
    void masksArePaintedInTheFilesOrderAndCrowdsBeneath() throws IOException {
        coco(
                        "one.json",
                        image(1, "a.png", 6, 4),
                        area(1, 3, 0, "[[1,1,5,1,5,3,1,3]]"),
                        area(1, 44, 0, "{\"size\":[4,6],\"counts\":[8,4,12]}"),
                        area(1, 10, 1, "{\"size\":[4,6],\"counts\":[0,8,16]}"))
                .image("a.png", 6, 4);
        SceneSet set = files.parts(true, "background", "car", "bottle", "traffic light").train();
        Scene scene = set.scene(0);
        assertThat(scene.boxes()).isEmpty();
        assertThat(SceneFiles.digits(scene.mask())).isEqualTo("xx2000 x12110 x12110 xx2000");
    }

    /** The first entries of COCO's own file, shortened. */
    @Test
    void aFileAsCocosIsRead() throws IOException {
        files.text(
                        "annotations/instances_val2017.json",
                        """
                        {"info": {"description": "COCO 2017 Dataset","url": "http://cocodataset.org","version": "1.0","year": 2017},
                        "licenses": [{"url": "http://creativecommons.org/licenses/by-nc-sa/2.0/","id": 1,"name": "Attribution"}],
                        "images": [{"license": 4,"file_name": "000000397133.jpg","coco_url": "http://images.cocodataset.org/val2017/000000397133.jpg","height": 42,"width": 64,"date_captured": "2013-11-14 17:02:52","flickr_url": "http://farm7.staticflickr.com/6116/6255196340_da26cf2c9e_z.jpg","id": 397133}],
                        "annotations": [
                        {"segmentation": [[51.0,22.3,53.4,21.5,54.5,28.5,52.0,29.0]],"area": 702.1,"iscrowd": 0,"image_id": 397133,"bbox": [51.0,21.5,3.5,7.5],"category_id": 44,"id": 82445},
                        {"segmentation": {"counts": [252,42,2394],"size": [42,64]},"area": 42,"iscrowd": 1,"image_id": 397133,"bbox": [6,0,1,42],"category_id": 1,"id": 900100397133}],
                        "categories": [{"supercategory": "person","id": 1,"name": "person"},{"supercategory": "kitchen","id": 44,"name": "bottle"}]}
                        """)
                .image("val2017/000000397133.jpg", 64, 42);
        AnnotatedFolder boxes = files.parts(false, "person", "bottle");
        assertThat(boxes.validation().scene(0).boxes())
                .containsExactly(
                        new LabeledBox(new Box(51, 21.5, 54.5, 29), 1, false, 702.1),
                        new LabeledBox(new Box(6, 0, 7, 42), 0, true, 42));
        AnnotatedFolder masks = files.parts(true, "background", "person", "bottle");
        Mask mask = masks.validation().scene(0).mask();
        assertThat(mask.at(0, 6)).isEqualTo(Mask.IGNORED);
        assertThat(mask.at(25, 52)).isEqualTo(2);
        assertThat(mask.at(25, 60)).isZero();
        assertThat(boxes.leftOut()).isEmpty();
        assertThat(masks.leftOut()).isEmpty();
    }

    @Test
    void imagesWithoutObjectsAreKept() throws IOException {
        threeImages();
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().size() + opened.validation().size() + opened.test().size())
                .isEqualTo(4);
        assertThat(opened.leftOut()).isEmpty();
    }

    @Test
    void partsAreThoseOfTheFilesNames() throws IOException {
        coco("annotations/instances_val2017.json", image(1, "v.png", 4, 4), box(1, 3, 0, "0,0,2,2"))
                .image("images/val2017/v.png", 4, 4);
        coco(
                        "annotations/instances_train2017.json",
                        image(1, "t.png", 4, 4) + "," + image(2, "u.png", 4, 4),
                        box(1, 3, 0, "0,0,2,2"),
                        box(2, 3, 0, "0,0,2,2"))
                .image("images/train2017/t.png", 4, 4)
                .image("images/train2017/u.png", 4, 4)
                .text("annotations/captions_train2017.json", "{\"images\":[],\"annotations\":[]}");
        AnnotatedFolder parts = files.parts(false, "car", "bottle", "traffic light");
        assertThat(parts.train().size()).isEqualTo(2);
        assertThat(parts.validation().size()).isEqualTo(1);
        assertThat(parts.test()).isNull();
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.validation().size()).isEqualTo(1);
        assertThat(opened.train().size()).isEqualTo(1);
        assertThat(opened.test().size()).isEqualTo(1);
    }

    @Test
    void roboflowsFoldersAreRead() throws IOException {
        String categories =
                "\"categories\":[{\"id\":0,\"name\":\"animals\",\"supercategory\":\"none\"},"
                        + "{\"id\":1,\"name\":\"cat\",\"supercategory\":\"animals\"},"
                        + "{\"id\":2,\"name\":\"dog\",\"supercategory\":\"animals\"}]";
        for (String part : List.of("train", "valid", "test")) {
            files.text(
                            part + "/_annotations.coco.json",
                            "{%s,\"images\":[%s],\"annotations\":[%s]}"
                                    .formatted(
                                            categories,
                                            image(0, "a.jpg", 4, 4),
                                            box(0, 2, 0, "0,0,2,2")))
                    .image(part + "/a.jpg", 4, 4);
        }
        AnnotatedFolder opened = files.open(false);
        assertThat(opened.train().classes()).containsExactly("cat", "dog");
        assertThat(opened.validation().scene(0).boxes().get(0).label()).isEqualTo(1);
        assertThat(opened.test().size()).isEqualTo(1);
    }

    @Test
    void aFileIsTheWholeData() throws IOException {
        coco("annotations/instances_val.json", image(1, "v.png", 4, 4), box(1, 3, 0, "0,0,2,2"))
                .image("images/val/v.png", 4, 4);
        AnnotatedFolder opened =
                AnnotatedFolder.openParts(
                        folder.resolve("annotations/instances_val.json"),
                        Task.DETECT,
                        List.of("car"),
                        files);
        assertThat(opened.train().scene(0).boxes()).hasSize(1);
    }

    @Test
    void whatIsWrongIsLeftOutCountedAndNamed() throws IOException {
        coco(
                        "x.json",
                        String.join(
                                ",",
                                image(1, "a.png", 10, 10),
                                image(2, "b.png", 10, 11),
                                image(3, "gone.png", 10, 10),
                                image(4, "../../../etc/passwd", 10, 10),
                                image(5, "/etc/passwd", 10, 10),
                                image(6, "c.png", 10, 10),
                                image(7, "./a.png", 10, 10),
                                image(8, "torn.png", 10, 10)),
                        box(1, 3, 0, "1,1,3,3"),
                        box(1, 3, 0, "20,1,3,3"),
                        box(1, 3, 0, "-30,1,3,3"),
                        box(1, 3, 0, "5,5,9,2"),
                        box(1, 3, 0, "5,5,5.5,2"),
                        box(1, 3, 0, "5,5,0,2"),
                        box(1, 3, 0, "5,5,-1,2"),
                        box(1, 3, 0, "5,5,1"),
                        box(1, 3, 0, "5,NaN,1,2"),
                        box(1, 3, 0, "5,1e999,1,2"),
                        box(1, 99, 0, "5,5,1,2"),
                        box(77, 3, 0, "5,5,1,2"),
                        "17",
                        "{\"bbox\":[1,1,3,3]}",
                        "{\"image_id\":1,\"category_id\":3,\"bbox\":null}")
                .image("a.png", 10, 10)
                .image("b.png", 10, 10)
                .image("c.png", 10, 10)
                .text("torn.png", "nothing");
        AnnotatedFolder opened = files.parts(false, "car", "bottle", "traffic light");
        assertThat(opened.train().size()).isEqualTo(2);
        assertThat(opened.train().scene(0).boxes())
                .extracting(LabeledBox::box)
                .containsExactly(new Box(1, 1, 4, 4), new Box(5, 5, 10, 7), new Box(5, 5, 10, 7));
        assertThat(opened.leftOut())
                .containsExactly(
                        "1 image that does not exist: left out (first: gone.png).",
                        "2 files that lie outside the data's folder: left out (first: passwd).",
                        "1 image that cannot be read: left out (first: '%s' is not an image Java can read; give a PNG, JPEG, BMP or GIF)."
                                .formatted(folder.resolve("torn.png")),
                        "1 image listed twice: taken once (first: a.png).",
                        "1 image of another size than its annotations say: left out (first: b.png).",
                        "1 annotation of an unknown image: left out (first: image 77).",
                        "2 annotations that make no sense: left out (first: x.json).",
                        "1 object of an unknown class: left out (first: a.png).",
                        "1 object without a box: left out (first: a.png).",
                        "3 boxes that are not four numbers: left out (first: x.json).",
                        "2 boxes without width or height: left out (first: a.png).",
                        "2 boxes outside their images: left out (first: a.png).",
                        "1 box partly outside its image: cut off at the edge (first: a.png).");
        assertThat(files.told()).containsAll(opened.leftOut());
    }

    @Test
    void brokenOutlinesAreLeftOutCountedAndNamed() throws IOException {
        coco(
                        "x.json",
                        image(1, "a.png", 6, 4),
                        area(1, 3, 0, "[[1,1,5,1,5,3,1,3]]"),
                        area(1, 3, 0, "[[1,1,5,1]]"),
                        area(1, 3, 0, "[[1,1,5,1,5,3,\"7\",3]]"),
                        area(1, 3, 0, "[1,1,5,1,5,3]"),
                        area(1, 3, 0, "[[1,1,5,1,5,NaN]]"),
                        area(1, 3, 0, "[]"),
                        area(1, 3, 0, "null"),
                        area(1, 3, 0, "{\"size\":[4,6],\"counts\":[8,4,13]}"),
                        area(1, 3, 0, "{\"size\":[2000000000,2000000000],\"counts\":[8,4,13]}"),
                        area(1, 3, 0, "{\"size\":[6,4],\"counts\":[8,4,12]}"),
                        area(1, 3, 0, "{\"size\":[4,6],\"counts\":\"ooooooooooo~\"}"),
                        area(1, 3, 0, "{\"size\":[4,6]}"))
                .image("a.png", 6, 4);
        AnnotatedFolder opened = files.parts(true, "background", "car");
        assertThat(SceneFiles.digits(opened.train().scene(0).mask()))
                .isEqualTo("000000 011110 011110 000000");
        assertThat(opened.leftOut())
                .containsExactly(
                        "2 objects without an outline: left out (first: a.png).",
                        "9 outlines that cannot be read: left out (first: a.png).");
    }

    @Test
    void aFileOfOtherJsonOrHalfAFileIsRefused() throws IOException {
        threeImages();
        String whole = Files.readString(folder.resolve("data.json"));
        files.text("data.json", whole.substring(0, whole.length() / 2));
        assertThat(Sentences.of(() -> files.open(false)))
                .contains("data.json' breaks off or holds no annotations as COCO's");
        files.text("data.json", "{\"images\":[],\"annotations\":[]}");
        assertThat(Sentences.of(() -> files.open(false))).contains("names no categories");
        files.text("data.json", "[1,2]");
        assertThat(Sentences.of(() -> files.open(false)))
                .contains("no annotations of a known format");
    }

    @Test
    void boxesWithoutOutlinesAreNoMasks() throws IOException {
        coco("x.json", image(1, "a.png", 6, 4), box(1, 3, 0, "1,1,2,2")).image("a.png", 6, 4);
        assertThat(Sentences.of(() -> files.open(true))).contains("--task detect");
    }

    @Test
    void theChecksumIsThatOfTheAnnotationsAndOfTheFilesSizes() throws IOException {
        threeImages();
        long before = files.parts(true, "background", "car").train().checksum();
        assertThat(files.parts(true, "background", "car").train().checksum()).isEqualTo(before);
        assertThat(files.parts(true, "background", "bottle").train().checksum())
                .isNotEqualTo(before);
        files.image("images/a.png", 6, 4).text("images/unused.txt", "x");
        assertThat(files.parts(true, "background", "car").train().checksum()).isEqualTo(before);
        byte[] longer = Arrays.copyOf(Files.readAllBytes(folder.resolve("images/a.png")), 999);
        files.bytes("images/a.png", longer);
        assertThat(files.parts(true, "background", "car").train().checksum()).isNotEqualTo(before);
    }

    @Test
    void anImageThatChangesItsSizeAfterwardsIsRefused() throws IOException {
        threeImages();
        SceneSet set = files.parts(false, "car").train();
        files.image("images/a.png", 8, 4);
        assertThat(Sentences.of(() -> set.scene(0))).contains("another size");
        Files.delete(folder.resolve("images/a.png"));
        assertThat(Sentences.of(() -> set.scene(0))).contains("does not exist");
    }
}
