package org.mobilenetv3.vector;

import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;
import org.mobilenetv3.vector.kernel.Places;

/**
 * Any convolution of all channels, a row of pixels at a time: the rows under the filter are copied
 * with zeros around them, and each input of a window is read where it lies. Of the net's own input
 * it reads the planes.
 */
final class ConvolutionStep extends Step {

    private final Kernels kernels;
    private final Kernels.Window window;
    private final Packed matrix;
    private final Nonlinearity function;
    private final int top;
    private final int left;
    private final Tensor in;
    private final Tensor out;
    private final boolean planes;
    private final int columns;

    /** Floats from one pixel of a copied row to the next. */
    private final int pixel;

    private final int[] inputs;
    private final int[] at;

    ConvolutionStep(
            Kernels kernels,
            Kernels.Window window,
            Packed matrix,
            Nonlinearity function,
            int top,
            int left,
            Tensor in,
            boolean planes,
            Tensor out) {
        this.kernels = kernels;
        this.window = window;
        this.matrix = matrix;
        this.function = function;
        this.top = top;
        this.left = left;
        this.in = in;
        this.planes = planes;
        this.out = out;
        columns = Math.max(window.spanColumns(out.width), left + in.width);
        pixel = planes ? 1 : in.stride;
        inputs = new int[matrix.inputs()];
        for (int c = 0, k = 0; c < in.channels; c++) {
            for (int ky = 0; ky < window.rows(); ky++) {
                int row = planes ? (c * window.rows() + ky) * columns : ky * columns * pixel + c;
                for (int kx = 0; kx < window.columns(); kx++, k++) {
                    inputs[k] = row + kx * window.dilationColumns() * pixel;
                }
            }
        }
        at = Places.plain(out.width, out.stride);
    }

    @Override
    List<Tensor> inputs() {
        return List.of(in);
    }

    @Override
    Tensor output() {
        return out;
    }

    @Override
    long multiplyAdds() {
        return (long) out.count * out.pixels() * out.channels * inputs.length;
    }

    @Override
    int units() {
        return out.count * out.height;
    }

    @Override
    int scratch() {
        return window.rows() * columns * (planes ? in.channels : in.stride);
    }

    @Override
    void run(float[] a, int unit, int scratch) {
        int image = unit / out.height;
        int first = unit % out.height * window.strideRows() - top;
        int planeSize = planes ? in.pixels() : 0;
        int start = in.offset() + image * (planes ? in.channels * planeSize : in.image());
        int row = columns * pixel;
        int to = scratch;
        for (int c = 0; c < (planes ? in.channels : 1); c++) {
            for (int ky = 0; ky < window.rows(); ky++, to += row) {
                int y = first + ky * window.dilationRows();
                copy(a, start + c * planeSize, y, to, row);
            }
        }
        int base = out.offset() + unit * out.width * out.stride;
        for (int block = 0; block < matrix.blocks(); block++) {
            int o = base + block * matrix.width();
            int stride = window.strideColumns() * pixel;
            kernels.convolve(a, scratch, stride, inputs, out.width, matrix, block, o, at);
            kernels.activate(a, function, o, at, 0, out.width, matrix.width(block));
        }
    }

    private void copy(float[] a, int start, int y, int to, int row) {
        if (y < 0 || y >= in.height) {
            Arrays.fill(a, to, to + row, 0);
            return;
        }
        int length = in.width * pixel;
        int from = to + left * pixel;
        Arrays.fill(a, to, from, 0);
        System.arraycopy(a, start + y * length, a, from, length);
        Arrays.fill(a, from + length, to + row, 0);
    }
}
