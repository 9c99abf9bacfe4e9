package org.mobilenetv3.vector.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of pixels with a block of a matrix, written out: vectors stay in registers only in
 * straight code within one method. The last step of a loop overlaps the one before, and computes
 * the same numbers again.
 */
final class Products {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int V = S.length();

    /** Blocks that {@link #pixel1x8} computes. */
    static final int ABREAST = 4;

    private Products() {}

    /** 7 pixels by 2 vectors in registers. */
    static void pixels7x2(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            float[] w,
            int at,
            int inputs,
            int bias,
            int out,
            int[] places) {
        FloatVector b0 = FloatVector.fromArray(S, w, bias);
        FloatVector b1 = FloatVector.fromArray(S, w, bias + V);
        for (int next = from; next < to; next += 7) {
            int p = Math.min(next, to - 7);
            int i0 = in + p * stride;
            int i1 = in + (p + 1) * stride;
            int i2 = in + (p + 2) * stride;
            int i3 = in + (p + 3) * stride;
            int i4 = in + (p + 4) * stride;
            int i5 = in + (p + 5) * stride;
            int i6 = in + (p + 6) * stride;
            FloatVector c00 = b0;
            FloatVector c01 = b1;
            FloatVector c10 = b0;
            FloatVector c11 = b1;
            FloatVector c20 = b0;
            FloatVector c21 = b1;
            FloatVector c30 = b0;
            FloatVector c31 = b1;
            FloatVector c40 = b0;
            FloatVector c41 = b1;
            FloatVector c50 = b0;
            FloatVector c51 = b1;
            FloatVector c60 = b0;
            FloatVector c61 = b1;
            for (int k = 0, i = at; k < inputs; k++, i += 2 * V) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector w1 = FloatVector.fromArray(S, w, i + V);
                FloatVector x = FloatVector.broadcast(S, a[i0 + k]);
                c00 = x.fma(w0, c00);
                c01 = x.fma(w1, c01);
                x = FloatVector.broadcast(S, a[i1 + k]);
                c10 = x.fma(w0, c10);
                c11 = x.fma(w1, c11);
                x = FloatVector.broadcast(S, a[i2 + k]);
                c20 = x.fma(w0, c20);
                c21 = x.fma(w1, c21);
                x = FloatVector.broadcast(S, a[i3 + k]);
                c30 = x.fma(w0, c30);
                c31 = x.fma(w1, c31);
                x = FloatVector.broadcast(S, a[i4 + k]);
                c40 = x.fma(w0, c40);
                c41 = x.fma(w1, c41);
                x = FloatVector.broadcast(S, a[i5 + k]);
                c50 = x.fma(w0, c50);
                c51 = x.fma(w1, c51);
                x = FloatVector.broadcast(S, a[i6 + k]);
                c60 = x.fma(w0, c60);
                c61 = x.fma(w1, c61);
            }
            int o = out + places[p];
            c00.intoArray(a, o);
            c01.intoArray(a, o + V);
            o = out + places[p + 1];
            c10.intoArray(a, o);
            c11.intoArray(a, o + V);
            o = out + places[p + 2];
            c20.intoArray(a, o);
            c21.intoArray(a, o + V);
            o = out + places[p + 3];
            c30.intoArray(a, o);
            c31.intoArray(a, o + V);
            o = out + places[p + 4];
            c40.intoArray(a, o);
            c41.intoArray(a, o + V);
            o = out + places[p + 5];
            c50.intoArray(a, o);
            c51.intoArray(a, o + V);
            o = out + places[p + 6];
            c60.intoArray(a, o);
            c61.intoArray(a, o + V);
        }
    }

    /** 5 pixels by 2 vectors in registers. */
    static void pixels5x2(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            float[] w,
            int at,
            int inputs,
            int bias,
            int out,
            int[] places) {
        FloatVector b0 = FloatVector.fromArray(S, w, bias);
        FloatVector b1 = FloatVector.fromArray(S, w, bias + V);
        for (int next = from; next < to; next += 5) {
            int p = Math.min(next, to - 5);
            int i0 = in + p * stride;
            int i1 = in + (p + 1) * stride;
            int i2 = in + (p + 2) * stride;
            int i3 = in + (p + 3) * stride;
            int i4 = in + (p + 4) * stride;
            FloatVector c00 = b0;
            FloatVector c01 = b1;
            FloatVector c10 = b0;
            FloatVector c11 = b1;
            FloatVector c20 = b0;
            FloatVector c21 = b1;
            FloatVector c30 = b0;
            FloatVector c31 = b1;
            FloatVector c40 = b0;
            FloatVector c41 = b1;
            for (int k = 0, i = at; k < inputs; k++, i += 2 * V) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector w1 = FloatVector.fromArray(S, w, i + V);
                FloatVector x = FloatVector.broadcast(S, a[i0 + k]);
                c00 = x.fma(w0, c00);
                c01 = x.fma(w1, c01);
                x = FloatVector.broadcast(S, a[i1 + k]);
                c10 = x.fma(w0, c10);
                c11 = x.fma(w1, c11);
                x = FloatVector.broadcast(S, a[i2 + k]);
                c20 = x.fma(w0, c20);
                c21 = x.fma(w1, c21);
                x = FloatVector.broadcast(S, a[i3 + k]);
                c30 = x.fma(w0, c30);
                c31 = x.fma(w1, c31);
                x = FloatVector.broadcast(S, a[i4 + k]);
                c40 = x.fma(w0, c40);
                c41 = x.fma(w1, c41);
            }
            int o = out + places[p];
            c00.intoArray(a, o);
            c01.intoArray(a, o + V);
            o = out + places[p + 1];
            c10.intoArray(a, o);
            c11.intoArray(a, o + V);
            o = out + places[p + 2];
            c20.intoArray(a, o);
            c21.intoArray(a, o + V);
            o = out + places[p + 3];
            c30.intoArray(a, o);
            c31.intoArray(a, o + V);
            o = out + places[p + 4];
            c40.intoArray(a, o);
            c41.intoArray(a, o + V);
        }
    }

    /** 7 pixels by 1 vector in registers. */
    static void pixels7x1(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            float[] w,
            int at,
            int inputs,
            int bias,
            int out,
            int[] places) {
        FloatVector b0 = FloatVector.fromArray(S, w, bias);
        for (int next = from; next < to; next += 7) {
            int p = Math.min(next, to - 7);
            int i0 = in + p * stride;
            int i1 = in + (p + 1) * stride;
            int i2 = in + (p + 2) * stride;
            int i3 = in + (p + 3) * stride;
            int i4 = in + (p + 4) * stride;
            int i5 = in + (p + 5) * stride;
            int i6 = in + (p + 6) * stride;
            FloatVector c00 = b0;
            FloatVector c10 = b0;
            FloatVector c20 = b0;
            FloatVector c30 = b0;
            FloatVector c40 = b0;
            FloatVector c50 = b0;
            FloatVector c60 = b0;
            for (int k = 0, i = at; k < inputs; k++, i += V) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector x = FloatVector.broadcast(S, a[i0 + k]);
                c00 = x.fma(w0, c00);
                x = FloatVector.broadcast(S, a[i1 + k]);
                c10 = x.fma(w0, c10);
                x = FloatVector.broadcast(S, a[i2 + k]);
                c20 = x.fma(w0, c20);
                x = FloatVector.broadcast(S, a[i3 + k]);
                c30 = x.fma(w0, c30);
                x = FloatVector.broadcast(S, a[i4 + k]);
                c40 = x.fma(w0, c40);
                x = FloatVector.broadcast(S, a[i5 + k]);
                c50 = x.fma(w0, c50);
                x = FloatVector.broadcast(S, a[i6 + k]);
                c60 = x.fma(w0, c60);
            }
            int o = out + places[p];
            c00.intoArray(a, o);
            o = out + places[p + 1];
            c10.intoArray(a, o);
            o = out + places[p + 2];
            c20.intoArray(a, o);
            o = out + places[p + 3];
            c30.intoArray(a, o);
            o = out + places[p + 4];
            c40.intoArray(a, o);
            o = out + places[p + 5];
            c50.intoArray(a, o);
            o = out + places[p + 6];
            c60.intoArray(a, o);
        }
    }

    /** 1 pixels by 2 vectors in registers. */
    static void pixels1x2(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            float[] w,
            int at,
            int inputs,
            int bias,
            int out,
            int[] places) {
        FloatVector b0 = FloatVector.fromArray(S, w, bias);
        FloatVector b1 = FloatVector.fromArray(S, w, bias + V);
        for (int next = from; next < to; next += 1) {
            int p = next;
            int i0 = in + p * stride;
            FloatVector c00 = b0;
            FloatVector c01 = b1;
            for (int k = 0, i = at; k < inputs; k++, i += 2 * V) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector w1 = FloatVector.fromArray(S, w, i + V);
                FloatVector x = FloatVector.broadcast(S, a[i0 + k]);
                c00 = x.fma(w0, c00);
                c01 = x.fma(w1, c01);
            }
            int o = out + places[p];
            c00.intoArray(a, o);
            c01.intoArray(a, o + V);
        }
    }

    /** 1 pixels by 1 vector in registers. */
    static void pixels1x1(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            float[] w,
            int at,
            int inputs,
            int bias,
            int out,
            int[] places) {
        FloatVector b0 = FloatVector.fromArray(S, w, bias);
        for (int next = from; next < to; next += 1) {
            int p = next;
            int i0 = in + p * stride;
            FloatVector c00 = b0;
            for (int k = 0, i = at; k < inputs; k++, i += V) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector x = FloatVector.broadcast(S, a[i0 + k]);
                c00 = x.fma(w0, c00);
            }
            int o = out + places[p];
            c00.intoArray(a, o);
        }
    }

    /**
     * 7 windows by one vector; each input has a place of its own, and its weights begin {@code
     * step} behind those of the one before.
     */
    static void windows7x1(
            float[] a,
            int in,
            int stride,
            int[] inputs,
            int windows,
            float[] w,
            int at,
            int step,
            int bias,
            int out,
            int[] places) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int next = 0; next < windows; next += 7) {
            int p = Math.min(next, windows - 7);
            int first = in + p * stride;
            FloatVector c0 = b;
            FloatVector c1 = b;
            FloatVector c2 = b;
            FloatVector c3 = b;
            FloatVector c4 = b;
            FloatVector c5 = b;
            FloatVector c6 = b;
            for (int k = 0, i = at; k < inputs.length; k++, i += step) {
                FloatVector f = FloatVector.fromArray(S, w, i);
                int j = first + inputs[k];
                c0 = FloatVector.broadcast(S, a[j]).fma(f, c0);
                c1 = FloatVector.broadcast(S, a[j + stride]).fma(f, c1);
                c2 = FloatVector.broadcast(S, a[j + 2 * stride]).fma(f, c2);
                c3 = FloatVector.broadcast(S, a[j + 3 * stride]).fma(f, c3);
                c4 = FloatVector.broadcast(S, a[j + 4 * stride]).fma(f, c4);
                c5 = FloatVector.broadcast(S, a[j + 5 * stride]).fma(f, c5);
                c6 = FloatVector.broadcast(S, a[j + 6 * stride]).fma(f, c6);
            }
            c0.intoArray(a, out + places[p]);
            c1.intoArray(a, out + places[p + 1]);
            c2.intoArray(a, out + places[p + 2]);
            c3.intoArray(a, out + places[p + 3]);
            c4.intoArray(a, out + places[p + 4]);
            c5.intoArray(a, out + places[p + 5]);
            c6.intoArray(a, out + places[p + 6]);
        }
    }

    /**
     * 1 window by one vector; each input has a place of its own, and its weights begin {@code step}
     * behind those of the one before.
     */
    static void windows1x1(
            float[] a,
            int in,
            int stride,
            int[] inputs,
            int windows,
            float[] w,
            int at,
            int step,
            int bias,
            int out,
            int[] places) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int next = 0; next < windows; next += 1) {
            int p = next;
            int first = in + p * stride;
            FloatVector c0 = b;
            for (int k = 0, i = at; k < inputs.length; k++, i += step) {
                FloatVector f = FloatVector.fromArray(S, w, i);
                int j = first + inputs[k];
                c0 = FloatVector.broadcast(S, a[j]).fma(f, c0);
            }
            c0.intoArray(a, out + places[p]);
        }
    }

    /**
     * Seven windows by one vector, whose inputs are rows of three next to each other, and which are
     * two apart: so that neighbors share one.
     */
    static void rows3Stride2(
            float[] a,
            int in,
            int[] inputs,
            int windows,
            float[] w,
            int at,
            int step,
            int bias,
            int out,
            int[] places) {
        FloatVector b = FloatVector.fromArray(S, w, bias);
        for (int next = 0; next < windows; next += 7) {
            int p = Math.min(next, windows - 7);
            int first = in + 2 * p;
            FloatVector c0 = b;
            FloatVector c1 = b;
            FloatVector c2 = b;
            FloatVector c3 = b;
            FloatVector c4 = b;
            FloatVector c5 = b;
            FloatVector c6 = b;
            for (int k = 0, i = at; k < inputs.length; k += 3, i += 3 * step) {
                FloatVector w0 = FloatVector.fromArray(S, w, i);
                FloatVector w1 = FloatVector.fromArray(S, w, i + step);
                FloatVector w2 = FloatVector.fromArray(S, w, i + 2 * step);
                int j = first + inputs[k];
                FloatVector x = FloatVector.broadcast(S, a[j]);
                c0 = x.fma(w0, c0);
                x = FloatVector.broadcast(S, a[j + 1]);
                c0 = x.fma(w1, c0);
                x = FloatVector.broadcast(S, a[j + 2]);
                c0 = x.fma(w2, c0);
                c1 = x.fma(w0, c1);
                x = FloatVector.broadcast(S, a[j + 3]);
                c1 = x.fma(w1, c1);
                x = FloatVector.broadcast(S, a[j + 4]);
                c1 = x.fma(w2, c1);
                c2 = x.fma(w0, c2);
                x = FloatVector.broadcast(S, a[j + 5]);
                c2 = x.fma(w1, c2);
                x = FloatVector.broadcast(S, a[j + 6]);
                c2 = x.fma(w2, c2);
                c3 = x.fma(w0, c3);
                x = FloatVector.broadcast(S, a[j + 7]);
                c3 = x.fma(w1, c3);
                x = FloatVector.broadcast(S, a[j + 8]);
                c3 = x.fma(w2, c3);
                c4 = x.fma(w0, c4);
                x = FloatVector.broadcast(S, a[j + 9]);
                c4 = x.fma(w1, c4);
                x = FloatVector.broadcast(S, a[j + 10]);
                c4 = x.fma(w2, c4);
                c5 = x.fma(w0, c5);
                x = FloatVector.broadcast(S, a[j + 11]);
                c5 = x.fma(w1, c5);
                x = FloatVector.broadcast(S, a[j + 12]);
                c5 = x.fma(w2, c5);
                c6 = x.fma(w0, c6);
                x = FloatVector.broadcast(S, a[j + 13]);
                c6 = x.fma(w1, c6);
                x = FloatVector.broadcast(S, a[j + 14]);
                c6 = x.fma(w2, c6);
            }
            c0.intoArray(a, out + places[p]);
            c1.intoArray(a, out + places[p + 1]);
            c2.intoArray(a, out + places[p + 2]);
            c3.intoArray(a, out + places[p + 3]);
            c4.intoArray(a, out + places[p + 4]);
            c5.intoArray(a, out + places[p + 5]);
            c6.intoArray(a, out + places[p + 6]);
        }
    }

    /** One pixel by 4 blocks of two vectors, whose weights are read side by side. */
    static void pixel1x8(
            float[] a, int in, float[] w, int at, int panel, int inputs, int bias, int out) {
        FloatVector c0 = FloatVector.fromArray(S, w, bias);
        FloatVector c1 = FloatVector.fromArray(S, w, bias + V);
        FloatVector c2 = FloatVector.fromArray(S, w, bias + 2 * V);
        FloatVector c3 = FloatVector.fromArray(S, w, bias + 3 * V);
        FloatVector c4 = FloatVector.fromArray(S, w, bias + 4 * V);
        FloatVector c5 = FloatVector.fromArray(S, w, bias + 5 * V);
        FloatVector c6 = FloatVector.fromArray(S, w, bias + 6 * V);
        FloatVector c7 = FloatVector.fromArray(S, w, bias + 7 * V);
        int p1 = at + panel;
        int p2 = at + 2 * panel;
        int p3 = at + 3 * panel;
        for (int k = 0, i = 0; k < inputs; k++, i += 2 * V) {
            FloatVector x = FloatVector.broadcast(S, a[in + k]);
            c0 = x.fma(FloatVector.fromArray(S, w, at + i), c0);
            c1 = x.fma(FloatVector.fromArray(S, w, at + i + V), c1);
            c2 = x.fma(FloatVector.fromArray(S, w, p1 + i), c2);
            c3 = x.fma(FloatVector.fromArray(S, w, p1 + i + V), c3);
            c4 = x.fma(FloatVector.fromArray(S, w, p2 + i), c4);
            c5 = x.fma(FloatVector.fromArray(S, w, p2 + i + V), c5);
            c6 = x.fma(FloatVector.fromArray(S, w, p3 + i), c6);
            c7 = x.fma(FloatVector.fromArray(S, w, p3 + i + V), c7);
        }
        c0.intoArray(a, out);
        c1.intoArray(a, out + V);
        c2.intoArray(a, out + 2 * V);
        c3.intoArray(a, out + 3 * V);
        c4.intoArray(a, out + 4 * V);
        c5.intoArray(a, out + 5 * V);
        c6.intoArray(a, out + 6 * V);
        c7.intoArray(a, out + 7 * V);
    }
}
