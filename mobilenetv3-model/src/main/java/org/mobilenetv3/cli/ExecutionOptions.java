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
        FP32,
        BF16,
        FP16
    }

    @Option(
            names = "--no-compile",
            description = "Run the net operation by operation: slower, the same result.")
    private boolean noCompile;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description =
                    "fp32, bf16 or fp16: what to compute in; weights stay in fp32 (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "FP32")
    private Precision precision;

    /** Creates the options; picocli fills them in. */
    public ExecutionOptions() {}

    /**
     * Gives the choice.
     *
     * @param device where the net will run
     * @return how to compute
     * @throws IllegalArgumentException if the options contradict each other, or the processor lacks
     *     the instructions
     */
    public Execution choose(Device device) {
        if (precision == Precision.FP32) {
            return noCompile ? Execution.OP_BY_OP : Execution.COMPILED;
        }
        String type = precision.name().toLowerCase(Locale.ROOT);
        if (noCompile) {
            throw new IllegalArgumentException(
                    "--precision %s needs the compiled net; leave out --no-compile."
                            .formatted(type));
        }
        boolean half = precision == Precision.BF16;
        if (!device.isGpu() && !TorchRuntime.hasInstructions(half ? "bf16" : "fp16")) {
            throw new IllegalArgumentException(
                    "This processor has no %s instructions, so --precision %s would be slower, not faster; leave it out."
                            .formatted(type, type));
        }
        return half ? Execution.BF16 : Execution.FP16;
    }
}
