package org.mobilenetv3.train.data.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;

/**
 * Foreign files: each is a set that can be read, or one sentence; never another exception, a hang,
 * a look at the network or at files elsewhere.
 */
class DamagedAnnotationsTest {
    private static final Duration MOST = Duration.ofSeconds(20);
    private static final int WIDTH = 12;
    private static final int HEIGHT = 9;
    private static final List<String> HOSTILE =
            List.of(
                    "1e999",
                    "-1e308",
                    "NaN",
                    "-Infinity",
                    "2000000000",
                    "99999999999999999999",
                    "-5",
                    "0",
                    "1e-320",
                    "0x10",
                    "null",
                    "true",
                    "\"x\"",
                    "[]",
                    "{}",
                    "[[[[1]]]]",
                    "\u0000",
                    "../../../../etc/passwd",
                    "");
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

    @TempDir private Path folder;
    private HttpServer server;
    private final AtomicInteger asked = new AtomicInteger();
    private String address;
    private Path secret;
    private int tried;
    private int opened;

    @BeforeEach
    void prepare() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    asked.incrementAndGet();
                    exchange.sendResponseHeaders(404, -1);
                    exchange.close();
                });
        server.start();
        address = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
        secret = Files.writeString(folder.resolve("secret.txt"), "SECRET");
    }

    @AfterEach
    void nothingWasFetched() {
        server.stop(0);
        assertThat(asked).hasValue(0);
    }

    private SceneFiles set(String name) {
        return new SceneFiles(folder.resolve(name));
    }

    /** Opens for both tasks and looks at everything. */
    private void check(SceneFiles files) {
        tried++;
        for (Task task : List.of(Task.DETECT, Task.SEGMENT)) {
            assertTimeoutPreemptively(MOST, () -> check(files, task), () -> "case " + tried);
        }
    }

    private void check(SceneFiles files, Task task) {
        files.told().clear();
        try {
            AnnotatedFolder set = AnnotatedFolder.open(files.root(), task, 1, files);
            opened++;
            for (SceneSet part : List.of(set.train(), set.validation(), set.test())) {
                part.checksum();
                for (int i = 0; i < part.size(); i++) {
                    check(part.scene(i), part.classes().size());
                }
            }
            set.leftOut().forEach(DamagedAnnotationsTest::checkSentence);
        } catch (IOException e) {
            checkSentence(e.getMessage());
        }
        files.told().forEach(DamagedAnnotationsTest::checkSentence);
    }

    private static void checkSentence(String text) {
        assertThat(text)
                .endsWith(".")
                .doesNotContain("\n")
                .doesNotContain("SECRET")
                .hasSizeLessThan(2000);
    }

    private static void check(Scene scene, int classes) {
        for (LabeledBox one : scene.boxes()) {
            Box box = one.box();
            assertThat(one.label()).isBetween(0, classes - 1);
            assertThat(box.clip(scene.image().width(), scene.image().height())).isEqualTo(box);
            assertThat(box.area()).isPositive().isFinite();
        }
        if (scene.mask() != null) {
            assertThat(scene.mask().height()).isEqualTo(scene.image().height());
            assertThat(scene.mask().width()).isEqualTo(scene.image().width());
            for (byte value : scene.mask().classes()) {
                assertThat((value & 0xFF) < classes || (value & 0xFF) == Mask.IGNORED).isTrue();
            }
        }
    }

    /** Cuts, flips bytes, replaces numbers and repeats pieces; always the same for a seed. */
    private static byte[] damaged(String text, int seed) {
        Random random = new Random(seed);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        switch (seed % 4) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                for (int i = 0; i <= random.nextInt(4); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                return bytes;
            }
            case 2 -> {
                int from = random.nextInt(bytes.length);
                int to = from + random.nextInt(Math.min(60, bytes.length - from));
                int at = random.nextInt(bytes.length);
                return (text.substring(0, at) + text.substring(from, to) + text.substring(at))
                        .getBytes(StandardCharsets.UTF_8);
            }
            default -> {
                Matcher numbers = NUMBER.matcher(text);
                List<int[]> places = new ArrayList<>();
                while (numbers.find()) {
                    places.add(new int[] {numbers.start(), numbers.end()});
                }
                int[] place = places.get(random.nextInt(places.size()));
                String hostile = HOSTILE.get(random.nextInt(HOSTILE.size()));
                return (text.substring(0, place[0]) + hostile + text.substring(place[1]))
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
    }

    private static final String COCO =
            """
            {"info": {"year": 2017}, "images": [
              {"id": 1, "file_name": "a.png", "width": 12, "height": 9},
              {"id": 2, "file_name": "b.png", "width": 12, "height": 9},
              {"id": 3, "file_name": "c.png", "width": 12, "height": 9}],
             "annotations": [
              {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "bbox": [1, 1.5, 4, 3],
               "segmentation": [[1, 1, 5, 1, 5, 4.5, 1, 4.5], [7, 7, 9, 7, 9, 9]]},
              {"id": 2, "image_id": 2, "category_id": 3, "iscrowd": 1, "bbox": [0, 0, 4, 3],
               "segmentation": {"size": [9, 12], "counts": [9, 18, 81]}},
              {"id": 3, "image_id": 3, "category_id": 3, "iscrowd": 0, "bbox": [2, 2, 4, 3],
               "segmentation": {"size": [9, 12], "counts": "9b0a2"}}],
             "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}]}
            """;

    private SceneFiles coco(String name, byte[] json) throws IOException {
        SceneFiles files = set(name).bytes("annotations/instances_train.json", json);
        for (String image : List.of("a", "b", "c")) {
            files.image("images/" + image + ".png", WIDTH, HEIGHT);
        }
        return files;
    }

    @Test
    void damagedCocoIsReadOrRefusedInASentence() throws IOException {
        check(coco("whole", COCO.getBytes(StandardCharsets.UTF_8)));
        assertThat(opened).isEqualTo(2);
        assertThat(coco("whole", COCO.getBytes(StandardCharsets.UTF_8)).open(true).leftOut())
                .isEmpty();
        for (int seed = 0; seed < 80; seed++) {
            check(coco("damaged", damaged(COCO, seed)));
        }
        assertThat(tried).isEqualTo(81);
        assertThat(opened).isGreaterThan(30).isLessThan(160);
    }

    @Test
    void cocoWithBadIntentIsReadOrRefusedInASentence() throws IOException {
        String first = "\"bbox\": [1, 1.5, 4, 3]";
        String outline = "[[1, 1, 5, 1, 5, 4.5, 1, 4.5], [7, 7, 9, 7, 9, 9]]";
        List<String> texts = new ArrayList<>();
        texts.add("[".repeat(1_000_000));
        texts.add("{\"a\":".repeat(1_000_000));
        texts.add("{\"images\":" + "[".repeat(1_000_000));
        texts.add(COCO.replace(first, "\"bbox\": " + "[".repeat(100_000)));
        texts.add(COCO.replace(first, "\"x\": " + "[".repeat(200) + "]".repeat(200)));
        texts.add(COCO.replace("\"width\": 12", "\"width\": 2000000000"));
        texts.add(COCO.replace("\"size\": [9, 12]", "\"size\": [2000000000, 2000000000]"));
        texts.add(COCO.replace("\"size\": [9, 12]", "\"size\": [65536, 65536]"));
        texts.add(COCO.replace("[9, 18, 81]", "[2147483647, 2147483647, 110]"));
        texts.add(COCO.replace("[9, 18, 81]", "[9, -18, 117]"));
        texts.add(COCO.replace("9b0a2", "oooooooooooooooooooooo"));
        texts.add(COCO.replace("9b0a2", "\\u0000\\uFFFF\\uD800"));
        texts.add(COCO.replace("9b0a2", "9".repeat(1_000_000)));
        texts.add(COCO.replace(outline, "[[1, 1, 5, 1]]"));
        texts.add(COCO.replace(outline, "[[1, 1, 5, 1, 1e9, 1e9]]"));
        texts.add(COCO.replace(outline, "[[" + "1, 9, 12, 1, ".repeat(100_000) + "1, 1]]"));
        texts.add(COCO.replace(outline, "[" + "[],".repeat(100_000) + "[1]]"));
        texts.add(COCO.replace("\"category_id\": 1", "\"category_id\": 77"));
        texts.add(COCO.replace("\"image_id\": 1", "\"image_id\": \"1\""));
        texts.add(COCO.replace("\"id\": 1", "\"id\": " + "9".repeat(100_000)));
        texts.add(COCO.replace("\"cat\"", "\"\\n\\u0000\""));
        texts.add(COCO.replace("\"cat\"", "\"" + "c".repeat(1_000_000) + "\""));
        texts.add(COCO.replace("\"cat\"", "\"dog\""));
        texts.add(COCO.replace("a.png", secret.toString()));
        texts.add(COCO.replace("a.png", "../secret.txt"));
        texts.add(COCO.replace("a.png", "../../secret.txt"));
        texts.add(COCO.replace("a.png", "..\\\\..\\\\secret.txt"));
        texts.add(COCO.replace("a.png", "/etc/passwd"));
        texts.add(COCO.replace("a.png", "/dev/zero"));
        texts.add(COCO.replace("a.png", address + "a.png"));
        texts.add(COCO.replace("a.png", "file://" + secret));
        texts.add(COCO.replace("a.png", "\\u0000"));
        texts.add(COCO.replace("a.png", "x/".repeat(10_000)));
        texts.add(COCO.replace("a.png", "."));
        texts.add(COCO.replace("a.png", ""));
        texts.add(COCO.replace("\"images\"", "\"categories\""));
        texts.add(COCO.replace("\"categories\"", "\"annotations\""));
        texts.add(COCO + COCO);
        texts.add("");
        texts.add("\u0000\u0000\u0000");
        texts.add("{}");
        for (String text : texts) {
            check(coco("intent", text.getBytes(StandardCharsets.UTF_8)));
        }
        assertThat(tried).isEqualTo(texts.size()).isGreaterThan(40);
    }

    private static final String VOC =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <annotation><folder>x</folder><filename>a.png</filename>
              <size><width>12</width><height>9</height><depth>3</depth></size>
              <object><name>dog</name><difficult>0</difficult>
                <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object>
              <object><name>cat</name><difficult>1</difficult>
                <bndbox><xmin>3.5</xmin><ymin>2</ymin><xmax>12</xmax><ymax>9</ymax></bndbox></object>
            </annotation>
            """;

    private SceneFiles voc(String name, byte[] xml) throws IOException {
        SceneFiles files = set(name).bytes("Annotations/a.xml", xml);
        for (String image : List.of("a", "b", "c", "d")) {
            files.image("JPEGImages/" + image + ".png", WIDTH, HEIGHT);
            if (!image.equals("a")) {
                files.voc("Annotations/" + image + ".xml", image, WIDTH, HEIGHT, "dog 0 1 1 5 5");
            }
        }
        return files;
    }

    @Test
    void damagedVocIsReadOrRefusedInASentence() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            check(voc("damaged", damaged(VOC, seed)));
        }
        assertThat(tried).isEqualTo(60);
        assertThat(opened).isEqualTo(60); // for boxes; there are no masks
    }

    @Test
    void xmlThatDeclaresAnythingIsLeftOutAndNothingIsFetched() throws IOException {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE annotation [<!ENTITY l0 \"lol\">");
        for (int i = 1; i < 20; i++) {
            String ten = ("&l" + (i - 1) + ";").repeat(10);
            laughs.append("<!ENTITY l" + i + " \"" + ten + "\">");
        }
        laughs.append("]>");
        String plain = VOC.substring(VOC.indexOf("<annotation"));
        String file = secret.toUri().toString();
        List<String> declared =
                List.of(
                        laughs + plain.replace("<name>dog", "<name>&l19;"),
                        "<!DOCTYPE a [<!ENTITY x SYSTEM \""
                                + file
                                + "\">]>"
                                + plain.replace("<name>dog", "<name>&x;"),
                        "<!DOCTYPE a [<!ENTITY x SYSTEM \""
                                + address
                                + "x\">]>"
                                + plain.replace("<name>dog", "<name>&x;"),
                        "<!DOCTYPE a SYSTEM \"" + address + "x.dtd\">" + plain,
                        "<!DOCTYPE a PUBLIC \"-//X//Y\" \"" + address + "x.dtd\">" + plain,
                        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"" + address + "p\"> %p;]>" + plain,
                        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"" + file + "\"> %p;]>" + plain,
                        "<!DOCTYPE a [<!ENTITY big \""
                                + "x".repeat(100_000)
                                + "\">]>"
                                + plain.replace("<name>dog", "<name>" + "&big;".repeat(10_000)),
                        "<!DOCTYPE a>" + plain,
                        plain.replace("<name>dog", "<name>&undeclared;"));
        for (String xml : declared) {
            SceneFiles files = voc("declares", xml.getBytes(StandardCharsets.UTF_8));
            check(files);
            assertThat(files.parts(false, "dog", "cat").leftOut())
                    .as(xml.substring(0, 40))
                    .anyMatch(text -> text.startsWith("1 file of annotations that cannot be read"));
        }
        String include =
                plain.replace(
                        "<name>dog",
                        "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\""
                                + file
                                + "\"/><name>dog");
        for (String xml :
                List.of(
                        include,
                        "<?xml-stylesheet href=\"" + address + "\"?>" + plain,
                        "<annotation>" + "<a>".repeat(1_000_000),
                        "<annotation>" + "<a/>".repeat(1_000_000) + "</annotation>",
                        "<annotation " + "a".repeat(1_000_000) + "=\"\"/>",
                        plain.replace("dog", "d".repeat(5_000_000)),
                        plain.replace("dog", "\u202E&#10;&#x41;"),
                        plain.replace("<width>12", "<width>2000000000"),
                        plain.replace("a.png", secret.toString()),
                        "<html/>",
                        "",
                        "\uFEFF" + VOC,
                        VOC.replace("UTF-8", "UTF-16"),
                        VOC.replace("UTF-8", "NO-SUCH"))) {
            check(voc("intent", xml.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static final String YAML =
            """
            path: ../x # root
            train: images
            val: [val.txt]
            nc: 3
            names:
              0: cat
              1: 'dog'
              2: "c, d"
            """;
    private static final String LABELS =
            """
            0 0.5 0.5 0.25 0.5
            1 0.1 0.1 0.9 0.1 0.9 0.9
            2 0.75 0.25 0.5 0.5
            """;

    private SceneFiles yolo(String name, byte[] yaml, byte[] labels, byte[] list)
            throws IOException {
        SceneFiles files =
                set(name)
                        .bytes("data.yaml", yaml)
                        .bytes("labels/a.txt", labels)
                        .bytes("val.txt", list);
        for (String image : List.of("a", "b", "c", "d")) {
            files.image("images/" + image + ".png", WIDTH, HEIGHT);
        }
        return files;
    }

    @Test
    void damagedYoloIsReadOrRefusedInASentence() throws IOException {
        byte[] yaml = YAML.getBytes(StandardCharsets.UTF_8);
        byte[] labels = LABELS.getBytes(StandardCharsets.UTF_8);
        byte[] list = "./images/d.png\n".getBytes(StandardCharsets.UTF_8);
        check(yolo("whole", yaml, labels, list));
        assertThat(opened).isEqualTo(2);
        for (int seed = 0; seed < 40; seed++) {
            check(yolo("damaged", yaml, damaged(LABELS, seed), list));
            check(yolo("damaged", damaged(YAML, seed), labels, list));
            check(yolo("damaged", yaml, labels, damaged("./images/d.png 1\n".repeat(3), seed)));
        }
        for (String text :
                List.of(
                        "names: [" + "x,".repeat(100_000) + "y]",
                        "names: [" + "[".repeat(100_000),
                        "names: {" + "0: x,".repeat(100_000),
                        "names:\n" + "  0: x\n".repeat(100_000),
                        "names:\n  999999: x",
                        "names: !!python/object/apply:os.system ['touch pwned']",
                        "a: &a [x]\nnames: *a",
                        "names: [x, y]\ntrain: " + secret,
                        "names: [x, y]\ntrain: ../secret.txt",
                        "names: [x, y]\ntrain: ../../../../../../etc",
                        "names: [x, y]\ntrain: " + address,
                        "names: [x, y]\ntrain: \"\u0000\"",
                        "names: [x, y]\ntrain: .\nval: .",
                        "names: [x, y]\npath: /\ntrain: etc")) {
            check(yolo("intent", text.getBytes(StandardCharsets.UTF_8), labels, list));
        }
        for (String text :
                List.of(
                        "0 " + "0.5 ".repeat(1_000_000),
                        "0 1e308 1e308 1e308 1e308",
                        "0 0.5 0.5 1e-320 1e-320",
                        "0 1e7 1e7 0 0 -1e7 1e7",
                        "2147483648 0.5 0.5 0.1 0.1",
                        "0 0.5 0.5 2000000000 2000000000",
                        "\u0000".repeat(1000))) {
            check(yolo("intent", yaml, text.getBytes(StandardCharsets.UTF_8), list));
        }
        assertThat(tried).isEqualTo(142);
    }

    @Test
    void damagedMasksAreReadOrRefusedInASentence() throws IOException {
        SceneFiles files = set("masks").text("classes.txt", "none", "cat", "dog");
        for (String image : List.of("a", "b", "c", "d")) {
            files.image("images/" + image + ".png", 3, 2)
                    .palette("masks/" + image + ".png", new int[] {0, 1, 2}, new int[] {255, 0, 1});
        }
        byte[] mask = Files.readAllBytes(files.root().resolve("masks/a.png"));
        byte[] image = Files.readAllBytes(files.root().resolve("images/a.png"));
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            byte[] bytes = (seed % 2 == 0 ? mask : image).clone();
            if (seed % 4 < 2) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
            files.bytes("masks/a.png", seed % 2 == 0 ? bytes : mask);
            files.bytes("images/a.png", seed % 2 == 0 ? image : bytes);
            check(files);
        }
        files.bytes("images/a.png", image);
        byte[] huge = mask.clone();
        Arrays.fill(huge, 16, 20, (byte) 0x7F); // width
        files.bytes("masks/a.png", huge);
        check(files);
        byte[] both = image.clone();
        Arrays.fill(both, 16, 24, (byte) 0x7F);
        files.bytes("images/a.png", both).bytes("masks/a.png", huge);
        check(files);
        assertThat(tried).isEqualTo(62);
    }

    @Test
    void linksThatLeadOutOfTheFolderAreNotFollowed() throws IOException {
        Path elsewhere = folder.resolve("elsewhere.png");
        Files.write(elsewhere, SceneFiles.encoded("x.png", WIDTH, HEIGHT));
        SceneFiles files = coco("links", COCO.getBytes(StandardCharsets.UTF_8));
        Path image = files.root().resolve("images/a.png");
        Files.delete(image);
        Files.createSymbolicLink(image, elsewhere);
        check(files);
        assertThat(files.parts(false, "cat", "dog").leftOut())
                .containsExactly(
                        "1 file that lies outside the data's folder: left out (first: images/a.png).");
        SceneFiles yolo =
                yolo("yolo-links", YAML.getBytes(StandardCharsets.UTF_8), new byte[0], new byte[0]);
        Path labels = yolo.root().resolve("labels/a.txt");
        Files.delete(labels);
        Files.createSymbolicLink(labels, secret);
        Files.createSymbolicLink(yolo.root().resolve("images/loop"), yolo.root());
        check(yolo);
        assertThat(yolo.parts(false, "cat").leftOut())
                .containsExactly(
                        "1 file that lies outside the data's folder: left out (first: labels/a.txt).");
    }
}
