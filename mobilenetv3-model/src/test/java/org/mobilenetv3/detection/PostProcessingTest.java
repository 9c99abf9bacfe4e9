package org.mobilenetv3.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PostProcessingTest {

    record Case(
            String name,
            int height,
            int width,
            int photoHeight,
            int photoWidth,
            int logits,
            long offset,
            double scale,
            double codes,
            float background,
            boolean direct,
            double threshold,
            int candidates,
            double overlap,
            int most,
            float[] boxes,
            int[] labels,
            float[] scores) {

        PostProcessing settings() {
            return new PostProcessing(threshold, candidates, overlap, most);
        }

        /** The net's output, as the script makes it. */
        float[] output(Anchors anchors) {
            int row = 4 + logits;
            float[] output =
                    Golden.fill(
                            anchors.count() * row,
                            offset,
                            scale,
                            direct ? 0.5 : 0,
                            direct ? 0.125 : 0);
            float[] first = Golden.fill(anchors.count() * 4, offset + 1_000_000, codes, 0, 0);
            for (int i = 0; i < anchors.count(); i++) {
                System.arraycopy(first, 4 * i, output, i * row, 4);
                output[i * row + 4] += background;
            }
            return output;
        }

        void check(List<Detection> found) {
            assertThat(found).hasSize(labels.length);
            for (int i = 0; i < labels.length; i++) {
                assertThat(found.get(i).label()).as("label %s", i).isEqualTo(labels[i]);
                assertThat(found.get(i).score()).isCloseTo(scores[i], within(3e-7));
                Box box = found.get(i).box();
                assertThat(
                                new double[] {
                                    box.left(), box.top(), box.right(), box.bottom(),
                                })
                        .containsExactly(
                                new double[] {
                                    boxes[4 * i],
                                    boxes[4 * i + 1],
                                    boxes[4 * i + 2],
                                    boxes[4 * i + 3]
                                },
                                within(1e-3));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> findsWhatTorchvisionFinds() throws Exception {
        Case[] cases = Golden.read("detections.json", Case[].class);
        assertThat(cases).hasSize(8);
        return Stream.of(cases)
                .filter(golden -> !golden.direct)
                .map(
                        golden ->
                                DynamicTest.dynamicTest(
                                        golden.name, () -> golden.check(ofOutput(golden))));
    }

    private static List<Detection> ofOutput(Case golden) {
        Anchors anchors = Golden.anchors(golden.height, golden.width);
        return golden.settings()
                .ofOutput(
                        golden.output(anchors),
                        0,
                        anchors,
                        golden.logits,
                        golden.photoHeight,
                        golden.photoWidth);
    }

    @TestFactory
    Stream<DynamicTest> findsTheSameInAnswers() throws Exception {
        return Stream.of(Golden.read("detections.json", Case[].class))
                .map(
                        golden ->
                                DynamicTest.dynamicTest(
                                        golden.name, () -> golden.check(ofAnswer(golden))));
    }

    private static List<Detection> ofAnswer(Case golden) {
        Anchors anchors = Golden.anchors(golden.height, golden.width);
        float[] output = golden.output(anchors);
        float[] answer = Answers.of(output, anchors, golden.logits);
        if (golden.direct) {
            for (int i = 0; i < answer.length; i++) {
                answer[i] = i % (4 + golden.logits) < 4 ? answer[i] : output[i];
            }
        }
        return golden.settings()
                .ofAnswer(answer, 0, anchors, golden.logits, golden.photoHeight, golden.photoWidth);
    }

    @Test
    void theSecondImageOfABatchIsReadFromItsPlace() throws Exception {
        Case[] cases = Golden.read("detections.json", Case[].class);
        Case golden = cases[0];
        Anchors anchors = Golden.anchors(golden.height, golden.width);
        float[] one = golden.output(anchors);
        float[] two = new float[2 * one.length];
        System.arraycopy(one, 0, two, one.length, one.length);
        golden.check(
                golden.settings()
                        .ofOutput(
                                two,
                                1,
                                anchors,
                                golden.logits,
                                golden.photoHeight,
                                golden.photoWidth));
    }

    @Test
    void powersAreRightToNineDigits() {
        for (double x = 0; x > -87; x -= 0.00713) {
            assertThat(PostProcessing.exp(x) / Math.exp(x)).isCloseTo(1, within(1e-9));
        }
        assertThat(PostProcessing.exp(-1e30)).isBetween(0.0, 1e-300);
        assertThat(PostProcessing.exp(Double.NEGATIVE_INFINITY)).isBetween(0.0, 1e-300);
    }

    @Test
    void anOutputThatIsNoNumberFindsNothing() {
        Anchors anchors = Golden.anchors(64, 64);
        float[] output = new float[anchors.count() * 7];
        Arrays.fill(output, Float.NaN);
        assertThat(PostProcessing.SSDLITE.ofOutput(output, 0, anchors, 3, 64, 64)).isEmpty();
        assertThat(PostProcessing.SSDLITE.ofAnswer(output, 0, anchors, 3, 64, 64)).isEmpty();
    }

    @Test
    void refusesSettingsThatFindNothing() {
        assertThatThrownBy(() -> new PostProcessing(1.5, 300, 0.55, 300))
                .hasMessageStartingWith("A threshold of 1.5, an overlap of 0.55, 300 candidates");
        assertThatThrownBy(() -> new PostProcessing(0, 0, 0.55, 300))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
