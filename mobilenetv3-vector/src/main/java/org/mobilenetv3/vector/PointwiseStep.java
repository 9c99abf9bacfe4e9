package org.mobilenetv3.vector;

import java.util.List;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Packed;
import org.mobilenetv3.vector.kernel.Places;

/** A 1×1 convolution or linear layer, its function, and perhaps a sum with another image. */
final class PointwiseStep extends Step {

    /** Floats of input that stay in a core's second cache while all weights pass by. */
    private static final int CACHED = 1 << 16;

    private final Kernels kernels;
    private final Packed matrix;
    private final Nonlinearity function;
    private final Tensor in;
    private final Tensor out;
    private final Tensor residual;
    private final int pixels;
    private final int chunk;
    private final int chunks;

    /** Blocks that one unit computes. */
    private final int together;

    private final int[] at;

    PointwiseStep(
            Kernels kernels,
            Packed matrix,
            Nonlinearity function,
            Tensor in,
            Tensor out,
            Tensor residual,
            int threads) {
        this.kernels = kernels;
        this.matrix = matrix;
        this.function = function;
        this.in = in;
        this.out = out;
        this.residual = residual;
        pixels = in.count * in.pixels();
        int blocks = matrix.blocks();
        boolean whole = pixels * in.stride <= CACHED;
        int parts = whole ? 1 : (pixels * in.stride + CACHED / 2 - 1) / (CACHED / 2);
        if (threads > 1) {
            // Units enough to share evenly, but none with few pixels.
            int wanted = whole ? (8 * threads + blocks - 1) / blocks : 2 * threads;
            parts = Math.max(Math.min((parts + wanted - 1) / wanted * wanted, pixels / 21), 1);
        }
        chunk = ((pixels + parts - 1) / parts + 6) / 7 * 7;
        chunks = (pixels + chunk - 1) / chunk;
        // Weights of one pixel are read from memory, side by side.
        int few = pixels == 1 ? Math.min(4, blocks) : 1;
        together = whole ? few : blocks;
        at = Places.plain(chunk, out.stride);
    }

    @Override
    List<Tensor> inputs() {
        return residual == null ? List.of(in) : List.of(in, residual);
    }

    @Override
    Tensor output() {
        return out;
    }

    @Override
    long multiplyAdds() {
        return (long) pixels * in.channels * out.channels;
    }

    @Override
    int units() {
        return chunks * ((matrix.blocks() + together - 1) / together);
    }

    @Override
    void run(float[] a, int unit, int scratch) {
        // Blocks one after the other, so that each worker reads weights of its own; all together,
        // pixels.
        int first = unit / chunks * together;
        int last = Math.min(first + together, matrix.blocks());
        int from = unit % chunks * chunk;
        int count = Math.min(chunk, pixels - from);
        if (pixels == 1 && residual == null) {
            int base = out.offset() + first * matrix.width();
            kernels.multiply(a, in.offset(), matrix, first, last, base);
            int width = (last - 1 - first) * matrix.width() + matrix.width(last - 1);
            kernels.activate(a, function, base, at, 0, 1, width);
            return;
        }
        for (int block = first; block < last; block++) {
            int column = block * matrix.width();
            int base = out.offset() + from * out.stride + column;
            int width = matrix.width(block);
            int pixel = in.offset() + from * in.stride;
            for (int p = 0, end = 0; end < count; p = end) {
                end = Places.end(p, count);
                kernels.multiply(a, pixel, in.stride, p, end, matrix, block, base, at);
                kernels.activate(a, function, base, at, p, end, width);
                if (residual != null) {
                    int other = residual.offset() + from * out.stride + column;
                    kernels.add(a, base, other, at, p, end, width);
                }
            }
        }
    }
}
