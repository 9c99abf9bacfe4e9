package org.mobilenetv3.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.trained.NetEngine;

class SharedNetsTest {

    @Test
    void aNetIsSharedWhileItIsUsedAndClosedWhenItIsIdle(@TempDir Path temporary) throws Exception {
        Path file = TestNet.save(temporary.resolve("net.safetensors"));
        PackedNet packed = PackedNet.pack(file, NetEngine.AUTO, false);
        SharedNets nets = new SharedNets(Duration.ofMillis(50));
        SharedNets.Opener opener = () -> PackedNet.open(packed.bytes(), 1, Device.cpu());
        SharedNets.Claim first = nets.claim(packed.sha256(), opener);
        SharedNets.Claim second = nets.claim(packed.sha256(), opener);
        ExecutorNet net = first.net();
        assertThat(second.net()).isSameAs(net);
        assertThat(nets.opened()).isEqualTo(1);
        first.close();
        first.close();
        Thread.sleep(200);
        assertThat(nets.users()).isEqualTo(1);
        assertThat(answer(net)).hasSize(4);
        second.close();
        for (int i = 0; nets.open() > 0 && i < 500; i++) {
            Thread.sleep(10);
        }
        assertThat(nets.open()).isZero();
        assertThatThrownBy(() -> answer(net)).hasMessage("The net is closed.");
        try (SharedNets.Claim third = nets.claim(packed.sha256(), opener)) {
            assertThat(third.net()).isNotSameAs(net);
        }
        assertThat(nets.opened()).isEqualTo(2);
    }

    private static float[] answer(ExecutorNet net) throws IOException {
        FloatBuffer images = FloatBuffer.allocate(3 * 64 * 64);
        return net.answer(images, new Shape(1, 3, 64, 64)).logits();
    }

    @Test
    void thePackedNetHoldsNothingButTheNet(@TempDir Path temporary) throws IOException {
        PackedNet one =
                PackedNet.pack(
                        TestNet.save(temporary.resolve("a.safetensors")), NetEngine.AUTO, false);
        PackedNet other =
                PackedNet.pack(
                        TestNet.save(temporary.resolve("b.safetensors")), NetEngine.VECTOR, false);
        assertThat(one.bytes()).isEqualTo(other.bytes());
        assertThat(one.sha256()).isEqualTo(other.sha256()).hasSize(64);
    }
}
