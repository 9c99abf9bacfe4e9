package org.mobilenetv3.train.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.train.cost.Cost;

class LimitTest {

    /** Counts of torchvision's nets for photographs, as its documentation has them. */
    @Test
    void aNetForSmallImagesCostsWhatItsLikeForPhotographsDoes() throws IOException {
        Architecture net = Presets.of("mobilenet_v3_large").withStemStride(1);
        Limit limit = new Limit(Limit.Unit.MULTIPLY_ADDS, 1, 224, 224, 2, null, 1);
        try (Cost cost = limit.cost(null)) {
            assertThat(cost.of(net) / 1e6).isBetween(216.0, 218.0);
            assertThat(cost.measured(net)).isEmpty();
        }
    }
}
