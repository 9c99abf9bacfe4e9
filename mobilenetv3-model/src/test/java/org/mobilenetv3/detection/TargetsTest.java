package org.mobilenetv3.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TargetsTest {

    record Case(
            String name,
            int height,
            int width,
            double[][] boxes,
            int[] anchors,
            int[] matches,
            float[] codes) {}

    @TestFactory
    Stream<DynamicTest> matchAsTorchvision() throws Exception {
        Case[] cases = Golden.read("matching.json", Case[].class);
        assertThat(cases).hasSize(8);
        return Stream.of(cases).map(c -> DynamicTest.dynamicTest(c.name, () -> check(c)));
    }

    private static void check(Case golden) {
        Anchors anchors = Golden.anchors(golden.height, golden.width);
        // Each object a class of its own, so that labels tell which matched.
        int[] classes = IntStream.range(0, golden.boxes.length).toArray();
        Targets targets = Targets.of(anchors, Golden.boxes(golden.boxes), classes);
        long[] labels = new long[anchors.count()];
        float[] codes = new float[4 * anchors.count()];
        for (int i = 0; i < golden.anchors.length; i++) {
            labels[golden.anchors[i]] = golden.matches[i] + 1L;
            System.arraycopy(golden.codes, 4 * i, codes, 4 * golden.anchors[i], 4);
        }
        assertThat(targets.labels()).isEqualTo(labels);
        assertThat(targets.positives()).isEqualTo(golden.anchors.length);
        assertThat(targets.codes()).containsExactly(codes, within(1e-6f));
    }

    @Test
    void codesOfTargetsDecodeToTheBoxes() {
        Anchors anchors = Golden.anchors(64, 96);
        Box box = new Box(10, 12.5, 70, 51);
        Targets targets = Targets.of(anchors, List.of(box), 2);
        float[] boxes = BoxCoder.decode(targets.codes(), 0, 4, anchors);
        for (int i = 0; i < anchors.count(); i++) {
            if (targets.labels()[i] == 3) {
                assertThat(new float[] {boxes[4 * i], boxes[4 * i + 1]})
                        .containsExactly(new float[] {10, 12.5f}, within(1e-4f));
                assertThat(new float[] {boxes[4 * i + 2], boxes[4 * i + 3]})
                        .containsExactly(new float[] {70, 51}, within(1e-4f));
            }
        }
        assertThat(targets.positives()).isPositive();
    }

    @Test
    void refusesBoxesOfNothing() {
        Anchors anchors = Golden.anchors(64, 64);
        assertThatThrownBy(() -> Targets.of(anchors, List.of(new Box(3, 3, 3, 9)), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("holds nothing; leave out objects without width or height.");
        assertThatThrownBy(() -> Targets.of(anchors, List.of(new Box(3, 3, Double.NaN, 9)), 0))
                .hasMessageContaining("holds nothing");
        assertThatThrownBy(() -> Targets.of(anchors, List.of(new Box(3, 3, 5, 9))))
                .hasMessage("1 boxes cannot have 0 classes.");
    }
}
