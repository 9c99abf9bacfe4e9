package org.mobilenetv3.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.DjlNets;
import org.mobilenetv3.train.bench.BenchCase.Mode;
import org.mobilenetv3.trained.NetEngine;

/** DJL's MobileNetV2 beside ours. */
class DjlNetTest {

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void djlsNetMakesStepsInEveryMode(Mode mode) {
        BenchCase work = new BenchCase(mode, "mobilenet_v3_large", 32, 2, 10);
        try (DjlNet net = new DjlNet(work)) {
            assertThat(net.prepare()).isEmpty();
            assertThat(net.run(2)).isPositive();
            assertThat(net.engine()).startsWith("DJL, PyTorch 2.");
            assertThat(net.sameNet()).isFalse();
        }
    }

    @Test
    void itTakesPartWhereOurNetIsAboutAsLarge() {
        Contenders contenders =
                new Contenders(List.of(), Path.of("peers.py"), 1, NetEngine.AUTO, false);
        assertThat(contenders.of(BenchCase.named("train-paper-large-32-b128")))
                .filteredOn(x -> !x.ours())
                .singleElement()
                .isInstanceOf(DjlNet.class);
        assertThat(contenders.of(BenchCase.named("train-paper-small-32-b128")))
                .allMatch(Implementation::ours);
    }

    /** torchvision's has 2,236,682; DJL's stem is 1×1, not 3×3, and its first stage expands. */
    @Test
    void itHasThePublishedNetsParametersButForTheStem() {
        Block net = DjlNets.mobileNetV2(10, 2);
        Shape one = new Shape(1, 3, 32, 32);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            net.initialize(manager, DataType.FLOAT32, one);
            List<LayerCost> layers = Graph.trace(net, one).cost();
            assertThat(layers.stream().mapToLong(LayerCost::parameters).sum())
                    .isEqualTo(2_236_682 - 8 * 3 * 32 + 32 * 32 + 2 * 32);
        }
    }
}
