package org.mobilenetv3.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.Locale;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.runtime.HostFacts;
import org.mobilenetv3.runtime.TorchRuntime;
import picocli.CommandLine.Option;

/** Where and with how many threads to compute. */
public final class ComputeOptions {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "cpu, gpu0, gpu1 ... (default: the first GPU if the engine reports one).")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads within one operation (default: all cores).")
    private Integer threads;

    /** Creates the options; picocli fills them in. */
    public ComputeOptions() {}

    /**
     * Returns how many threads were asked for.
     *
     * @return threads within one operation, or null for all cores
     */
    public Integer threads() {
        return threads;
    }

    /**
     * Sets the threads if the user did not.
     *
     * @param count threads within one operation, or null for all cores
     */
    public void preferThreads(Integer count) {
        threads = threads == null ? count : threads;
    }

    /**
     * Returns which device was asked for.
     *
     * @return its name, or null for any
     */
    public String device() {
        return device;
    }

    /**
     * Starts the engine and finds the device.
     *
     * @return the device to compute on
     * @throws IllegalArgumentException if there is no such device
     */
    public Device start() {
        if (threads == null) {
            TorchRuntime.start();
        } else {
            TorchRuntime.start(threads);
        }
        int gpus = Engine.getEngine("PyTorch").getGpuCount();
        if (device == null) {
            return gpus > 0 ? Device.gpu() : Device.cpu();
        }
        String name = device.toLowerCase(Locale.ROOT);
        if ("cpu".equals(name)) {
            return Device.cpu();
        }
        if (name.matches("(gpu|cuda):?\\d*")) {
            String digits = name.replaceAll("\\D", "");
            int id = digits.isEmpty() ? 0 : Integer.parseInt(digits);
            if (id < gpus) {
                return Device.gpu(id);
            }
        }
        throw new IllegalArgumentException(
                String.format(
                        Locale.ROOT,
                        "There is no device %s: the engine reports %d GPU%s; use cpu%s.",
                        device,
                        gpus,
                        gpus == 1 ? "" : "s",
                        gpus > 0 ? " or gpu0" : ""));
    }

    /**
     * Returns how many threads compute.
     *
     * @return as many as were asked for, or else one for each core
     */
    public int cores() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    /**
     * Returns whether nothing speaks for a GPU; told without starting libtorch.
     *
     * @return whether the CPU was asked for, or no device was and there can be no GPU
     */
    public boolean isOnCpu() {
        return device == null
                ? !FullDistribution.hasTorch() || !HostFacts.mayHaveGpu()
                : "cpu".equalsIgnoreCase(device);
    }

    /**
     * Refuses another device than the CPU.
     *
     * @param what needs the CPU, with its verb, for instance {@code --engine vector computes}
     * @throws IllegalArgumentException if another was asked for
     */
    public void requireCpu(String what) {
        if (device != null && !"cpu".equalsIgnoreCase(device)) {
            throw new IllegalArgumentException(
                    "--device is %s, but %s on the CPU; leave it out.".formatted(device, what));
        }
    }
}
