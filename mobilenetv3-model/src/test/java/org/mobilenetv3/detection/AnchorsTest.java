package org.mobilenetv3.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnchorsTest {

    record Case(
            int height,
            int width,
            int count,
            double sum,
            double squares,
            int every,
            float[] rows) {}

    @Test
    void equalTorchvisionsToTheFloat() throws Exception {
        Case[] cases = Golden.read("anchors.json", Case[].class);
        assertThat(cases).hasSize(3);
        assertThat(cases[0].count).isEqualTo(3234);
        for (Case golden : cases) {
            Anchors anchors = Golden.anchors(golden.height, golden.width);
            float[] all = anchors.toArray();
            assertThat(anchors.count()).isEqualTo(golden.count);
            float[] rows = new float[golden.rows.length];
            for (int i = 0; i < rows.length / 4; i++) {
                System.arraycopy(all, 4 * i * golden.every, rows, 4 * i, 4);
            }
            assertThat(rows).isEqualTo(golden.rows);
            double sum = 0;
            double squares = 0;
            for (float x : all) {
                sum += x;
                squares += (double) x * x;
            }
            assertThat(sum).isCloseTo(golden.sum, within(1e-6));
            assertThat(squares).isCloseTo(golden.squares, within(golden.squares * 1e-13));
        }
    }

    @Test
    void theCopyIsTheCallers() {
        Anchors anchors = Golden.anchors(64, 64);
        Arrays.fill(anchors.toArray(), 0);
        assertThat(anchors.toArray()).isNotEqualTo(new float[4 * anchors.count()]);
    }

    @Test
    void refusesMapsOfNothing() {
        assertThatThrownBy(() -> new Anchors.Grid(0, 3))
                .hasMessage("A map of 0 rows and 3 columns has no cells.");
        assertThatThrownBy(() -> new Anchors(32, 48, List.of(new Anchors.Grid(2, 3))))
                .hasMessageContaining("two maps at least but were given 48x32 pixels and 1 maps.");
    }
}
