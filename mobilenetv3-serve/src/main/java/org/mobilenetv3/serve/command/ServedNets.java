package org.mobilenetv3.serve.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.cli.TimeBudget;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.serve.http.Degrade;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which of an elastic package's nets are served. */
final class ServedNets {

    private static final int USUAL_WAIT = 50;

    @Mixin private WeightsOption.SubnetOption subnet;
    @Mixin private TimeBudget budget;

    @Option(
            names = "--degrade",
            arity = "0..1",
            split = ",",
            paramLabel = "SUBNET",
            fallbackValue = "",
            description =
                    "Answer with cheaper nets of an elastic package while requests would wait too"
                            + " long: with all of its subnets, or those named here.")
    private List<String> names;

    @Option(
            names = "--degrade-ms",
            paramLabel = "MS",
            description =
                    "How long a request may wait before a cheaper net takes over (default: "
                            + USUAL_WAIT
                            + ").")
    private Integer milliseconds;

    private boolean isOne() {
        return budget.isGiven() || subnet.name() != null;
    }

    /**
     * Returns how the server steps down.
     *
     * @return empty if it is not to
     * @throws IllegalArgumentException in one sentence, if the options contradict each other
     */
    Optional<Degrade> degrade() {
        if (names == null) {
            if (milliseconds != null) {
                throw new IllegalArgumentException("--degrade-ms goes with --degrade; add it.");
            }
            return Optional.empty();
        }
        if (isOne()) {
            throw new IllegalArgumentException(
                    "--degrade begins with the largest net; leave out --subnet and --budget-ms.");
        }
        return Optional.of(
                new Degrade(
                        names.stream().filter(name -> !name.isEmpty()).toList(),
                        Duration.ofMillis(milliseconds == null ? USUAL_WAIT : milliseconds)));
    }

    /**
     * Refuses to choose a net of several models.
     *
     * @param models how many are served
     */
    void requireOne(int models) {
        if (models > 1 && isOne()) {
            throw new IllegalArgumentException(
                    "--subnet and --budget-ms are for one model; of several, give --weights PACKAGE/subnets/NAME.");
        }
    }

    /**
     * Chooses the net that is served, or the largest.
     *
     * @param path of a package
     * @param opener opens a net as the server does
     * @return the net's path
     * @throws IOException in one sentence, if a net cannot be used, or none is fast enough
     */
    Path choose(Path path, TimeBudget.Opener opener) throws IOException {
        return budget.choose(subnet.within(path), opener);
    }
}
