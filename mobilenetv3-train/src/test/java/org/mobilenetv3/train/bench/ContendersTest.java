package org.mobilenetv3.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.train.bench.BenchCase.Mode;
import org.mobilenetv3.trained.NetEngine;

class ContendersTest {

    private static final BenchCase WORK = new BenchCase(Mode.INFER, "mobilenet_v3_small", 32, 2, 5);

    private static List<String> names(NetEngine engine) {
        return new Contenders(List.of(), Path.of("peers.py"), 1, engine, false)
                .of(WORK).stream()
                        .map(Implementation::name)
                        .filter(name -> !name.endsWith("bf16")) // where the processor has it
                        .toList();
    }

    @Test
    void anEngineIsMeasuredBesideTheReference() {
        assertThat(names(NetEngine.AUTO))
                .containsExactly(
                        "ours compiled",
                        "ours op by op",
                        "ours exported to onnx",
                        "ours exported to torchscript",
                        "ours, vector");
        assertThat(names(NetEngine.VECTOR)).containsExactly("ours compiled", "ours, vector");
        assertThat(names(NetEngine.ONNXRUNTIME))
                .containsExactly("ours compiled", "ours exported to onnx");
        assertThat(names(NetEngine.TORCH))
                .containsExactly("ours compiled", "ours op by op", "ours exported to torchscript");
    }

    @Test
    void theVectorEngineMakesSteps() throws IOException {
        Contenders contenders =
                new Contenders(List.of(), Path.of("peers.py"), 1, NetEngine.VECTOR, false);
        try (Implementation vector = contenders.of(WORK).get(1)) {
            assertThat(vector.prepare()).isEmpty();
            assertThat(vector.run(2)).isPositive();
            assertThat(vector.engine()).startsWith("Java " + Runtime.version().feature());
            assertThat(vector.ours()).isTrue();
        }
    }
}
