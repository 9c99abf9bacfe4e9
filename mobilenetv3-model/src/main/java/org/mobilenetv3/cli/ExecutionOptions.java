package org.mobilenetv3.cli;

import ai.djl.Device;
import java.util.Locale;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;
import picocli.CommandLine.Option;

/** How a net is computed. */
public final class ExecutionOptions {

    /** The types to compute in. */
    enum Precision {
        FP32(Execution.COMPILED),
        TF32(Execution.TF32),
        BF16(Execution.BF16),
        FP16(Execution.FP16);

        private final Execution compiled;

        Precision(Execution compiled) {
            this.compiled = compiled;
        }
    }

    @Option(
            names = "--no-compile",
            description = "Run the net operation by operation: slower, the same result.")
    private boolean noCompile;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description =
                    "fp32, tf32 (GPUs), bf16 or fp16: what to compute in; weights stay in fp32"
                            + " (default: ${DEFAULT-VALUE}).",
            defaultValue = "FP32")
    private Precision precision;

    /** Creates the options; picocli fills them in. */
    public ExecutionOptions() {}

    /**
     * Returns whether nothing was asked for.
     *
     * @return whether the net is computed as it is without these options
     */
    public boolean isPlain() {
        return !noCompile && precision == Precision.FP32;
    }

    /**
     * Returns the choice.
     *
     * @param device where the net will run
     * @return how to compute
     * @throws IllegalArgumentException if the options contradict each other, or the processor lacks
     *     the instructions
     */
    public Execution choose(Device device) {
        if (precision == Precision.FP32 && noCompile) {
            return Execution.EAGER;
        }
        String type = precision.name().toLowerCase(Locale.ROOT);
        if (noCompile) {
            throw new IllegalArgumentException(
                    "--precision %s needs the compiled net; leave out --no-compile."
                            .formatted(type));
        }
        if (!device.isGpu() && precision == Precision.TF32) {
            throw new IllegalArgumentException(
                    "--precision tf32 is for GPUs, and this is the CPU; leave it out.");
        }
        boolean plain = device.isGpu() || precision == Precision.FP32;
        if (!plain && !TorchRuntime.hasInstructions(type)) {
            throw new IllegalArgumentException(
                    "This processor has no %s instructions, so --precision %s would be slower, not faster; leave it out."
                            .formatted(type, type));
        }
        return precision.compiled;
    }
}
