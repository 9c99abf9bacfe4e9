package org.mobilenetv3.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.bench.BenchCase.Mode;

/** Our side of the comparison. */
class OwnNetTest {

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @ParameterizedTest
    @CsvSource({
        "TRAIN, COMPILED",
        "TRAIN, EAGER",
        "TRAIN, BF16",
        "INFER, COMPILED",
        "INFER, EAGER"
    })
    void ourNetMakesStepsInEveryMode(Mode mode, Execution execution) throws IOException {
        BenchCase work = new BenchCase(mode, "mobilenet_v3_small", 32, 2, 10);
        try (OwnNet net = new OwnNet("ours", execution, work)) {
            assertThat(net.prepare()).isEmpty();
            assertThat(net.run(2)).isPositive();
            assertThat(net.engine()).startsWith("PyTorch 2.");
            assertThat(net.full()).isEqualTo(execution != Execution.BF16);
        }
    }
}
