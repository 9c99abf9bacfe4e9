package org.mobilenetv3.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.TorchRuntime;

class LossTest {

    /** Two classes, three pixels, the last without a class. */
    @Test
    void pixelsWithoutAClassAreNotLearned() {
        TorchRuntime.start();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray y = manager.create(new float[] {1, 0, 5, 0, 2, -5}, new Shape(1, 2, 1, 3));
            NDArray t =
                    manager.create(
                            ByteBuffer.wrap(new byte[] {0, 1, (byte) 255}),
                            new Shape(1, 1, 3),
                            DataType.UINT8);
            NDArray k = manager.create(0.5f);
            double first = Math.log(Math.exp(1) + 1) - 1;
            double second = Math.log(1 + Math.exp(2)) - 2;
            assertThat((double) Loss.PIXELS.of(y, List.of(t, k)).getFloat())
                    .isCloseTo((first + second) / 2, within(1e-6));
            String source =
                    """
                      def loss(self: __torch__.Net, y: Tensor, t: Tensor, k: Tensor) -> Tensor:
                    """
                            + Loss.PIXELS.source()
                            + "    return loss\n";
            try (Script script = new Script(manager, List.of(), source)) {
                assertThat((double) script.call("loss", y, t, k).singletonOrThrow().getFloat())
                        .isCloseTo((first + second) / 2, within(1e-6));
            }
        }
    }
}
