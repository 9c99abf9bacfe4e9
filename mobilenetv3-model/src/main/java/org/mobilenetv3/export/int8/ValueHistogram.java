package org.mobilenetv3.export.int8;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Counts values in bins of one width around 0. When a value lies outside, the bins double their
 * width, so that nothing need be known beforehand.
 */
final class ValueHistogram {

    /** Share of the values that may be cut off, half of it at each end. */
    private static final double CUT = 1e-4;

    /** Bins on each side of 0. */
    private static final int HALF = 2048;

    private final long[] bins = new long[2 * HALF];
    private float limit = 0x1p-40f;
    private float smallest = Float.POSITIVE_INFINITY;
    private float largest = Float.NEGATIVE_INFINITY;
    private long count;

    /**
     * Counts values.
     *
     * @throws IllegalArgumentException if one is no finite number
     */
    void add(FloatBuffer values) {
        int n = values.remaining();
        float[] numbers = new float[n];
        values.get(numbers);
        float low = smallest;
        float high = largest;
        for (float x : numbers) {
            if (!Float.isFinite(x)) {
                throw new IllegalArgumentException("a value is " + x);
            }
            low = Math.min(low, x);
            high = Math.max(high, x);
        }
        smallest = low;
        largest = high;
        count += n;
        while (Math.max(-low, high) >= limit) {
            widen();
        }
        float perBin = HALF / limit; // a power of two: the product is exact
        for (float x : numbers) {
            bins[HALF + (int) Math.floor(x * perBin)]++;
        }
    }

    private void widen() {
        long[] old = bins.clone();
        Arrays.fill(bins, 0);
        for (int i = 0; i < old.length; i++) {
            bins[HALF + Math.floorDiv(i - HALF, 2)] += old[i];
        }
        limit *= 2;
    }

    /** The value below which half of {@link #CUT} lie, to the width of a bin. */
    float low() {
        int bin = 0;
        for (long seen = bins[0]; seen <= tail(); seen += bins[bin]) {
            bin++;
        }
        return Math.max(smallest, (bin - HALF) * (limit / HALF));
    }

    /** The value above which half of {@link #CUT} lie, to the width of a bin. */
    float high() {
        int bin = bins.length - 1;
        for (long seen = bins[bin]; seen <= tail(); seen += bins[bin]) {
            bin--;
        }
        return Math.min(largest, (bin + 1 - HALF) * (limit / HALF));
    }

    private double tail() {
        return count * CUT / 2;
    }
}
