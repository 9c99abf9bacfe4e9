package org.mobilenetv3.vector.kernel;

import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import org.mobilenetv3.graph.Nonlinearity;

/** {@link Kernels} on {@code jdk.incubator.vector}, with vectors of the host's length. */
public final class VectorKernels implements Kernels {

    private static final int V = FloatVector.SPECIES_PREFERRED.length();

    /** Whether 14 sums, two weights and a pixel find a register each. */
    private static final boolean MANY_REGISTERS = V == 16 || isArm();

    private static boolean isArm() {
        return System.getProperty("os.arch").toLowerCase(Locale.ROOT).startsWith("aarch");
    }

    @Override
    public int lanes() {
        return V;
    }

    @Override
    public int block(int channels) {
        return 2 * V;
    }

    @Override
    public Packed matrix(float[] weight, float[] bias, int outputs, int inputs) {
        return Packed.flat(weight, bias, outputs, inputs, V, 2 * V);
    }

    @Override
    public Packed filters(float[] weight, float[] bias, int channels, int taps) {
        return Packed.flat(weight, bias, channels, taps, V, 2 * V);
    }

    @Override
    public void multiply(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            Packed matrix,
            int block,
            int out,
            int[] at) {
        float[] w = matrix.flat();
        int panel = matrix.at(block);
        int k = matrix.inputs();
        int bias = matrix.bias(block);
        int pixels = to - from;
        if (matrix.width(block) == V) {
            if (pixels >= 7) {
                Products.pixels7x1(a, in, stride, from, to, w, panel, k, bias, out, at);
            } else {
                Products.pixels1x1(a, in, stride, from, to, w, panel, k, bias, out, at);
            }
        } else if (pixels >= 7 && MANY_REGISTERS) {
            Products.pixels7x2(a, in, stride, from, to, w, panel, k, bias, out, at);
        } else if (pixels >= 5) {
            Products.pixels5x2(a, in, stride, from, to, w, panel, k, bias, out, at);
        } else {
            Products.pixels1x2(a, in, stride, from, to, w, panel, k, bias, out, at);
        }
    }

    @Override
    public void multiply(float[] a, int in, Packed matrix, int first, int last, int out) {
        if (last - first == Products.ABREAST && matrix.width(last - 1) == 2 * V) {
            Products.pixel1x8(
                    a,
                    in,
                    matrix.flat(),
                    matrix.at(first),
                    matrix.at(1) - matrix.at(0),
                    matrix.inputs(),
                    matrix.bias(first),
                    out);
        } else {
            Kernels.super.multiply(a, in, matrix, first, last, out);
        }
    }

    @Override
    public void convolve(
            float[] a,
            int in,
            int stride,
            int[] inputs,
            int windows,
            Packed matrix,
            int block,
            int out,
            int[] at) {
        float[] w = matrix.flat();
        int step = matrix.width(block);
        for (int v = 0; v < step; v += V) {
            int k = matrix.at(block) + v;
            int bias = matrix.bias(block) + v;
            int o = out + v;
            if (windows < 7) {
                Products.windows1x1(a, in, stride, inputs, windows, w, k, step, bias, o, at);
            } else if (stride == 2 && areRowsOf3(inputs)) {
                Products.rows3Stride2(a, in, inputs, windows, w, k, step, bias, o, at);
            } else {
                Products.windows7x1(a, in, stride, inputs, windows, w, k, step, bias, o, at);
            }
        }
    }

    private static boolean areRowsOf3(int[] inputs) {
        for (int k = 0; k < inputs.length; k++) {
            if (inputs[k] != inputs[k / 3 * 3] + k % 3) {
                return false;
            }
        }
        return inputs.length % 3 == 0;
    }

    @Override
    public void depthwise(
            float[] a,
            Window window,
            int in,
            int inRow,
            Packed filters,
            int block,
            int out,
            int outRow,
            int outPixel,
            int rows,
            int columns) {
        float[] w = filters.flat();
        int pixel = filters.width(block);
        Filters.Filter filter = filter(window, columns);
        for (int v = 0; v < pixel; v += V) {
            int i = in + v;
            int k = filters.at(block) + v;
            int b = filters.bias(block) + v;
            int o = out + v;
            if (filter != null) {
                filter.run(a, i, inRow, pixel, w, k, b, o, outRow, outPixel, rows, columns);
            } else if (columns >= 4) {
                Filters.any4(
                        a, window, i, inRow, pixel, w, k, b, o, outRow, outPixel, rows, columns);
            } else {
                Filters.any(
                        a, window, i, inRow, pixel, w, k, b, o, outRow, outPixel, rows, columns);
            }
        }
    }

    /** The filter that is written out for such a window and row; null if none is. */
    private static Filters.Filter filter(Window window, int columns) {
        // Sevens, where they cover a row with no more pixels twice than fours.
        boolean seven = columns >= 7 && (columns + 6) / 7 * 7 <= (columns + 3) / 4 * 4;
        if (columns < 4) {
            return null;
        }
        if (window.isSquare(3, 1)) {
            return seven ? Filters::seven3x3Stride1 : Filters::four3x3Stride1;
        }
        if (window.isSquare(3, 2)) {
            return seven ? Filters::seven3x3Stride2 : Filters::four3x3Stride2;
        }
        if (window.isSquare(5, 1)) {
            return seven ? Filters::seven5x5Stride1 : Filters::four5x5Stride1;
        }
        if (window.isSquare(5, 2)) {
            return seven ? Filters::seven5x5Stride2 : Filters::four5x5Stride2;
        }
        return null;
    }

    @Override
    public void activate(
            float[] a, Nonlinearity function, int base, int[] at, int from, int to, int width) {
        switch (function) {
            case IDENTITY -> {}
            case RELU -> Elementwise.relu(a, base, at, from, to, width);
            case RELU6 -> Elementwise.relu6(a, base, at, from, to, width);
            case HARD_SWISH -> Elementwise.hardSwish(a, base, at, from, to, width);
            default -> ScalarKernels.apply(a, function, base, at, from, to, width);
        }
    }

    @Override
    public void add(float[] a, int base, int other, int[] at, int from, int to, int width) {
        Elementwise.add(a, base, other, at, from, to, width);
    }

    @Override
    public void scale(float[] a, int in, int gate, int out, int stride, int pixels, int width) {
        Elementwise.scale(a, in, gate, out, stride, pixels, width);
    }

    @Override
    public void mean(float[] a, int in, int stride, int pixels, int out, int width) {
        Elementwise.mean(a, in, stride, pixels, out, width);
    }
}
