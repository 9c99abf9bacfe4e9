package org.mobilenetv3.train.latency;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneId;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * What times were measured with. All but Java's version and the date must be the same for a time to
 * hold.
 *
 * @param cpu model of the processor
 * @param cores that Java may use
 * @param runtime what ran the nets
 * @param version of the runtime
 * @param threads within one operation
 * @param batch images at a time
 * @param java version of Java
 * @param date of the first measurement
 */
public record Conditions(
        String cpu,
        int cores,
        NetRuntime runtime,
        String version,
        int threads,
        int batch,
        String java,
        String date) {

    /**
     * Returns those of this host.
     *
     * @param runtime what runs the nets
     * @param threads within one operation
     * @return for batches of one image
     * @throws IOException if the runtime cannot be loaded
     */
    public static Conditions here(NetRuntime runtime, int threads) throws IOException {
        return new Conditions(
                TorchRuntime.report().value("CPU").orElse("unknown"),
                Runtime.getRuntime().availableProcessors(),
                runtime,
                runtime.version(threads),
                threads,
                1,
                Runtime.version().toString(),
                LocalDate.now(ZoneId.systemDefault()).toString());
    }

    /** Whether the times of one hold for the other. */
    boolean agrees(Conditions other) {
        return toString().equals(other.toString());
    }

    /** For people: all that must be the same. */
    @Override
    public String toString() {
        return "%s with %s cores, %s %s, %s, batch %s"
                .formatted(
                        cpu,
                        cores,
                        runtime,
                        version,
                        threads == 1 ? "1 thread" : threads + " threads",
                        batch);
    }
}
