package org.mobilenetv3.train.data;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014): a generator cheap enough to make one per image, written
 * out here so that a seed means the same on every JDK.
 */
final class SplitMix {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** A generator that depends on every key, e.g. a seed, an epoch and an image's index. */
    static SplitMix of(long... keys) {
        long state = 0;
        for (long key : keys) {
            state = mix(state + GAMMA + mix(key + GAMMA));
        }
        return new SplitMix(state);
    }

    long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /**
     * Uniform in 0 to {@code bound - 1}; the bias of 2^-32 times the bound does not matter here.
     */
    int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** Uniform in [0, 1). */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    double between(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swap = values[i];
            values[i] = values[j];
            values[j] = swap;
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
