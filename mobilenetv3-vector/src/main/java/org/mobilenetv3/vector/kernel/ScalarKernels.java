package org.mobilenetv3.vector.kernel;

import java.util.Arrays;
import org.mobilenetv3.graph.Nonlinearity;

/**
 * {@link Kernels} in plain Java. Loops over channels read and write arrays from their beginning:
 * such loops HotSpot's compiler turns into vectors by itself, and within a few milliseconds, so
 * that these kernels also serve while the others are being compiled.
 */
public final class ScalarKernels implements Kernels {

    /** A power of two that vectors of any host divide. */
    private static final int LANES = 16;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public int block(int channels) {
        return channels;
    }

    @Override
    public Packed matrix(float[] weight, float[] bias, int outputs, int inputs) {
        return Packed.rows(weight, bias, outputs, inputs, LANES);
    }

    @Override
    public Packed filters(float[] weight, float[] bias, int channels, int taps) {
        return Packed.rows(weight, bias, channels, taps, LANES);
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
        int inputs = matrix.inputs();
        int outputs = matrix.outputs();
        float[][] rows = matrix.rows();
        float[] sums = new float[outputs];
        for (int p = from; p < to; p++) {
            System.arraycopy(rows[inputs], 0, sums, 0, outputs);
            int i = in + p * stride;
            int k = 0;
            for (; k + 4 <= inputs; k += 4, i += 4) {
                addProducts(
                        sums,
                        a[i],
                        rows[k],
                        a[i + 1],
                        rows[k + 1],
                        a[i + 2],
                        rows[k + 2],
                        a[i + 3],
                        rows[k + 3]);
            }
            for (; k < inputs; k++, i++) {
                addProduct(sums, a[i], rows[k]);
            }
            System.arraycopy(sums, 0, a, out + at[p], outputs);
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
        int outputs = matrix.outputs();
        float[][] rows = matrix.rows();
        float[] sums = new float[outputs];
        for (int p = 0; p < windows; p++) {
            System.arraycopy(rows[inputs.length], 0, sums, 0, outputs);
            for (int k = 0; k < inputs.length; k++) {
                addProduct(sums, a[in + p * stride + inputs[k]], rows[k]);
            }
            System.arraycopy(sums, 0, a, out + at[p], outputs);
        }
    }

    private static void addProducts(
            float[] sums,
            float x0,
            float[] w0,
            float x1,
            float[] w1,
            float x2,
            float[] w2,
            float x3,
            float[] w3) {
        for (int n = 0; n < sums.length; n++) {
            sums[n] =
                    Fused.multiplyAdd(
                            x3,
                            w3[n],
                            Fused.multiplyAdd(
                                    x2,
                                    w2[n],
                                    Fused.multiplyAdd(
                                            x1, w1[n], Fused.multiplyAdd(x0, w0[n], sums[n]))));
        }
    }

    private static void addProduct(float[] sums, float x, float[] w) {
        for (int n = 0; n < sums.length; n++) {
            sums[n] = Fused.multiplyAdd(x, w[n], sums[n]);
        }
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
        int channels = filters.outputs();
        float[][] taps = filters.rows();
        int width = window.spanColumns(columns);
        // The rows of pixels under the filter, the row y of the image in place y % height.
        int height = window.spanRows(1);
        float[][][] pixels = new float[height][width][channels];
        float[] sums = new float[channels];
        int read = 0;
        for (int y = 0; y < rows; y++) {
            int first = y * window.strideRows();
            for (read = Math.max(read, first); read < first + height; read++) {
                for (int x = 0; x < width; x++) {
                    float[] pixel = pixels[read % height][x];
                    System.arraycopy(a, in + read * inRow + x * channels, pixel, 0, channels);
                }
            }
            for (int x = 0; x < columns; x++) {
                System.arraycopy(taps[filters.inputs()], 0, sums, 0, channels);
                for (int ky = 0, tap = 0; ky < window.rows(); ky++) {
                    float[][] row = pixels[(first + ky * window.dilationRows()) % height];
                    int column = x * window.strideColumns();
                    for (int kx = 0; kx < window.columns(); kx++, tap++) {
                        addProducts(sums, row[column + kx * window.dilationColumns()], taps[tap]);
                    }
                }
                System.arraycopy(sums, 0, a, out + y * outRow + x * outPixel, channels);
            }
        }
    }

    private static void addProducts(float[] sums, float[] x, float[] w) {
        for (int n = 0; n < sums.length; n++) {
            sums[n] = Fused.multiplyAdd(x[n], w[n], sums[n]);
        }
    }

    @Override
    public void activate(
            float[] a, Nonlinearity function, int base, int[] at, int from, int to, int width) {
        apply(a, function, base, at, from, to, width);
    }

    static void apply(
            float[] a, Nonlinearity function, int base, int[] at, int from, int to, int width) {
        if (function == Nonlinearity.IDENTITY) {
            return;
        }
        for (int p = from; p < to; p++) {
            int first = base + at[p];
            apply(a, function, first, first + width);
        }
    }

    private static void apply(float[] a, Nonlinearity function, int from, int to) {
        switch (function) {
            case IDENTITY -> {}
            case RELU -> {
                for (int i = from; i < to; i++) {
                    a[i] = a[i] < 0 ? 0 : a[i];
                }
            }
            case RELU6 -> {
                for (int i = from; i < to; i++) {
                    float x = a[i] < 0 ? 0 : a[i];
                    a[i] = x > 6 ? 6 : x;
                }
            }
            case HARD_SWISH -> {
                for (int i = from; i < to; i++) {
                    a[i] = a[i] * hardSigmoid(a[i], 1f / 6f);
                }
            }
            case HARD_SIGMOID -> {
                for (int i = from; i < to; i++) {
                    a[i] = hardSigmoid(a[i], 1f / 6f);
                }
            }
            case PADDLE_HARD_SIGMOID -> {
                for (int i = from; i < to; i++) {
                    a[i] = hardSigmoid(a[i], 0.2f);
                }
            }
            case SIGMOID -> {
                for (int i = from; i < to; i++) {
                    a[i] = sigmoid(a[i]);
                }
            }
            case SILU -> {
                for (int i = from; i < to; i++) {
                    a[i] = a[i] * sigmoid(a[i]);
                }
            }
            case TANH -> {
                for (int i = from; i < to; i++) {
                    a[i] = (float) Math.tanh(a[i]);
                }
            }
        }
    }

    private static float hardSigmoid(float x, float slope) {
        return Math.min(Math.max(Fused.multiplyAdd(x, slope, 0.5f), 0), 1);
    }

    private static float sigmoid(float x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }

    @Override
    public void add(float[] a, int base, int other, int[] at, int from, int to, int width) {
        for (int p = from; p < to; p++) {
            int i = base + at[p];
            int j = other + at[p];
            for (int c = 0; c < width; c++) {
                a[i + c] += a[j + c];
            }
        }
    }

    @Override
    public void scale(float[] a, int in, int gate, int out, int stride, int pixels, int width) {
        for (int p = 0; p < pixels; p++) {
            int i = in + p * stride;
            int o = out + p * stride;
            for (int c = 0; c < width; c++) {
                a[o + c] = a[i + c] * a[gate + c];
            }
        }
    }

    @Override
    public void mean(float[] a, int in, int stride, int pixels, int out, int width) {
        float[] s = new float[4];
        for (int c = 0; c < width; c++) {
            Arrays.fill(s, 0);
            int whole = pixels / 4 * 4;
            for (int p = 0; p < pixels; p++) {
                s[p < whole ? p % 4 : 0] += a[in + p * stride + c];
            }
            a[out + c] = (s[0] + s[1] + (s[2] + s[3])) / pixels;
        }
    }
}
