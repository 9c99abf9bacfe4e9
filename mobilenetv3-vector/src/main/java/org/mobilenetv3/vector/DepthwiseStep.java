package org.mobilenetv3.vector;

import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;
import org.mobilenetv3.vector.kernel.Places;

/**
 * A depthwise convolution, and perhaps the 1×1 convolution before it, whose result nobody else
 * reads. A unit makes a block of channels of some rows: first their padded image in the worker's
 * own memory, which the cache keeps, then the result. So the wide middle of an inverted residual
 * exists only once, after the filter.
 */
final class DepthwiseStep extends Step {

    /**
     * Floats of a padded image that a core's second cache holds beside what is read and written.
     */
    private static final int CACHED = 3 << 15;

    private final Kernels kernels;
    private final Packed expansion;
    private final Nonlinearity expanded;
    private final Kernels.Window window;
    private final Packed filters;
    private final Nonlinearity function;
    private final int top;
    private final int left;
    private final Tensor in;
    private final Tensor out;

    private final int tileRows;
    private final int tiles;
    private final int columns;
    private final int[] wide;
    private final int[] narrow;
    private final int[] result;

    /**
     * Makes the step.
     *
     * @param expansion the 1×1 convolution, or null
     * @param expanded its function
     * @param top rows of zeros above the image
     * @param left columns of zeros to its left
     */
    DepthwiseStep(
            Kernels kernels,
            Packed expansion,
            Nonlinearity expanded,
            Kernels.Window window,
            Packed filters,
            Nonlinearity function,
            int top,
            int left,
            Tensor in,
            Tensor out,
            int threads) {
        this.kernels = kernels;
        this.expansion = expansion;
        this.expanded = expanded;
        this.window = window;
        this.filters = filters;
        this.function = function;
        this.top = top;
        this.left = left;
        this.in = in;
        this.out = out;
        columns = Math.max(window.spanColumns(out.width), left + in.width);
        int width = filters.width(0);
        int rows = out.height;
        while (rows > 2 && window.spanRows(rows) * columns * width > CACHED) {
            rows = (rows + 1) / 2;
        }
        while (rows > 14
                && (out.height + rows - 1) / rows * filters.blocks() * out.count < 4 * threads
                && threads > 1) {
            rows = (rows + 1) / 2;
        }
        tileRows = rows;
        tiles = (out.height + rows - 1) / rows;
        int read = Math.min(window.spanRows(rows), in.height);
        wide = Places.rows(read, in.width, columns * width, width);
        int last = filters.width(filters.blocks() - 1);
        narrow = last == width ? wide : Places.rows(read, in.width, columns * last, last);
        result = Places.plain(rows * out.width, out.stride);
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
        long expand = expansion == null ? 0 : (long) in.pixels() * in.channels * out.channels;
        return out.count * (expand + (long) out.pixels() * out.channels * filters.inputs());
    }

    @Override
    int units() {
        return out.count * tiles * filters.blocks();
    }

    @Override
    int scratch() {
        return window.spanRows(tileRows) * columns * filters.width(0);
    }

    @Override
    void run(float[] a, int unit, int scratch) {
        int block = unit % filters.blocks();
        int tile = unit / filters.blocks() % tiles;
        int image = unit / filters.blocks() / tiles;
        int width = filters.width(block);
        int row = columns * width;
        int y = tile * tileRows;
        int rows = Math.min(tileRows, out.height - y);
        int start = y * window.strideRows() - top;
        int from = Math.max(start, 0);
        int to = Math.min(start + window.spanRows(rows), in.height);
        frame(a, scratch, window.spanRows(rows), row, width, from - start, to - start);

        int pixel = in.offset() + image * in.image() + from * in.width * in.stride;
        int base = scratch + (from - start) * row + left * width;
        int[] at = width == filters.width() ? wide : narrow;
        int count = Math.max(to - from, 0) * in.width;
        if (expansion != null) {
            for (int p = 0, end = 0; end < count; p = end) {
                end = Places.end(p, count);
                kernels.multiply(a, pixel, in.stride, p, end, expansion, block, base, at);
                kernels.activate(a, expanded, base, at, p, end, width);
            }
        } else if (width == in.stride) {
            for (int r = 0; r < to - from; r++) {
                int length = in.width * width;
                System.arraycopy(a, pixel + r * length, a, base + r * row, length);
            }
        } else {
            int channel = pixel + block * filters.width();
            for (int p = 0; p < count; p++) {
                System.arraycopy(a, channel + p * in.stride, a, base + at[p], width);
            }
        }
        int result0 =
                out.offset()
                        + image * out.image()
                        + y * out.width * out.stride
                        + block * filters.width();
        kernels.depthwise(
                a,
                window,
                scratch,
                row,
                filters,
                block,
                result0,
                out.width * out.stride,
                out.stride,
                rows,
                out.width);
        kernels.activate(a, function, result0, result, 0, rows * out.width, width);
    }

    /** Zeros around the image. */
    private void frame(float[] a, int scratch, int rows, int row, int width, int first, int last) {
        Arrays.fill(a, scratch, scratch + Math.min(first, rows) * row, 0);
        if (last < rows) {
            Arrays.fill(a, scratch + Math.max(last, 0) * row, scratch + rows * row, 0);
        }
        int right = (left + in.width) * width;
        for (int r = first; r < last; r++) {
            int at = scratch + r * row;
            Arrays.fill(a, at, at + left * width, 0);
            Arrays.fill(a, at + right, at + row, 0);
        }
    }
}
