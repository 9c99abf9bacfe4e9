package org.mobilenetv3.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;

class TaskGpusTest {

    private static Device device(String... addresses) {
        return TaskGpus.device(
                TaskGpus.addresses(
                        Map.of(
                                "fpga", new ResourceInformation("fpga", new String[] {"5"}),
                                "gpu", new ResourceInformation("gpu", addresses))));
    }

    @Test
    void aNetComputesOnTheFirstGpuOfItsTask() {
        assertThat(device("3", "1")).isEqualTo(Device.gpu(3));
        assertThat(device("0")).isNotEqualTo(device("1"));
        assertThat(TaskGpus.device(List.of())).isEqualTo(Device.cpu());
        assertThat(TaskGpus.addresses(Map.of())).isEmpty();
        assertThat(TaskGpus.addresses()).isEmpty(); // no task
    }

    @Test
    void anAddressThatIsNoNumberIsRefused() {
        assertThatThrownBy(() -> device("GPU-8f1c"))
                .hasMessageContaining("'GPU-8f1c', not a number");
    }
}
