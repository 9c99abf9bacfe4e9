package org.mobilenetv3.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.Locale;
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
                "There is no device %s: the engine reports %d GPUs; use cpu%s."
                        .formatted(device, gpus, gpus > 0 ? " or gpu0" : ""));
    }
}
