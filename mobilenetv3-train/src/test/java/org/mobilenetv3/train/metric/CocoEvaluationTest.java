package org.mobilenetv3.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.train.Golden;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.metric.DetectionResult.ClassResult;
import org.mobilenetv3.train.metric.MetricScenes.Image;
import org.mobilenetv3.train.metric.MetricScenes.Scenes;

class CocoEvaluationTest {

    private static final List<String> CLASSES = List.of("cat", "dog");
    private static final Box BOX = new Box(10, 10, 60, 60);

    @Test
    void fiftySetsHavePycocotoolsFigures() throws IOException {
        JsonArray sets = Golden.metrics().getAsJsonArray("detection");
        assertThat(sets).hasSize(50);
        for (int seed = 0; seed < sets.size(); seed++) {
            JsonObject golden = sets.get(seed).getAsJsonObject();
            DetectionResult result = MetricScenes.scenes(seed).evaluate().result();
            requireEqual(seed, golden, "figures", values(result.figures()));
            requireEqual(seed, golden, "ap", values(result, ClassResult::ap));
            requireEqual(seed, golden, "ap50", values(result, ClassResult::ap50));
            requireEqual(seed, golden, "ap75", values(result, ClassResult::ap75));
            requireEqual(seed, golden, "ar100", values(result, ClassResult::ar100));
        }
    }

    @Test
    void theAveragePrecisionOfVocIsVocdevkits() throws IOException {
        JsonArray sets = Golden.metrics().getAsJsonArray("detection");
        for (int seed = 0; seed < sets.size(); seed++) {
            if (seed % 10 == 3) {
                continue; // it has more than a hundred detections of a class in an image
            }
            JsonObject golden = sets.get(seed).getAsJsonObject();
            DetectionResult result = MetricScenes.scenes(seed).evaluate().result();
            requireEqual(seed, golden, "eleven", values(result, ClassResult::voc2007));
            requireEqual(seed, golden, "continuous", values(result, ClassResult::voc));
            assertThat(result.voc())
                    .isCloseTo(
                            Arrays.stream(values(result, ClassResult::voc))
                                    .filter(ap -> ap >= 0)
                                    .average()
                                    .orElse(-1),
                            within(1e-14));
        }
    }

    private static void requireEqual(int seed, JsonObject golden, String name, double[] values) {
        assertThat(values)
                .as("%s of set %s", name, seed)
                .containsExactly(Golden.numbers(golden.getAsJsonArray(name)), within(1e-14));
    }

    private static double[] values(DetectionResult result, ToDoubleFunction<ClassResult> figure) {
        return result.classes().stream().mapToDouble(figure).toArray();
    }

    /** In the record's order, which is pycocotools'. */
    private static double[] values(CocoFigures figures) {
        return new Gson()
                .toJsonTree(figures).getAsJsonObject().entrySet().stream()
                        .mapToDouble(e -> e.getValue().getAsDouble())
                        .toArray();
    }

    @Test
    void everyPointOfTheCurvesIsPycocotools() throws IOException {
        JsonArray sets = Golden.metrics().getAsJsonArray("detection");
        for (int seed = 0; seed < 5; seed++) {
            JsonArray golden = sets.get(seed).getAsJsonObject().getAsJsonArray("curves50");
            assertThat(MetricScenes.scenes(seed).evaluate().curves()[0])
                    .as("set %s", seed)
                    .isDeepEqualTo(new Gson().fromJson(golden, double[][].class));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 20})
    void theOrderOfImagesDoesNotMatter(int seed) {
        Scenes scenes = MetricScenes.scenes(seed);
        List<Image> shuffled = new ArrayList<>(scenes.images());
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(shuffled).isNotEqualTo(scenes.images());
        CocoEvaluation other = new Scenes(scenes.classes(), shuffled).evaluate();
        assertThat(other.result()).isEqualTo(scenes.evaluate().result());
        assertThat(other.worst()).isEqualTo(scenes.evaluate().worst());
    }

    @Test
    void whoFindsEverythingHasOneAndWhoFindsNothingZero() {
        Scenes scenes = MetricScenes.scenes(8);
        CocoEvaluation perfect = new CocoEvaluation(scenes.classes());
        CocoEvaluation none = new CocoEvaluation(scenes.classes());
        for (Image image : scenes.images()) {
            List<Detection> all =
                    image.truth().stream().map(t -> new Detection(t.box(), t.label(), 1)).toList();
            perfect.add(image.id(), image.truth(), all);
            none.add(image.id(), image.truth(), List.of());
        }
        assertThat(perfect.result().figures().ap()).isCloseTo(1, within(1e-12));
        assertThat(perfect.result().figures().ar100()).isEqualTo(1);
        assertThat(perfect.result().interval().low()).isCloseTo(1, within(1e-12));
        assertThat(perfect.worst()).isEmpty();
        assertThat(none.result().figures().ap()).isZero();
        assertThat(none.result().figures().ar100()).isZero();
        assertThat(none.worst()).allMatch(i -> i.f1() == 0 && i.missed() == i.objects());
    }

    @Test
    void withoutObjectsThereAreNoFigures() {
        CocoEvaluation evaluation = new CocoEvaluation(CLASSES);
        evaluation.add(1, List.of(), List.of(new Detection(BOX, 0, 0.9f)));
        evaluation.add(2, List.of(new LabeledBox(BOX, 1, true)), List.of());
        DetectionResult result = evaluation.result();
        assertThat(values(result.figures())).containsOnly(-1);
        assertThat(values(result, ClassResult::ap)).containsOnly(-1);
        assertThat(result.objects()).isZero();
        assertThat(result.interval()).isNull();
        assertThat(new CocoEvaluation(CLASSES).result().figures().ap()).isEqualTo(-1);
    }

    @Test
    void ofSizesOnlyThoseThatThereAreHaveFigures() {
        CocoEvaluation evaluation = new CocoEvaluation(CLASSES);
        LabeledBox small = new LabeledBox(BOX, 0, false, 1024);
        evaluation.add(1, List.of(small), List.of(new Detection(BOX, 0, 0.9f)));
        CocoFigures figures = evaluation.figures();
        assertThat(figures.apSmall()).isCloseTo(1, within(1e-12)); // by its area, not its box's
        assertThat(figures.apMedium()).isCloseTo(1, within(1e-12)); // 32² is both, as COCO's
        assertThat(figures.apLarge()).isEqualTo(-1);
    }

    @Test
    void theWorstImagesAreThoseWithTheLowestF1AtAScoreOfAHalf() {
        CocoEvaluation evaluation = new CocoEvaluation(CLASSES);
        LabeledBox object = new LabeledBox(BOX, 0, false);
        Detection right = new Detection(BOX, 0, 0.9f);
        Detection unsure = new Detection(BOX, 0, 0.4f);
        Detection wrong = new Detection(BOX, 1, 0.5f);
        evaluation.add(1, List.of(object), List.of(right, unsure));
        evaluation.add(2, List.of(object), List.of(wrong, right));
        evaluation.add(3, List.of(object), List.of(unsure));
        evaluation.add(4, List.of(object), List.of(wrong, unsure));
        evaluation.add(5, List.of(), List.of());
        assertThat(evaluation.worst())
                .containsExactly(
                        new DetectedImage(4, 1, 0, 1, List.of(wrong)),
                        new DetectedImage(3, 1, 0, 0, List.of()),
                        new DetectedImage(2, 1, 1, 1, List.of(right, wrong)));
        assertThat(evaluation.worst().get(2).f1()).isCloseTo(2 / 3.0, within(1e-12));
    }

    @Test
    void theIntervalHoldsTheFigureAndNarrowsWithMoreImages() {
        DetectionResult few = half(20).result();
        DetectionResult many = half(500).result();
        assertThat(few.interval().low()).isLessThan(few.figures().ap());
        assertThat(few.interval().high()).isGreaterThan(few.figures().ap());
        assertThat(width(many.interval())).isLessThan(width(few.interval()) / 3);
        assertThat(half(1).result().interval()).isNull();
    }

    private static double width(Interval interval) {
        return interval.high() - interval.low();
    }

    /** Every second object is found. */
    private static CocoEvaluation half(int images) {
        CocoEvaluation evaluation = new CocoEvaluation(CLASSES);
        for (int i = 0; i < images; i++) {
            evaluation.add(
                    i,
                    List.of(new LabeledBox(BOX, 0, false)),
                    i % 2 == 0 ? List.of(new Detection(BOX, 0, 0.9f)) : List.of());
        }
        return evaluation;
    }

    @Test
    void whatIsNoBoxScoreOrLabelIsRefusedInASentence() {
        LabeledBox object = new LabeledBox(BOX, 0, false);
        Box crossed = new Box(60, 10, 10, 60);
        Box endless = new Box(0, 0, Double.POSITIVE_INFINITY, 1);
        refuses(
                List.of(object),
                List.of(new Detection(BOX, 0, Double.NaN)),
                "A detection in image 7 has the score NaN; expected a finite number.");
        String edges =
                "expected finite numbers, the right not below the left and the bottom not below"
                        + " the top.";
        refuses(
                List.of(),
                List.of(new Detection(crossed, 0, 1)),
                "A detection in image 7 has the edges left 60.0, top 10.0, right 10.0, bottom 60.0; "
                        + edges);
        refuses(
                List.of(new LabeledBox(endless, 0, false, 1)),
                List.of(),
                "An object in image 7 has the edges left 0.0, top 0.0, right Infinity, bottom 1.0; "
                        + edges);
        refuses(
                List.of(),
                List.of(new Detection(BOX, 2, 1)),
                "A detection in image 7 has the label 2; expected 0 to 1.");
        refuses(
                List.of(new LabeledBox(BOX, -1, false)),
                List.of(),
                "An object in image 7 has the label -1; expected 0 to 1.");
        refuses(
                List.of(new LabeledBox(BOX, 0, false, Double.NaN)),
                List.of(),
                "An object in image 7 has an area of NaN; expected 0 or more.");
        CocoEvaluation twice = new CocoEvaluation(CLASSES);
        twice.add(7, List.of(), List.of());
        assertThatThrownBy(() -> twice.add(7, List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Image 7 was added twice; add each image once.");
    }

    private static void refuses(List<LabeledBox> truth, List<Detection> found, String sentence) {
        assertThatThrownBy(() -> new CocoEvaluation(CLASSES).add(7, truth, found))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }
}
