package org.mobilenetv3.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.Golden;
import org.mobilenetv3.train.metric.MetricScenes.Masks;
import org.mobilenetv3.train.metric.SegmentationResult.ClassResult;

class SegmentationScoreTest {

    private static final List<String> CLASSES = List.of("background", "cat", "dog");

    @Test
    void twentySetsHaveTorchvisionsFigures() throws IOException {
        JsonArray sets = Golden.metrics().getAsJsonArray("segmentation");
        assertThat(sets).hasSize(20);
        int withAbsent = 0;
        for (int seed = 0; seed < sets.size(); seed++) {
            JsonObject golden = sets.get(seed).getAsJsonObject();
            SegmentationScore score = MetricScenes.masks(seed).score();
            assertThat(score.counts())
                    .isDeepEqualTo(JsonUtils.GSON.fromJson(golden.get("counts"), long[][].class));
            requireEqual(golden.getAsJsonObject("double"), score.result(), 1e-15);
            requireEqual(golden.getAsJsonObject("single"), score.result(), 1e-6);
            withAbsent += golden.getAsJsonObject("double").get("meanIou").isJsonNull() ? 1 : 0;
        }
        assertThat(withAbsent).isBetween(1, 19);
    }

    private static void requireEqual(JsonObject golden, SegmentationResult result, double error) {
        assertThat(result.pixelAccuracy())
                .isCloseTo(golden.get("pixelAccuracy").getAsDouble(), within(error));
        List<Double> ious = requireEqual(golden, "iou", result, ClassResult::iou, error);
        requireEqual(golden, "accuracy", result, ClassResult::accuracy, error);
        // torchvision's mean has no value where one of the classes has none.
        double mean = ious.stream().mapToDouble(d -> d).average().orElseThrow();
        assertThat(result.meanIou()).isCloseTo(mean, within(1e-15));
        if (ious.size() == result.classes().size()) {
            assertThat(result.meanIou())
                    .isCloseTo(golden.get("meanIou").getAsDouble(), within(error));
        } else {
            assertThat(golden.get("meanIou").isJsonNull()).isTrue();
        }
    }

    private static List<Double> requireEqual(
            JsonObject golden,
            String name,
            SegmentationResult result,
            Function<ClassResult, Double> figure,
            double error) {
        JsonArray values = golden.getAsJsonArray(name);
        for (int c = 0; c < values.size(); c++) {
            JsonElement value = values.get(c);
            Double own = figure.apply(result.classes().get(c));
            if (value.isJsonNull()) {
                assertThat(own).isNull();
            } else {
                assertThat(own).isCloseTo(value.getAsDouble(), within(error));
            }
        }
        return result.classes().stream().map(figure).filter(Objects::nonNull).toList();
    }

    @Test
    void partsAddUpInAnyOrder() {
        Masks masks = MetricScenes.masks(5);
        int images = masks.truth().size();
        assertThat(images).isGreaterThan(2);
        SegmentationScore whole = masks.score();
        SegmentationScore first = new SegmentationScore(masks.classes());
        SegmentationScore second = new SegmentationScore(masks.classes());
        for (int i = images - 1; i >= 0; i--) {
            (i % 2 == 0 ? first : second).add(i, masks.truth().get(i), masks.found().get(i));
        }
        second.addAll(first);
        assertThat(second.counts()).isDeepEqualTo(whole.counts());
        assertThat(second.result()).isEqualTo(whole.result());
        assertThat(second.worst()).isEqualTo(whole.worst());
        assertThatThrownBy(() -> second.addAll(first))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Image 0 was added twice; add each image once.");
        assertThatThrownBy(() -> second.addAll(new SegmentationScore(List.of("a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("score the same classes.");
    }

    @Test
    void whoSeesEverythingHasOneAndWhoIsAlwaysWrongZero() {
        SegmentationScore perfect = new SegmentationScore(CLASSES);
        SegmentationScore wrong = new SegmentationScore(CLASSES);
        for (int i = 0; i < 3; i++) {
            perfect.add(i, mask(0, 1, 255, i), mask(0, 1, 2, i));
            wrong.add(i, mask(0, 1, 255, 0), mask(1, 2, 2, 2));
        }
        assertThat(perfect.meanIou()).isEqualTo(1);
        assertThat(perfect.result().interval()).isEqualTo(new Interval(1, 1));
        assertThat(perfect.worst()).isEmpty();
        assertThat(wrong.meanIou()).isZero();
        assertThat(wrong.result().pixelAccuracy()).isZero();
        assertThat(wrong.worst()).hasSize(3);
    }

    @Test
    void aClassThatOccursNowhereIsLeftOutOfTheMean() {
        SegmentationScore score = new SegmentationScore(CLASSES);
        score.add(0, mask(0, 0, 1, 1), mask(0, 0, 1, 0));
        SegmentationResult result = score.result();
        assertThat(result.classes().get(2)).isEqualTo(new ClassResult("dog", 0, null, null));
        assertThat(result.meanIou()).isCloseTo((2 / 3.0 + 1 / 2.0) / 2, within(1e-15));
        assertThat(result.meanAccuracy()).isEqualTo(0.75);
        assertThat(result.interval()).isNull();
        score.add(1, mask(0, 0, 0, 0), mask(0, 0, 0, 2)); // predicted, so it occurs
        assertThat(score.result().classes().get(2).iou()).isZero();
        assertThat(score.result().classes().get(2).accuracy()).isNull();
    }

    @Test
    void withoutPixelsThatCountThereAreNoFiguresInTheJson() {
        SegmentationScore score = new SegmentationScore(CLASSES);
        score.add(0, mask(255, 255, 255, 255), mask(0, 1, 2, 0));
        score.add(1, mask(255, 255, 255, 255), mask(0, 1, 2, 0));
        assertThat(score.meanIou()).isNaN();
        assertThat(score.worst()).isEmpty();
        assertThat(JsonUtils.GSON.toJsonTree(score.result()).getAsJsonObject().keySet())
                .containsExactly("images", "pixels", "classes");
    }

    @Test
    void theWorstImagesComeFirst() {
        SegmentationScore score = new SegmentationScore(CLASSES);
        Mask truth = mask(0, 0, 1, 1);
        score.add(0, truth, mask(0, 0, 1, 1));
        score.add(1, truth, mask(0, 0, 1, 0));
        score.add(2, truth, mask(2, 2, 2, 2));
        assertThat(score.worst()).extracting(SegmentedImage::image).containsExactly(2L, 1L);
        assertThat(score.worst().get(0).meanIou()).isZero();
    }

    @Test
    void masksThatDoNotFitAreRefusedInASentence() {
        SegmentationScore score = new SegmentationScore(CLASSES);
        Mask good = mask(0, 0, 1, 1);
        refuses(
                score,
                good,
                new Mask(new byte[2], 1, 2),
                "Of image 7 the truth is 2 pixels high and 2 wide, the prediction 1 and 2; resize the prediction.");
        refuses(
                score,
                good,
                mask(0, 3, 0, 0),
                "Image 7 has a pixel of class 0 predicted as 3; expected 0 to 2, and 255 in the truth where there is none.");
        refuses(
                score,
                mask(0, 0, 0, 9),
                good,
                "Image 7 has a pixel of class 9 predicted as 1; expected 0 to 2, and 255 in the truth where there is none.");
        assertThat(score.counts()).isDeepEqualTo(new long[3][3]);
    }

    private static void refuses(SegmentationScore score, Mask truth, Mask found, String sentence) {
        assertThatThrownBy(() -> score.add(7, truth, found))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }

    private static Mask mask(int... classes) {
        byte[] bytes = new byte[classes.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) classes[i];
        }
        return new Mask(bytes, 2, 2);
    }
}
