package org.mobilenetv3.export.int8;

/**
 * How the values of a tensor become unsigned bytes: {@code round(x / scale) + zero}, held to 0 to
 * 255.
 *
 * @param scale what one step is worth
 * @param zero the byte that stands for 0
 */
record QuantizedRange(float scale, int zero) {

    private static final int STEPS = 255;

    /**
     * Covers a range, widened to hold 0: padding and rectified values are 0 exactly.
     *
     * @param low smallest value
     * @param high largest value
     */
    static QuantizedRange of(float low, float high) {
        float from = Math.min(low, 0);
        float to = Math.max(high, 0);
        float scale = (float) (((double) to - from) / STEPS);
        if (scale < Float.MIN_NORMAL) { // nothing but zeros
            return new QuantizedRange(1, 0);
        }
        return new QuantizedRange(scale, Math.min(STEPS, Math.round(-from / scale)));
    }
}
