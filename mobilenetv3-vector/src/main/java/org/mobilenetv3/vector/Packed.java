package org.mobilenetv3.vector;

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
record Packed(int inputs, int outputs, int width, float[] flat, float[][] rows) {

    /**
     * Floats before the first. Where Java's arrays begin on a multiple of 64 bytes, as large ones
     * do in the G1 collector's heap, vectors then lie on one cache line each.
     */
    static final int START = 12;

    int blocks() {
        return (outputs + width - 1) / width;
    }

    /** Channels of a block. */
    int width(int block) {
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

    /** What {@link #rows} were made of. */
    float[] weight(int realOutputs) {
        float[] weight = new float[realOutputs * inputs];
        for (int i = 0; i < inputs; i++) {
            for (int o = 0; o < realOutputs; o++) {
                weight[o * inputs + i] = rows[i][o];
            }
        }
        return weight;
    }

    /** What {@link #rows} were made of, and zeros behind it. */
    float[] bias() {
        return rows[inputs];
    }
}
