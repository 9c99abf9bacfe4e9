package org.mobilenetv3.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void aFullGpuIsToldWithWhatHelps() {
        EngineException e =
                new EngineException(
                        "CUDA out of memory. Tried to allocate 144.00 MiB. GPU 0 has a total"
                                + " capacity of 79.18 GiB of which 61.62 MiB is free.\nException"
                                + " raised from malloc at /pytorch/c10/cuda/x.cpp:1");
        assertThat(Main.sentence(e))
                .isEqualTo(
                        "The GPU's memory is too small for this by 144.00 MiB or more; give a"
                                + " smaller --batch-size, or --accumulate 2 with the same one when"
                                + " training.");
    }
}
