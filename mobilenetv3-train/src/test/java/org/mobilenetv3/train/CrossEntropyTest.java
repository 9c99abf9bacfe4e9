package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.ClassWeights;
import org.mobilenetv3.train.task.CrossEntropy;

/** Golden figures: src/test/python/training.py. */
class CrossEntropyTest {

    /** Loss and gradient follow from the targets: sum(t * log_softmax), softmax * -sum(t) + t. */
    @Test
    void smoothingWeightsAndTwoLabelsEqualPyTorchs() throws IOException {
        JsonObject golden = Golden.training();
        long[] labels = {2, 1, 0, 1};
        long[] partners = {1, 2, 1, 0};
        for (JsonElement element : golden.getAsJsonArray("losses")) {
            JsonObject expected = element.getAsJsonObject();
            float[] weights = null;
            if (!expected.get("weights").isJsonNull()) {
                double[] w = Golden.numbers(expected.getAsJsonArray("weights"));
                weights = new float[] {(float) w[0], (float) w[1], (float) w[2]};
            }
            CrossEntropy criterion =
                    new CrossEntropy(3, expected.get("smoothing").getAsDouble(), weights, 1);
            float[] targets =
                    criterion.targets(labels, partners, expected.get("share").getAsDouble());
            double loss = 0;
            double[] gradient = new double[targets.length];
            for (int n = 0; n < labels.length; n++) {
                double[] z =
                        Golden.numbers(golden.getAsJsonArray("logits").get(n).getAsJsonArray());
                double log = Math.log(Arrays.stream(z).map(Math::exp).sum());
                double sum = targets[3 * n] + targets[3 * n + 1] + targets[3 * n + 2];
                for (int c = 0; c < 3; c++) {
                    loss += targets[3 * n + c] * (z[c] - log);
                    gradient[3 * n + c] = targets[3 * n + c] - sum * Math.exp(z[c] - log);
                }
            }
            assertThat(loss).isCloseTo(expected.get("loss").getAsDouble(), within(1e-6));
            assertThat(gradient)
                    .containsExactly(
                            Golden.numbers(expected.getAsJsonArray("gradient")), within(1e-6));
        }
    }

    @Test
    void balancedWeightsMakeEveryClassCountAlike() {
        byte[][] images = new byte[8][4];
        int[] labels = {0, 0, 0, 0, 0, 0, 1, 1};
        ImageSet set = new ImageSet("s", List.of("often", "rare", "none"), 1, 2, 2, images, labels);
        float[] weights = ClassWeights.BALANCED.of(set);
        assertThat(weights).containsExactly(8f / (3 * 6), 8f / (3 * 2), 0f);
        assertThat(ClassWeights.NONE.of(set)).containsExactly(1, 1, 1);
    }
}
