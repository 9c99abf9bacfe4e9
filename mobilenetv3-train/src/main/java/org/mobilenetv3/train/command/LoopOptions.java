package org.mobilenetv3.train.command;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.mobilenetv3.train.TrainingRun.Compute;
import picocli.CommandLine.Option;

/** Options for how a run is computed and how often it is saved. */
public final class LoopOptions {

    @Option(
            names = "--loader-threads",
            paramLabel = "N",
            description = "Threads that make batches; does not change the result.",
            defaultValue = "1")
    private int loaderThreads;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description =
                    "Copies of the net that learn side by side, each on a GPU of its own; on the"
                            + " CPU they take turns (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int replicas;

    @Option(
            names = "--keep",
            paramLabel = "N",
            description = "Checkpoints to keep beside the best (default: ${DEFAULT-VALUE}).",
            defaultValue = "2")
    private int keep;

    @Option(
            names = "--save-every",
            paramLabel = "MINUTES",
            description =
                    "Longest time between checkpoints within an epoch (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    private double saveEvery;

    /** Creates the options; picocli fills them in. */
    public LoopOptions() {}

    /**
     * Returns how many copies of the net learn side by side.
     *
     * @return as it was given, not yet checked
     */
    public int replicas() {
        return replicas;
    }

    /**
     * Finds a device for each replica.
     *
     * @param device where the first computes
     * @param count how many replicas there are, by the run's settings
     * @return where to compute, and how often to save
     * @throws IllegalArgumentException if a number does not fit, or there are too few GPUs
     */
    public Compute compute(Device device, int count) {
        if (count < 1 || keep < 1 || !(saveEvery > 0 && saveEvery < 1e9) || loaderThreads < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "--replicas, --keep and --loader-threads must be at least 1 and --save-every above 0 and below 1e9 minutes, but they are %d, %d, %d and %s.",
                            count,
                            keep,
                            loaderThreads,
                            saveEvery));
        }
        int gpus = Engine.getEngine("PyTorch").getGpuCount();
        if (device.isGpu() && device.getDeviceId() + count > gpus) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%d replicas starting at %s need more than the %d GPUs of this machine.",
                            count,
                            device,
                            gpus));
        }
        List<Device> devices =
                IntStream.range(0, count)
                        .mapToObj(
                                i -> device.isGpu() ? Device.gpu(device.getDeviceId() + i) : device)
                        .toList();
        return new Compute(
                devices, loaderThreads, keep, Duration.ofSeconds(Math.round(60 * saveEvery)));
    }
}
