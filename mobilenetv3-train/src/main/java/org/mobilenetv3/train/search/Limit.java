package org.mobilenetv3.train.search;

import java.io.IOException;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.latency.LatencyTable;

/**
 * What the net that is searched may cost.
 *
 * @param unit what counts
 * @param value the most of it
 * @param height of the image that the cost is for
 * @param width of the image that the cost is for
 * @param stemStride that nets have for such an image, which may not be the one they learn with
 * @param latency where milliseconds are looked up; null for the other units
 * @param correction factor of its predictions, 1 for the other units
 */
public record Limit(
        Unit unit,
        double value,
        int height,
        int width,
        int stemStride,
        Latency.Place latency,
        double correction) {

    /** What counts. */
    public enum Unit {
        /** Multiply-adds for one image. */
        MULTIPLY_ADDS,
        /** Parameters that learn. */
        PARAMETERS,
        /** Milliseconds for one image on this host. */
        MILLISECONDS
    }

    /**
     * Opens what counts.
     *
     * @param progress told of measurements
     * @return the cost; close it after use
     * @throws IOException if the table of latencies cannot be used
     */
    public Cost cost(LatencyTable.Progress progress) throws IOException {
        Cost cost =
                switch (unit) {
                    case MULTIPLY_ADDS -> Cost.multiplyAdds(height, width);
                    case PARAMETERS -> Cost.parameters();
                    case MILLISECONDS -> Latency.open(latency, height, width, correction, progress);
                };
        return cost.withStemStride(stemStride);
    }
}
