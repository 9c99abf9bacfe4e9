package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ThreadCountsTest {

    private final Properties properties = new Properties();

    @Test
    void usesEveryProcessorForOneOperationAtATime() {
        ThreadCounts counts = ThreadCounts.apply(Map.of(), properties, 6);
        assertThat(properties)
                .containsEntry("ai.djl.pytorch.num_threads", "6")
                .containsEntry("ai.djl.pytorch.num_interop_threads", "1");
        assertThat(counts.usersOwn()).isFalse();
        assertThat(counts.asked(3).value()).isEqualTo("3");
    }

    @Test
    void leavesThePropertiesOfTheUser() {
        properties.setProperty("ai.djl.pytorch.num_threads", "5");
        properties.setProperty("ai.djl.pytorch.num_interop_threads", "2");
        ThreadCounts counts = ThreadCounts.apply(Map.of("OMP_NUM_THREADS", "7"), properties, 6);
        assertThat(properties)
                .containsEntry("ai.djl.pytorch.num_threads", "5")
                .containsEntry("ai.djl.pytorch.num_interop_threads", "2");
        assertThat(counts.intraOp().toString()).contains("5 (your ai.djl.pytorch.num_threads=5");
        assertThat(counts.interOp().toString())
                .contains("2 (your ai.djl.pytorch.num_interop_threads=2");
    }

    @Test
    void leavesTheVariablesOfTheUser() {
        for (String name : new String[] {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}) {
            ThreadCounts counts = ThreadCounts.apply(Map.of(name, "7"), properties, 6);
            assertThat(properties).doesNotContainKey("ai.djl.pytorch.num_threads");
            assertThat(counts.asked(3).toString())
                    .contains("7 (your " + name + "=7, before the 3 asked for)");
        }
    }
}
