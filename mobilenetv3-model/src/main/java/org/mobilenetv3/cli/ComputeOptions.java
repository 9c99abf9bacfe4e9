package org.mobilenetv3.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;
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
     * Opens a package or a file of weights on the chosen device, or a file that this project
     * exported, which needs no engine and runs on the CPU.
     *
     * @param path a package directory, a zip of one, a file of weights or an exported file
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param execution how to compute a package's net; exported files have their own way
     * @return the net; close it after use
     * @throws IOException if it cannot be used
     * @throws IllegalArgumentException if there is no such device, or a GPU is asked for an export
     */
    public TrainedNet open(Path path, Architecture family, ExecutionOptions execution)
            throws IOException {
        if (!FileKind.of(path).isExport()) {
            Device where = start();
            Execution how = execution.choose(where);
            PackageNet net = PackageNet.open(path, family, where);
            net.setExecution(how);
            return net;
        }
        WeightsFile.requireNoFamily(path, family);
        if (device != null && !"cpu".equalsIgnoreCase(device)) {
            throw new IllegalArgumentException(
                    "--device is %s, but exported files such as %s run on the CPU; leave it out."
                            .formatted(device, path));
        }
        int cores = Runtime.getRuntime().availableProcessors();
        return TrainedNet.open(path, Device.cpu(), threads == null ? cores : threads);
    }
}
