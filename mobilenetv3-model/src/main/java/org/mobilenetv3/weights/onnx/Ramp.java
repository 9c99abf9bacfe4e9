package org.mobilenetv3.weights.onnx;

import java.util.Locale;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * The functions {@code clip(slope * x + offset, low, high)} and {@code x} times that. The exporters
 * write h-swish and h-sigmoid in many ways, all of which are steps from one such function to
 * another.
 *
 * @param slope above 0
 * @param offset any number
 * @param low lower bound, perhaps minus infinity
 * @param high upper bound, perhaps infinity
 * @param timesX whether {@code x} is multiplied by the clipped number
 */
record Ramp(double slope, double offset, double low, double high, boolean timesX) {

    /** The function that changes nothing. */
    static final Ramp IDENTITY =
            new Ramp(1, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);

    private static final double CLOSE = 1e-5;
    private static final double SIXTH = 1 / 6d;

    /** Null where the result is of another form. */
    Ramp plus(double constant) {
        return timesX
                ? null
                : new Ramp(slope, offset + constant, low + constant, high + constant, false);
    }

    /** Null where the result is of another form. */
    Ramp times(double constant) {
        return constant > 0 && constant < Double.POSITIVE_INFINITY
                ? new Ramp(
                        slope * constant,
                        offset * constant,
                        low * constant,
                        high * constant,
                        timesX)
                : null;
    }

    /** Null where the result is of another form. */
    Ramp clip(double from, double to) {
        return timesX || !(from <= to)
                ? null
                : new Ramp(slope, offset, clamp(low, from, to), clamp(high, from, to), false);
    }

    /** Null where the result is of another form. */
    Ramp multiplied() {
        return timesX ? null : new Ramp(slope, offset, low, high, true);
    }

    private static double clamp(double x, double from, double to) {
        return Math.max(from, Math.min(to, x));
    }

    /** The net's function that this is, whatever the slope of a gate; null if there is none. */
    Nonlinearity function() {
        if (offset == 0 && low == 0 && !timesX && close(slope, 1)) {
            return high == Double.POSITIVE_INFINITY
                    ? Nonlinearity.RELU
                    : close(high, 6) ? Nonlinearity.RELU6 : null;
        }
        boolean gate = close(offset, 0.5) && low == 0 && close(high, 1);
        if (gate && timesX) {
            return close(slope, SIXTH) ? Nonlinearity.HARD_SWISH : null;
        }
        return gate && slope > 0 ? Nonlinearity.HARD_SIGMOID : null;
    }

    /** How much steeper than the paper's a gate is: 1.2 with slope 0.2. */
    double steepness() {
        return close(slope, SIXTH) ? 1 : slope / SIXTH;
    }

    private static boolean close(double a, double b) {
        return Math.abs(a - b) <= CLOSE * Math.abs(b);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%sclip(%.4g x + %.4g, %.4g, %.4g)",
                timesX ? "x times " : "",
                slope,
                offset,
                low,
                high);
    }
}
