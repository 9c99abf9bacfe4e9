package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mobilenetv3.trained.NetEngine.ONNXRUNTIME;
import static org.mobilenetv3.trained.NetEngine.TORCH;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.trained.NetEngine.Use;

class NetEngineTest {

    /** This module has no vector engine, so that the rule is as it was before there was one. */
    @Test
    void withoutAVectorEngineTheRuleIsTheFormatsOwnRuntime() {
        for (FileKind kind : FileKind.values()) {
            NetEngine command =
                    switch (kind) {
                        case ONNX_EXPORT -> ONNXRUNTIME;
                        default -> TORCH;
                    };
            NetEngine server = kind == FileKind.TORCHSCRIPT ? TORCH : ONNXRUNTIME;
            assertThat(NetEngine.choose(kind, Use.COMMAND, () -> true)).isEqualTo(command);
            assertThat(NetEngine.choose(kind, Use.SERVER, () -> true)).isEqualTo(server);
        }
    }

    @Test
    void aVectorEngineThatIsNotThereIsMissedInASentence() {
        assertThat(NetEngine.vector()).isEmpty();
        assertThatThrownBy(() -> GraphNet.open(Path.of("any"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("There is no vector engine here; put org.mobilenetv3");
    }
}
