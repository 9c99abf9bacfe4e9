package org.mobilenetv3.vector.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Depthwise filters over one vector of channels of a padded image, taps written out along a row.
 * The last steps of the loops overlap those before, and compute the same numbers again. Small
 * images are filtered by methods without loops: where the loops around a loop over a filter's rows
 * run but once, JDK 17 makes objects of the sums.
 */
final class Filters {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    private Filters() {}

    /** One that is written out. */
    @FunctionalInterface
    interface Filter {
        void run(
                float[] a,
                int in,
                int inRow,
                int pixel,
                float[] w,
                int at,
                int bias,
                int out,
                int outRow,
                int outPixel,
                int rows,
                int columns);
    }

    /** 3×3 taps, stride 1: four pixels of a row. At least 4 columns. */
    static void four3x3Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 4) {
                int x = Math.min(next, columns - 4);
                int i = in + y * inRow + x * pixel;
                four3x3Stride1(
                        a, i, inRow, pixel, w, at, bias, out + y * outRow + x * outPixel, outPixel);
            }
        }
    }

    private static void four3x3Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outPixel) {
        FloatVector c0 = FloatVector.fromArray(S, w, bias);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        int i = in;
        int k = at;
        FloatVector w0 = FloatVector.fromArray(S, w, k);
        FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
        FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        FloatVector v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c3 = v.fma(w2, c3);
        k += 3 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c3 = v.fma(w2, c3);
        k += 3 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c3 = v.fma(w2, c3);
        c0.intoArray(a, out);
        c1.intoArray(a, out + outPixel);
        c2.intoArray(a, out + 2 * outPixel);
        c3.intoArray(a, out + 3 * outPixel);
    }

    /** 3×3 taps, stride 2: four pixels of a row. At least 4 columns. */
    static void four3x3Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 4) {
                int x = Math.min(next, columns - 4);
                int i = in + 2 * y * inRow + 2 * x * pixel;
                four3x3Stride2(
                        a, i, inRow, pixel, w, at, bias, out + y * outRow + x * outPixel, outPixel);
            }
        }
    }

    private static void four3x3Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outPixel) {
        FloatVector c0 = FloatVector.fromArray(S, w, bias);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        int i = in;
        int k = at;
        FloatVector w0 = FloatVector.fromArray(S, w, k);
        FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
        FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        FloatVector v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c3 = v.fma(w2, c3);
        k += 3 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c3 = v.fma(w2, c3);
        k += 3 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c3 = v.fma(w2, c3);
        c0.intoArray(a, out);
        c1.intoArray(a, out + outPixel);
        c2.intoArray(a, out + 2 * outPixel);
        c3.intoArray(a, out + 3 * outPixel);
    }

    /** 5×5 taps, stride 1: four pixels of a row. At least 4 columns. */
    static void four5x5Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 4) {
                int x = Math.min(next, columns - 4);
                int i = in + y * inRow + x * pixel;
                four5x5Stride1(
                        a, i, inRow, pixel, w, at, bias, out + y * outRow + x * outPixel, outPixel);
            }
        }
    }

    private static void four5x5Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outPixel) {
        FloatVector c0 = FloatVector.fromArray(S, w, bias);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        int i = in;
        int k = at;
        FloatVector w0 = FloatVector.fromArray(S, w, k);
        FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
        FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        FloatVector w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        FloatVector w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        FloatVector v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w1, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w1, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c3 = v.fma(w4, c3);
        c0.intoArray(a, out);
        c1.intoArray(a, out + outPixel);
        c2.intoArray(a, out + 2 * outPixel);
        c3.intoArray(a, out + 3 * outPixel);
    }

    /** 5×5 taps, stride 2: four pixels of a row. At least 4 columns. */
    static void four5x5Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 4) {
                int x = Math.min(next, columns - 4);
                int i = in + 2 * y * inRow + 2 * x * pixel;
                four5x5Stride2(
                        a, i, inRow, pixel, w, at, bias, out + y * outRow + x * outPixel, outPixel);
            }
        }
    }

    private static void four5x5Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outPixel) {
        FloatVector c0 = FloatVector.fromArray(S, w, bias);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        int i = in;
        int k = at;
        FloatVector w0 = FloatVector.fromArray(S, w, k);
        FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
        FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        FloatVector w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        FloatVector w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        FloatVector v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 9 * pixel);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 10 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 9 * pixel);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 10 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 9 * pixel);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 10 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 9 * pixel);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 10 * pixel);
        c3 = v.fma(w4, c3);
        k += 5 * pixel;
        i += inRow;
        w0 = FloatVector.fromArray(S, w, k);
        w1 = FloatVector.fromArray(S, w, k + pixel);
        w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
        w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
        w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
        v = FloatVector.fromArray(S, a, i);
        c0 = v.fma(w0, c0);
        v = FloatVector.fromArray(S, a, i + pixel);
        c0 = v.fma(w1, c0);
        v = FloatVector.fromArray(S, a, i + 2 * pixel);
        c0 = v.fma(w2, c0);
        c1 = v.fma(w0, c1);
        v = FloatVector.fromArray(S, a, i + 3 * pixel);
        c0 = v.fma(w3, c0);
        c1 = v.fma(w1, c1);
        v = FloatVector.fromArray(S, a, i + 4 * pixel);
        c0 = v.fma(w4, c0);
        c1 = v.fma(w2, c1);
        c2 = v.fma(w0, c2);
        v = FloatVector.fromArray(S, a, i + 5 * pixel);
        c1 = v.fma(w3, c1);
        c2 = v.fma(w1, c2);
        v = FloatVector.fromArray(S, a, i + 6 * pixel);
        c1 = v.fma(w4, c1);
        c2 = v.fma(w2, c2);
        c3 = v.fma(w0, c3);
        v = FloatVector.fromArray(S, a, i + 7 * pixel);
        c2 = v.fma(w3, c2);
        c3 = v.fma(w1, c3);
        v = FloatVector.fromArray(S, a, i + 8 * pixel);
        c2 = v.fma(w4, c2);
        c3 = v.fma(w2, c3);
        v = FloatVector.fromArray(S, a, i + 9 * pixel);
        c3 = v.fma(w3, c3);
        v = FloatVector.fromArray(S, a, i + 10 * pixel);
        c3 = v.fma(w4, c3);
        c0.intoArray(a, out);
        c1.intoArray(a, out + outPixel);
        c2.intoArray(a, out + 2 * outPixel);
        c3.intoArray(a, out + 3 * outPixel);
    }

    /** 3×3 taps, stride 1: seven pixels of a row in registers. At least 7 columns. */
    static void seven3x3Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 7) {
                int x = Math.min(next, columns - 7);
                FloatVector c0 = b;
                FloatVector c1 = b;
                FloatVector c2 = b;
                FloatVector c3 = b;
                FloatVector c4 = b;
                FloatVector c5 = b;
                FloatVector c6 = b;
                int i = in + y * inRow + x * pixel;
                for (int ky = 0, k = at; ky < 3; ky++, k += 3 * pixel, i += inRow) {
                    FloatVector w0 = FloatVector.fromArray(S, w, k);
                    FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
                    FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
                    FloatVector v = FloatVector.fromArray(S, a, i);
                    c0 = v.fma(w0, c0);
                    v = FloatVector.fromArray(S, a, i + pixel);
                    c0 = v.fma(w1, c0);
                    c1 = v.fma(w0, c1);
                    v = FloatVector.fromArray(S, a, i + 2 * pixel);
                    c0 = v.fma(w2, c0);
                    c1 = v.fma(w1, c1);
                    c2 = v.fma(w0, c2);
                    v = FloatVector.fromArray(S, a, i + 3 * pixel);
                    c1 = v.fma(w2, c1);
                    c2 = v.fma(w1, c2);
                    c3 = v.fma(w0, c3);
                    v = FloatVector.fromArray(S, a, i + 4 * pixel);
                    c2 = v.fma(w2, c2);
                    c3 = v.fma(w1, c3);
                    c4 = v.fma(w0, c4);
                    v = FloatVector.fromArray(S, a, i + 5 * pixel);
                    c3 = v.fma(w2, c3);
                    c4 = v.fma(w1, c4);
                    c5 = v.fma(w0, c5);
                    v = FloatVector.fromArray(S, a, i + 6 * pixel);
                    c4 = v.fma(w2, c4);
                    c5 = v.fma(w1, c5);
                    c6 = v.fma(w0, c6);
                    v = FloatVector.fromArray(S, a, i + 7 * pixel);
                    c5 = v.fma(w2, c5);
                    c6 = v.fma(w1, c6);
                    v = FloatVector.fromArray(S, a, i + 8 * pixel);
                    c6 = v.fma(w2, c6);
                }
                int o = out + y * outRow + x * outPixel;
                c0.intoArray(a, o);
                c1.intoArray(a, o + outPixel);
                c2.intoArray(a, o + 2 * outPixel);
                c3.intoArray(a, o + 3 * outPixel);
                c4.intoArray(a, o + 4 * outPixel);
                c5.intoArray(a, o + 5 * outPixel);
                c6.intoArray(a, o + 6 * outPixel);
            }
        }
    }

    /** 3×3 taps, stride 2: seven pixels of a row in registers. At least 7 columns. */
    static void seven3x3Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 7) {
                int x = Math.min(next, columns - 7);
                FloatVector c0 = b;
                FloatVector c1 = b;
                FloatVector c2 = b;
                FloatVector c3 = b;
                FloatVector c4 = b;
                FloatVector c5 = b;
                FloatVector c6 = b;
                int i = in + 2 * y * inRow + 2 * x * pixel;
                for (int ky = 0, k = at; ky < 3; ky++, k += 3 * pixel, i += inRow) {
                    FloatVector w0 = FloatVector.fromArray(S, w, k);
                    FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
                    FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
                    FloatVector v = FloatVector.fromArray(S, a, i);
                    c0 = v.fma(w0, c0);
                    v = FloatVector.fromArray(S, a, i + pixel);
                    c0 = v.fma(w1, c0);
                    v = FloatVector.fromArray(S, a, i + 2 * pixel);
                    c0 = v.fma(w2, c0);
                    c1 = v.fma(w0, c1);
                    v = FloatVector.fromArray(S, a, i + 3 * pixel);
                    c1 = v.fma(w1, c1);
                    v = FloatVector.fromArray(S, a, i + 4 * pixel);
                    c1 = v.fma(w2, c1);
                    c2 = v.fma(w0, c2);
                    v = FloatVector.fromArray(S, a, i + 5 * pixel);
                    c2 = v.fma(w1, c2);
                    v = FloatVector.fromArray(S, a, i + 6 * pixel);
                    c2 = v.fma(w2, c2);
                    c3 = v.fma(w0, c3);
                    v = FloatVector.fromArray(S, a, i + 7 * pixel);
                    c3 = v.fma(w1, c3);
                    v = FloatVector.fromArray(S, a, i + 8 * pixel);
                    c3 = v.fma(w2, c3);
                    c4 = v.fma(w0, c4);
                    v = FloatVector.fromArray(S, a, i + 9 * pixel);
                    c4 = v.fma(w1, c4);
                    v = FloatVector.fromArray(S, a, i + 10 * pixel);
                    c4 = v.fma(w2, c4);
                    c5 = v.fma(w0, c5);
                    v = FloatVector.fromArray(S, a, i + 11 * pixel);
                    c5 = v.fma(w1, c5);
                    v = FloatVector.fromArray(S, a, i + 12 * pixel);
                    c5 = v.fma(w2, c5);
                    c6 = v.fma(w0, c6);
                    v = FloatVector.fromArray(S, a, i + 13 * pixel);
                    c6 = v.fma(w1, c6);
                    v = FloatVector.fromArray(S, a, i + 14 * pixel);
                    c6 = v.fma(w2, c6);
                }
                int o = out + y * outRow + x * outPixel;
                c0.intoArray(a, o);
                c1.intoArray(a, o + outPixel);
                c2.intoArray(a, o + 2 * outPixel);
                c3.intoArray(a, o + 3 * outPixel);
                c4.intoArray(a, o + 4 * outPixel);
                c5.intoArray(a, o + 5 * outPixel);
                c6.intoArray(a, o + 6 * outPixel);
            }
        }
    }

    /** 5×5 taps, stride 1: seven pixels of a row in registers. At least 7 columns. */
    static void seven5x5Stride1(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 7) {
                int x = Math.min(next, columns - 7);
                FloatVector c0 = b;
                FloatVector c1 = b;
                FloatVector c2 = b;
                FloatVector c3 = b;
                FloatVector c4 = b;
                FloatVector c5 = b;
                FloatVector c6 = b;
                int i = in + y * inRow + x * pixel;
                for (int ky = 0, k = at; ky < 5; ky++, k += 5 * pixel, i += inRow) {
                    FloatVector w0 = FloatVector.fromArray(S, w, k);
                    FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
                    FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
                    FloatVector w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
                    FloatVector w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
                    FloatVector v = FloatVector.fromArray(S, a, i);
                    c0 = v.fma(w0, c0);
                    v = FloatVector.fromArray(S, a, i + pixel);
                    c0 = v.fma(w1, c0);
                    c1 = v.fma(w0, c1);
                    v = FloatVector.fromArray(S, a, i + 2 * pixel);
                    c0 = v.fma(w2, c0);
                    c1 = v.fma(w1, c1);
                    c2 = v.fma(w0, c2);
                    v = FloatVector.fromArray(S, a, i + 3 * pixel);
                    c0 = v.fma(w3, c0);
                    c1 = v.fma(w2, c1);
                    c2 = v.fma(w1, c2);
                    c3 = v.fma(w0, c3);
                    v = FloatVector.fromArray(S, a, i + 4 * pixel);
                    c0 = v.fma(w4, c0);
                    c1 = v.fma(w3, c1);
                    c2 = v.fma(w2, c2);
                    c3 = v.fma(w1, c3);
                    c4 = v.fma(w0, c4);
                    v = FloatVector.fromArray(S, a, i + 5 * pixel);
                    c1 = v.fma(w4, c1);
                    c2 = v.fma(w3, c2);
                    c3 = v.fma(w2, c3);
                    c4 = v.fma(w1, c4);
                    c5 = v.fma(w0, c5);
                    v = FloatVector.fromArray(S, a, i + 6 * pixel);
                    c2 = v.fma(w4, c2);
                    c3 = v.fma(w3, c3);
                    c4 = v.fma(w2, c4);
                    c5 = v.fma(w1, c5);
                    c6 = v.fma(w0, c6);
                    v = FloatVector.fromArray(S, a, i + 7 * pixel);
                    c3 = v.fma(w4, c3);
                    c4 = v.fma(w3, c4);
                    c5 = v.fma(w2, c5);
                    c6 = v.fma(w1, c6);
                    v = FloatVector.fromArray(S, a, i + 8 * pixel);
                    c4 = v.fma(w4, c4);
                    c5 = v.fma(w3, c5);
                    c6 = v.fma(w2, c6);
                    v = FloatVector.fromArray(S, a, i + 9 * pixel);
                    c5 = v.fma(w4, c5);
                    c6 = v.fma(w3, c6);
                    v = FloatVector.fromArray(S, a, i + 10 * pixel);
                    c6 = v.fma(w4, c6);
                }
                int o = out + y * outRow + x * outPixel;
                c0.intoArray(a, o);
                c1.intoArray(a, o + outPixel);
                c2.intoArray(a, o + 2 * outPixel);
                c3.intoArray(a, o + 3 * outPixel);
                c4.intoArray(a, o + 4 * outPixel);
                c5.intoArray(a, o + 5 * outPixel);
                c6.intoArray(a, o + 6 * outPixel);
            }
        }
    }

    /** 5×5 taps, stride 2: seven pixels of a row in registers. At least 7 columns. */
    static void seven5x5Stride2(
            float[] a,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 7) {
                int x = Math.min(next, columns - 7);
                FloatVector c0 = b;
                FloatVector c1 = b;
                FloatVector c2 = b;
                FloatVector c3 = b;
                FloatVector c4 = b;
                FloatVector c5 = b;
                FloatVector c6 = b;
                int i = in + 2 * y * inRow + 2 * x * pixel;
                for (int ky = 0, k = at; ky < 5; ky++, k += 5 * pixel, i += inRow) {
                    FloatVector w0 = FloatVector.fromArray(S, w, k);
                    FloatVector w1 = FloatVector.fromArray(S, w, k + pixel);
                    FloatVector w2 = FloatVector.fromArray(S, w, k + 2 * pixel);
                    FloatVector w3 = FloatVector.fromArray(S, w, k + 3 * pixel);
                    FloatVector w4 = FloatVector.fromArray(S, w, k + 4 * pixel);
                    FloatVector v = FloatVector.fromArray(S, a, i);
                    c0 = v.fma(w0, c0);
                    v = FloatVector.fromArray(S, a, i + pixel);
                    c0 = v.fma(w1, c0);
                    v = FloatVector.fromArray(S, a, i + 2 * pixel);
                    c0 = v.fma(w2, c0);
                    c1 = v.fma(w0, c1);
                    v = FloatVector.fromArray(S, a, i + 3 * pixel);
                    c0 = v.fma(w3, c0);
                    c1 = v.fma(w1, c1);
                    v = FloatVector.fromArray(S, a, i + 4 * pixel);
                    c0 = v.fma(w4, c0);
                    c1 = v.fma(w2, c1);
                    c2 = v.fma(w0, c2);
                    v = FloatVector.fromArray(S, a, i + 5 * pixel);
                    c1 = v.fma(w3, c1);
                    c2 = v.fma(w1, c2);
                    v = FloatVector.fromArray(S, a, i + 6 * pixel);
                    c1 = v.fma(w4, c1);
                    c2 = v.fma(w2, c2);
                    c3 = v.fma(w0, c3);
                    v = FloatVector.fromArray(S, a, i + 7 * pixel);
                    c2 = v.fma(w3, c2);
                    c3 = v.fma(w1, c3);
                    v = FloatVector.fromArray(S, a, i + 8 * pixel);
                    c2 = v.fma(w4, c2);
                    c3 = v.fma(w2, c3);
                    c4 = v.fma(w0, c4);
                    v = FloatVector.fromArray(S, a, i + 9 * pixel);
                    c3 = v.fma(w3, c3);
                    c4 = v.fma(w1, c4);
                    v = FloatVector.fromArray(S, a, i + 10 * pixel);
                    c3 = v.fma(w4, c3);
                    c4 = v.fma(w2, c4);
                    c5 = v.fma(w0, c5);
                    v = FloatVector.fromArray(S, a, i + 11 * pixel);
                    c4 = v.fma(w3, c4);
                    c5 = v.fma(w1, c5);
                    v = FloatVector.fromArray(S, a, i + 12 * pixel);
                    c4 = v.fma(w4, c4);
                    c5 = v.fma(w2, c5);
                    c6 = v.fma(w0, c6);
                    v = FloatVector.fromArray(S, a, i + 13 * pixel);
                    c5 = v.fma(w3, c5);
                    c6 = v.fma(w1, c6);
                    v = FloatVector.fromArray(S, a, i + 14 * pixel);
                    c5 = v.fma(w4, c5);
                    c6 = v.fma(w2, c6);
                    v = FloatVector.fromArray(S, a, i + 15 * pixel);
                    c6 = v.fma(w3, c6);
                    v = FloatVector.fromArray(S, a, i + 16 * pixel);
                    c6 = v.fma(w4, c6);
                }
                int o = out + y * outRow + x * outPixel;
                c0.intoArray(a, o);
                c1.intoArray(a, o + outPixel);
                c2.intoArray(a, o + 2 * outPixel);
                c3.intoArray(a, o + 3 * outPixel);
                c4.intoArray(a, o + 4 * outPixel);
                c5.intoArray(a, o + 5 * outPixel);
                c6.intoArray(a, o + 6 * outPixel);
            }
        }
    }

    /** Any window, one pixel after the other. */
    static void any(
            float[] a,
            Kernels.Window window,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        int taps = window.rows() * window.columns();
        int across = window.columns();
        int tapRow = window.dilationRows() * inRow;
        int tap = window.dilationColumns() * pixel;
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                int i = in + y * window.strideRows() * inRow + x * window.strideColumns() * pixel;
                int o = out + y * outRow + x * outPixel;
                anyPixel(a, i, taps, across, tapRow, tap, w, pixel, at, bias, o);
            }
        }
    }

    private static void anyPixel(
            float[] a,
            int in,
            int taps,
            int across,
            int tapRow,
            int tap,
            float[] w,
            int pixel,
            int at,
            int bias,
            int out) {
        FloatVector c = FloatVector.fromArray(S, w, bias);
        for (int t = 0, k = at; t < taps; t++, k += pixel) {
            int i = in + t / across * tapRow + t % across * tap;
            c = FloatVector.fromArray(S, a, i).fma(FloatVector.fromArray(S, w, k), c);
        }
        c.intoArray(a, out);
    }

    /** Any window, four pixels of a row at once. At least 4 columns. */
    static void any4(
            float[] a,
            Kernels.Window window,
            int in,
            int inRow,
            int pixel,
            float[] w,
            int at,
            int bias,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        int taps = window.rows() * window.columns();
        int across = window.columns();
        int tapRow = window.dilationRows() * inRow;
        int tap = window.dilationColumns() * pixel;
        int step = window.strideColumns() * pixel;
        for (int y = 0; y < rows; y++) {
            for (int next = 0; next < columns; next += 4) {
                int x = Math.min(next, columns - 4);
                int i = in + y * window.strideRows() * inRow + x * step;
                int o = out + y * outRow + x * outPixel;
                any4Pixels(a, i, step, taps, across, tapRow, tap, w, pixel, at, bias, o, outPixel);
            }
        }
    }

    private static void any4Pixels(
            float[] a,
            int in,
            int step,
            int taps,
            int across,
            int tapRow,
            int tap,
            float[] w,
            int pixel,
            int at,
            int bias,
            int out,
            int outPixel) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        FloatVector c0 = b;
        FloatVector c1 = b;
        FloatVector c2 = b;
        FloatVector c3 = b;
        for (int t = 0, k = at; t < taps; t++, k += pixel) {
            int i = in + t / across * tapRow + t % across * tap;
            FloatVector f = FloatVector.fromArray(S, w, k);
            c0 = FloatVector.fromArray(S, a, i).fma(f, c0);
            c1 = FloatVector.fromArray(S, a, i + step).fma(f, c1);
            c2 = FloatVector.fromArray(S, a, i + 2 * step).fma(f, c2);
            c3 = FloatVector.fromArray(S, a, i + 3 * step).fma(f, c3);
        }
        c0.intoArray(a, out);
        c1.intoArray(a, out + outPixel);
        c2.intoArray(a, out + 2 * outPixel);
        c3.intoArray(a, out + 3 * outPixel);
    }
}
