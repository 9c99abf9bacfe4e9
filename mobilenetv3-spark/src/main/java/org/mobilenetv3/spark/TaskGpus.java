package org.mobilenetv3.spark;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The GPUs that Spark gives a task ({@code spark.task.resource.gpu.amount}). */
public final class TaskGpus {

    private static final String NAME = "gpu";

    private TaskGpus() {}

    /**
     * Returns the addresses of the current task's GPUs.
     *
     * @return as the cluster's discovery script tells them, such as {@code 0}; empty if it has none
     */
    public static List<String> addresses() {
        TaskContext task = TaskContext.get();
        return task == null ? List.of() : addresses(task.resourcesJMap());
    }

    /** Returns the addresses of GPUs among a task's resources. */
    static List<String> addresses(Map<String, ResourceInformation> resources) {
        ResourceInformation gpus = resources.get(NAME);
        return gpus == null ? List.of() : List.of(gpus.addresses());
    }

    /**
     * Returns where a net computes: on the first of the GPUs.
     *
     * @throws IllegalArgumentException in one sentence, if libtorch cannot find it by its address
     */
    static Device device(List<String> addresses) {
        if (addresses.isEmpty()) {
            return Device.cpu();
        }
        String first = addresses.get(0);
        if (!first.matches("\\d{1,4}")) {
            throw new IllegalArgumentException(
                    "The address of the task's GPU is '%s', not a number from 0; let the cluster's discovery script tell numbers."
                            .formatted(first));
        }
        return Device.gpu(Integer.parseInt(first));
    }
}
