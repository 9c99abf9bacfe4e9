package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.mobilenetv3.torchscript.CudaGraph;

class CudaTest {

    /** They are C++ names, which another libtorch may have changed; the CPU's has them, too. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void libtorchsSwitchesAreFoundByTheirNames() {
        TorchRuntime.start();
        assertThat(Cuda.settle()).isEmpty();
    }

    @Test
    void aLibtorchWithoutCudaRecordsNoGraphs() {
        TorchRuntime.start();
        assertThat(CudaGraph.isAvailable()).isFalse();
    }
}
