package org.mobilenetv3.vector.kernel;

import org.mobilenetv3.graph.Nonlinearity;

/**
 * The loops in which a net's time is spent, on one array of floats. Images are stored channels
 * last; {@code at[p]} is where pixel p of a block lies, relative to a base. Every element is
 * computed by the same operations in the same order, whichever part of the work a call does and
 * whichever class does it: {@code Math.fma} over inputs or taps, starting from the bias.
 */
public interface Kernels {

    /**
     * Returns what channels are padded to.
     *
     * @return a multiple of the vector's length
     */
    int lanes();

    /**
     * Returns how many channels of a layer are computed together.
     *
     * @param channels of the layer, padded
     * @return a multiple of {@link #lanes()}
     */
    int block(int channels);

    /**
     * Brings a matrix into the form that {@link #multiply} reads.
     *
     * @param weight {@code (outputs, inputs)}
     * @param bias one per output, or null
     * @param outputs rows
     * @param inputs columns
     * @return the packed matrix
     */
    Packed matrix(float[] weight, float[] bias, int outputs, int inputs);

    /**
     * Brings a depthwise kernel into the form that {@link #depthwise} reads.
     *
     * @param weight {@code (channels, taps)}
     * @param bias one per channel, or null
     * @param channels of the layer
     * @param taps of one filter
     * @return the packed filters
     */
    Packed filters(float[] weight, float[] bias, int channels, int taps);

    /**
     * Multiplies pixels with one block of a matrix's outputs.
     *
     * @param a reads and writes
     * @param in where pixel 0 is read
     * @param stride from pixel to pixel of the input
     * @param from first pixel
     * @param to behind the last pixel
     * @param matrix the weights
     * @param block of outputs
     * @param out where pixels are written, plus {@code at}
     * @param at of each pixel
     */
    void multiply(
            float[] a,
            int in,
            int stride,
            int from,
            int to,
            Packed matrix,
            int block,
            int out,
            int[] at);

    /**
     * Multiplies one pixel with some blocks of a matrix's outputs, the same as {@link #multiply}.
     *
     * @param a reads and writes
     * @param in where the pixel is read
     * @param matrix the weights
     * @param first block of outputs
     * @param last behind the last block
     * @param out where the first block is written, the others behind it
     */
    default void multiply(float[] a, int in, Packed matrix, int first, int last, int out) {
        for (int block = first; block < last; block++) {
            int at = out + (block - first) * matrix.width();
            multiply(a, in, 0, 0, 1, matrix, block, at, Places.ALONE);
        }
    }

    /**
     * Multiplies windows, whose inputs lie apart, with one block of a matrix's outputs.
     *
     * @param a reads and writes
     * @param in where window 0 begins
     * @param stride from window to window of the input
     * @param inputs where each input lies in its window
     * @param windows how many
     * @param matrix the weights
     * @param block of outputs
     * @param out where windows are written, plus {@code at}
     * @param at of each window
     */
    void convolve(
            float[] a,
            int in,
            int stride,
            int[] inputs,
            int windows,
            Packed matrix,
            int block,
            int out,
            int[] at);

    /**
     * Filters one block of channels of a padded image.
     *
     * @param a reads and writes
     * @param window shape of the filter and of its steps
     * @param in where the padded image begins: rows of pixels of a block's width
     * @param inRow from row to row of it
     * @param filters the weights
     * @param block of channels
     * @param out where the result begins
     * @param outRow from row to row of it
     * @param outPixel from pixel to pixel of it
     * @param rows of the result
     * @param columns of the result
     */
    void depthwise(
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
            int columns);

    /**
     * Applies a function in place.
     *
     * @param a changes
     * @param function which
     * @param base where pixels are, plus {@code at}
     * @param at of each pixel
     * @param from first pixel
     * @param to behind the last pixel
     * @param width channels
     */
    void activate(
            float[] a, Nonlinearity function, int base, int[] at, int from, int to, int width);

    /**
     * Adds pixels to others.
     *
     * @param a changes
     * @param base where the changed pixels are, plus {@code at}
     * @param other where the added ones are, plus {@code at}
     * @param at of each pixel
     * @param from first pixel
     * @param to behind the last pixel
     * @param width channels
     */
    void add(float[] a, int base, int other, int[] at, int from, int to, int width);

    /**
     * Multiplies pixels with one number for each channel.
     *
     * @param a reads and writes
     * @param in where the first pixel is read
     * @param gate where the numbers are
     * @param out where the first pixel is written
     * @param stride from pixel to pixel of both
     * @param pixels how many
     * @param width channels
     */
    void scale(float[] a, int in, int gate, int out, int stride, int pixels, int width);

    /**
     * Computes the mean of each channel: four sums, of every fourth pixel, added in pairs.
     *
     * @param a reads and writes
     * @param in where the first pixel is
     * @param stride from pixel to pixel
     * @param pixels how many
     * @param out where the means are written
     * @param width channels
     */
    void mean(float[] a, int in, int stride, int pixels, int out, int width);

    /**
     * What a filter does.
     *
     * @param rows of the filter
     * @param columns of the filter
     * @param strideRows from window to window
     * @param strideColumns from window to window
     * @param dilationRows from tap to tap
     * @param dilationColumns from tap to tap
     */
    record Window(
            int rows,
            int columns,
            int strideRows,
            int strideColumns,
            int dilationRows,
            int dilationColumns) {

        /**
         * Returns how many rows some windows span.
         *
         * @param windows one below the other
         * @return rows of the padded image
         */
        public int spanRows(int windows) {
            return (windows - 1) * strideRows + (rows - 1) * dilationRows + 1;
        }

        /**
         * Returns how many columns some windows span.
         *
         * @param windows side by side
         * @return columns of the padded image
         */
        public int spanColumns(int windows) {
            return (windows - 1) * strideColumns + (columns - 1) * dilationColumns + 1;
        }

        boolean isSquare(int size, int stride) {
            return rows == size
                    && columns == size
                    && strideRows == stride
                    && strideColumns == stride
                    && dilationRows == 1
                    && dilationColumns == 1;
        }
    }
}
