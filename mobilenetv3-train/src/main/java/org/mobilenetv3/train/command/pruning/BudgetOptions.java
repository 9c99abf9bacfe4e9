package org.mobilenetv3.train.command.pruning;

import org.mobilenetv3.train.command.CostOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How much of a net is to be left. */
final class BudgetOptions {

    @Option(
            names = "--keep",
            paramLabel = "SHARE",
            description = "Keep this share of the channels of each block, e.g. 0.5.")
    private Double keep;

    @Mixin private CostOptions cost;

    /** Refuses none and several. */
    void requireOne(CommandSpec spec, boolean steps) {
        if (cost.given() + (keep == null ? 0 : 1) != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    steps
                            ? "prune --steps needs either --macs or --latency-ms."
                            : "prune needs one of --keep, --macs and --latency-ms.");
        }
    }

    /** The share of channels to keep, or null. */
    Double share() {
        return keep;
    }

    /** What the net may cost, if no share is given. */
    CostOptions cost() {
        return cost;
    }

    /** What the provenance calls it. */
    String name() {
        return keep != null ? "keep" : cost.isOfTime() ? "milliseconds" : "multiplyAdds";
    }

    /** What the provenance says of it: the share, or the limit. */
    Double value() {
        return keep != null ? keep : Double.valueOf(cost.value());
    }
}
