package org.mobilenetv3.vector.kernel;

/**
 * A layer's weights as its kernels read them.
 *
 * @param inputs columns of a matrix, or taps of a filter
 * @param outputs rows of a matrix, or channels, padded
 * @param width channels of a block; the last may have fewer
 * @param flat blocks one after the other, each {@code (inputs, its width)}, then the bias; behind
 *     {@link #START} floats
 * @param rows the same by inputs, {@code (inputs, outputs)}, then the bias; where {@code flat} is
 *     null
 */
public record Packed(int inputs, int outputs, int width, float[] flat, float[][] rows) {

    /**
     * Floats before the first. Where Java's arrays begin on a multiple of 64 bytes, as large ones
     * do in the G1 collector's heap, vectors then lie on one cache line each.
     */
    public static final int START = 12;

    /**
     * Returns how many blocks there are.
     *
     * @return at least one
     */
    public int blocks() {
        return (outputs + width - 1) / width;
    }

    /**
     * Returns the width of a block.
     *
     * @param block which, from 0
     * @return its channels, padded
     */
    public int width(int block) {
        return Math.min(width, outputs - block * width);
    }

    /** Where a block begins in {@link #flat}. */
    int at(int block) {
        return START + block * width * inputs;
    }

    /** Where a block's bias begins in {@link #flat}. */
    int bias(int block) {
        return START + outputs * inputs + block * width;
    }

    /** Weights by input, in blocks. */
    static Packed flat(
            float[] weight, float[] bias, int outputs, int inputs, int lanes, int width) {
        int padded = (outputs + lanes - 1) / lanes * lanes;
        Packed packed =
                new Packed(inputs, padded, width, new float[START + padded * (inputs + 1)], null);
        for (int block = 0; block < packed.blocks(); block++) {
            int at = packed.at(block);
            int wide = packed.width(block);
            int real = Math.min(wide, outputs - block * width);
            for (int o = 0; o < real; o++) {
                int from = (block * width + o) * inputs;
                for (int i = 0; i < inputs; i++) {
                    packed.flat[at + i * wide + o] = weight[from + i];
                }
            }
        }
        if (bias != null) {
            System.arraycopy(bias, 0, packed.flat, packed.bias(0), outputs);
        }
        return packed;
    }

    /** Weights by input, all outputs together. */
    static Packed rows(float[] weight, float[] bias, int outputs, int inputs, int lanes) {
        int padded = (outputs + lanes - 1) / lanes * lanes;
        float[][] rows = new float[inputs + 1][padded];
        for (int i = 0; i < inputs; i++) {
            float[] row = rows[i];
            for (int o = 0; o < outputs; o++) {
                row[o] = weight[o * inputs + i];
            }
        }
        if (bias != null) {
            System.arraycopy(bias, 0, rows[inputs], 0, outputs);
        }
        return new Packed(inputs, padded, padded, null, rows);
    }

    /**
     * Cuts a filter.
     *
     * @param columns of the filter
     * @param top first row that stays
     * @param bottom last row that stays
     * @param left first column that stays
     * @param right last column that stays
     * @return these taps, and the bias
     */
    public Packed crop(int columns, int top, int bottom, int left, int right) {
        int across = right - left + 1;
        int[] taps = new int[(bottom - top + 1) * across];
        for (int t = 0; t < taps.length; t++) {
            taps[t] = (top + t / across) * columns + left + t % across;
        }
        if (flat == null) {
            float[][] some = new float[taps.length + 1][];
            for (int t = 0; t < taps.length; t++) {
                some[t] = rows[taps[t]];
            }
            some[taps.length] = rows[inputs];
            return new Packed(taps.length, outputs, width, null, some);
        }
        float[] some = new float[START + outputs * (taps.length + 1)];
        Packed cropped = new Packed(taps.length, outputs, width, some, null);
        for (int block = 0; block < blocks(); block++) {
            int wide = width(block);
            for (int t = 0; t < taps.length; t++) {
                int to = cropped.at(block) + t * wide;
                System.arraycopy(flat, at(block) + taps[t] * wide, some, to, wide);
            }
        }
        System.arraycopy(flat, bias(0), some, cropped.bias(0), outputs);
        return cropped;
    }

    /**
     * Returns what {@link #rows} were made of.
     *
     * @param realOutputs outputs without padding
     * @return {@code (outputs, inputs)}
     */
    public float[] weight(int realOutputs) {
        float[] weight = new float[realOutputs * inputs];
        for (int i = 0; i < inputs; i++) {
            for (int o = 0; o < realOutputs; o++) {
                weight[o * inputs + i] = rows[i][o];
            }
        }
        return weight;
    }

    /**
     * Returns the bias that {@link #rows} were made of.
     *
     * @return one per output, and zeros behind them
     */
    public float[] bias() {
        return rows[inputs];
    }
}
