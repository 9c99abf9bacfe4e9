package org.mobilenetv3.train.data.augment;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014): a generator cheap enough to make one per image, written
 * out here so that a seed means the same on every JDK.
 */
public final class SplitMix {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** A generator that depends on every key, e.g. a seed, an epoch and an image's index. */
    public static SplitMix of(long... keys) {
        long state = 0;
        for (long key : keys) {
            state = mix(state + GAMMA + mix(key + GAMMA));
        }
        return new SplitMix(state);
    }

    public long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /**
     * Uniform in 0 to {@code bound - 1}; the bias of 2^-32 times the bound does not matter here.
     */
    public int nextInt(int bound) {
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    public double between(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /** Normal with mean 0 and deviation 1, by Marsaglia's polar method. */
    public double nextNormal() {
        double x;
        double square;
        do {
            x = between(-1, 1);
            double y = between(-1, 1);
            square = x * x + y * y;
        } while (square >= 1 || square == 0);
        return x * StrictMath.sqrt(-2 * StrictMath.log(square) / square);
    }

    /**
     * The logarithm of a Gamma variate of scale 1 (Marsaglia and Tsang, 2000); below a shape of 1
     * the variate itself would often be too small for a double.
     *
     * @param shape above 0
     */
    public double nextLogGamma(double shape) {
        if (shape < 1) {
            return nextLogGamma(shape + 1) + StrictMath.log(1 - nextDouble()) / shape;
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = nextNormal();
            double root = 1 + c * x;
            double v = root * root * root;
            double u = 1 - nextDouble();
            if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
                return StrictMath.log(d) + StrictMath.log(v);
            }
        }
    }

    /** Beta(alpha, alpha), in [0, 1]. */
    public double nextBeta(double alpha) {
        double a = nextLogGamma(alpha);
        double b = nextLogGamma(alpha);
        return 1 / (1 + StrictMath.exp(b - a));
    }

    public void shuffle(int[] values) {
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
