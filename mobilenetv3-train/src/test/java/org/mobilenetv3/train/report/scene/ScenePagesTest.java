package org.mobilenetv3.train.report.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.drawing.Fonts;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.metric.CocoEvaluation;
import org.mobilenetv3.train.metric.SegmentationScore;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.train.report.Pages;
import org.mobilenetv3.train.report.TestRuns;
import org.mobilenetv3.train.report.TestSection;
import org.w3c.dom.Document;

class ScenePagesTest {

    private static final List<String> OBJECTS = List.of("a<b>&c", "dog");
    private static final List<String> REGIONS = List.of("background", "a<b>&c", "dog");

    @TempDir private Path run;

    @BeforeAll
    static void fonts() {
        assumeTrue(Fonts.available(), "Java finds no fonts here");
    }

    /** The first half of the images is found well, of the others something else is. */
    private static DetectionSection detection(List<String> classes, int images, int right) {
        CocoEvaluation evaluation = new CocoEvaluation(classes);
        PaintedScenes scenes = new PaintedScenes(classes, images);
        for (int i = 0; i < images; i++) {
            Box box = i < right ? PaintedScenes.box(0) : new Box(0, 0, 5 + i, 60);
            evaluation.add(
                    i, scenes.scene(i).boxes(), List.of(new Detection(box, 0, 0.9f - 0.01f * i)));
        }
        return DetectionSection.of(3, evaluation, scenes, 1, 65);
    }

    private static SegmentationSection segmentation(List<String> classes, int images, int right) {
        SegmentationScore score = new SegmentationScore(classes);
        PaintedScenes scenes = new PaintedScenes(classes, images);
        for (int i = 0; i < images; i++) {
            Mask truth = scenes.scene(i).mask();
            byte[] found = truth.classes().clone();
            for (int p = 0; i >= right && p < 90 * (20 + i); p++) {
                found[p] = 2;
            }
            score.add(i, truth, new Mask(found, truth.height(), truth.width()));
        }
        return SegmentationSection.of(3, score, scenes, 1, 65);
    }

    private Document page(TestSection test) throws IOException {
        Document page = Pages.parse(TestRuns.report("run", 5, Optional.of(test)).write(run));
        Pages.requireSelfContained(page);
        return page;
    }

    @Test
    void aDetectorsPageHasFiguresCurvesClassesAndTheWorstImages() throws IOException {
        Document page = page(detection(OBJECTS, 8, 6));
        assertThat(Pages.texts(page, "h2"))
                .contains(
                        "Average precision and recall",
                        "Precision over recall",
                        "Classes",
                        "Worst images");
        assertThat(Pages.texts(page, "dd")).contains("75.2 %", "8 objects");
        assertThat(Pages.texts(page, "td"))
                .contains("AR, 100 detections", "a<b>&c", "–"); // dogs are all ignored
        assertThat(Pages.elements(page, "img")).hasSize(4);
        assertThat(Pages.texts(page, "b")).containsExactly("F1 0.00", "F1 0.00");
        assertThat(Pages.texts(page, "span")).contains("0 of 1 found, 1 wrong");
        assertThat(Pages.texts(page, "small")).contains("test image 6", "test image 7");
    }

    @Test
    void aSegmentersPageHasItsConfusionInPercentAndTheWorstImages() throws IOException {
        Document page = page(segmentation(REGIONS, 8, 5));
        assertThat(Pages.texts(page, "h2")).contains("Confusion matrix", "Classes", "Worst images");
        assertThat(Pages.texts(page, "dt")).contains("Test mean IoU", "Test pixel accuracy");
        assertThat(Pages.texts(page, "p"))
                .anyMatch(p -> p.contains("cells are percentages of the true class's pixels"));
        assertThat(Pages.texts(page, "th")).contains("pixels", "a<b>&c", "share of pixels");
        assertThat(Pages.elements(page, "img")).hasSize(9);
        assertThat(Pages.texts(page, "small")).contains("test image 7");
    }

    @Test
    void figuresAreFilesTooAndTensorBoardGetsTheFirst() throws IOException {
        page(detection(OBJECTS, 8, 6));
        page(segmentation(REGIONS, 8, 5));
        try (Stream<Path> files = Files.list(run.resolve("figures"))) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .contains(
                            "precision-recall.svg",
                            "precision-recall-classes.png",
                            "confusion.svg");
        }
        assertThat(detection(OBJECTS, 8, 6).figures().get(0))
                .extracting(Figure::file)
                .isEqualTo("precision-recall");
    }

    @Test
    void whereEverythingIsRightThereAreNoWorstImages() throws IOException {
        assertThat(Pages.texts(page(detection(OBJECTS, 2, 2)), "p"))
                .contains("In every test image all objects were found, and nothing else.");
        assertThat(Pages.texts(page(segmentation(REGIONS, 2, 2)), "p"))
                .contains("Every pixel of the test images was right.");
    }

    @Test
    void ofManyClassesTheWorstAreShownAndTheOthersFoldedAway() throws IOException {
        List<String> many = IntStream.range(0, 80).mapToObj(i -> "class " + i).toList();
        Document detection = page(detection(many, 4, 2));
        assertThat(Pages.texts(detection, "summary")).contains("All 80 classes");
        assertThat(Pages.texts(detection, "h3")).contains("Lowest AP");
        Document segmentation = page(segmentation(many, 4, 2));
        assertThat(Pages.texts(segmentation, "h3")).contains("Lowest IoU");
    }

    @Test
    void withNothingToFindThePageSaysSo() throws IOException {
        CocoEvaluation nothing = new CocoEvaluation(OBJECTS);
        nothing.add(0, List.of(), List.of());
        PaintedScenes scenes = new PaintedScenes(OBJECTS, 1);
        TestSection test = DetectionSection.of(3, nothing, scenes, 1, 65);
        assertThat(Pages.texts(page(test), "dd")).contains("–", "1 images", "0 objects");
        assertThat(test.result().figures()).isEmpty();
        assertThat(test.result().describe()).isEqualTo("no objects to find");
    }

    @Test
    void resultsAreJsonThatPeopleCanRead() throws IOException {
        JsonObject detection = json(detection(OBJECTS, 8, 6));
        JsonObject figures = detection.getAsJsonObject("detection").getAsJsonObject("figures");
        assertThat(detection.get("bestEpoch").getAsInt()).isEqualTo(3);
        assertThat(figures.get("ap50").getAsDouble()).isBetween(0.7, 0.8);
        assertThat(figures.get("apLarge").getAsDouble()).isEqualTo(-1);
        JsonObject segmentation = json(segmentation(REGIONS, 8, 5)).getAsJsonObject("segmentation");
        assertThat(segmentation.get("meanIou").getAsDouble()).isBetween(0.5, 1.0);
        assertThat(segmentation.getAsJsonArray("classes")).hasSize(3);
    }

    private JsonObject json(TestSection test) throws IOException {
        test.result().write(run);
        String file = Files.readString(run.resolve("result.json"));
        return JsonParser.parseString(file).getAsJsonObject();
    }
}
