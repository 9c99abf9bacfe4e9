package org.mobilenetv3.export;

import java.nio.file.Path;
import org.mobilenetv3.trained.NetDescription;

/**
 * An export that was checked and put in place.
 *
 * @param file where it lies
 * @param format its format
 * @param version what a reader must support
 * @param bytes its size
 * @param description what it says of itself
 * @param difference how far its answers are from the package's
 */
public record ExportReport(
        Path file,
        String format,
        String version,
        long bytes,
        NetDescription description,
        Difference difference) {

    /**
     * The largest difference between logits that were computed in two ways.
     *
     * @param absolute between two logits
     * @param relative the same over the largest logit of its batch
     */
    public record Difference(double absolute, double relative) {

        /** No difference. */
        static final Difference NONE = new Difference(0, 0);

        /** Adds a batch; NaN in either makes the difference NaN. */
        Difference and(float[] expected, float[] actual) {
            double largest = 0;
            double apart = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                apart = Math.max(apart, Math.abs((double) expected[i] - actual[i]));
            }
            double share = apart == 0 ? 0 : apart / largest;
            return new Difference(Math.max(absolute, apart), Math.max(relative, share));
        }
    }
}
