package org.mobilenetv3.vector.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Functions, sums, scales and means of pixels, whose channels are whole vectors. Where a vector is
 * not a number, so is the result: comparisons and blends keep it, and a clamp of its bits is
 * multiplied with it.
 */
final class Elementwise {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> BITS = VectorSpecies.of(int.class, S.vectorShape());
    private static final int V = S.length();

    private static final int ONE = Float.floatToIntBits(1);

    private Elementwise() {}

    static void relu(float[] a, int base, int[] at, int from, int to, int width) {
        for (int p = from; p < to; p++) {
            int end = base + at[p] + width;
            for (int i = base + at[p]; i < end; i += V) {
                FloatVector x = FloatVector.fromArray(S, a, i);
                x.blend(0, x.compare(VectorOperators.LT, 0)).intoArray(a, i);
            }
        }
    }

    static void relu6(float[] a, int base, int[] at, int from, int to, int width) {
        for (int p = from; p < to; p++) {
            int end = base + at[p] + width;
            for (int i = base + at[p]; i < end; i += V) {
                FloatVector x = FloatVector.fromArray(S, a, i);
                FloatVector y = x.blend(0, x.compare(VectorOperators.LT, 0));
                y.blend(6, y.compare(VectorOperators.GT, 6)).intoArray(a, i);
            }
        }
    }

    /** Positive numbers are in the order of their bits as integers, and negative ones below. */
    static void hardSwish(float[] a, int base, int[] at, int from, int to, int width) {
        FloatVector sixth = FloatVector.broadcast(S, 1f / 6f);
        FloatVector half = FloatVector.broadcast(S, 0.5f);
        IntVector zero = IntVector.broadcast(BITS, 0);
        IntVector one = IntVector.broadcast(BITS, ONE);
        for (int p = from; p < to; p++) {
            int end = base + at[p] + width;
            for (int i = base + at[p]; i < end; i += V) {
                FloatVector x = FloatVector.fromArray(S, a, i);
                x.mul(
                                x.fma(sixth, half)
                                        .reinterpretAsInts()
                                        .lanewise(VectorOperators.MAX, zero)
                                        .lanewise(VectorOperators.MIN, one)
                                        .reinterpretAsFloats())
                        .intoArray(a, i);
            }
        }
    }

    static void add(float[] a, int base, int other, int[] at, int from, int to, int width) {
        for (int p = from; p < to; p++) {
            int i = base + at[p];
            int j = other + at[p];
            for (int c = 0; c < width; c += V) {
                FloatVector.fromArray(S, a, i + c)
                        .add(FloatVector.fromArray(S, a, j + c))
                        .intoArray(a, i + c);
            }
        }
    }

    /** One vector of channels after the other, so that its number stays in a register. */
    static void scale(float[] a, int in, int gate, int out, int stride, int pixels, int width) {
        for (int c = 0; c < width; c += V) {
            FloatVector g = FloatVector.fromArray(S, a, gate + c);
            int i = in + c;
            int o = out + c;
            for (int p = 0; p < pixels; p++, i += stride, o += stride) {
                FloatVector.fromArray(S, a, i).mul(g).intoArray(a, o);
            }
        }
    }

    static void mean(float[] a, int in, int stride, int pixels, int out, int width) {
        for (int c = 0; c < width; c += V) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            int i = in + c;
            int p = 0;
            for (; p + 4 <= pixels; p += 4, i += 4 * stride) {
                s0 = s0.add(FloatVector.fromArray(S, a, i));
                s1 = s1.add(FloatVector.fromArray(S, a, i + stride));
                s2 = s2.add(FloatVector.fromArray(S, a, i + 2 * stride));
                s3 = s3.add(FloatVector.fromArray(S, a, i + 3 * stride));
            }
            for (; p < pixels; p++, i += stride) {
                s0 = s0.add(FloatVector.fromArray(S, a, i));
            }
            s0.add(s1).add(s2.add(s3)).div(pixels).intoArray(a, out + c);
        }
    }
}
