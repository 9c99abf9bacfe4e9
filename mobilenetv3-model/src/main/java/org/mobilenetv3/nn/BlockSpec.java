package org.mobilenetv3.nn;

/** A row of an architecture's table: what one block is made of, its input channels aside. */
public sealed interface BlockSpec permits InvertedResidual.Spec, ResidualBlock.Spec {

    /**
     * Returns the output channels.
     *
     * @return how many
     */
    int out();

    /**
     * Returns by how much the block divides the height of its input, rounding up.
     *
     * @return pixels from row to row
     */
    int rowStride();

    /**
     * Returns by how much the block divides the width of its input, rounding up.
     *
     * @return pixels from column to column
     */
    int columnStride();

    /**
     * Returns why a block of this row cannot have so many input channels.
     *
     * @param in input channels
     * @return what is wrong, or null if nothing is
     */
    default String misfit(int in) {
        return null;
    }

    /**
     * Builds the block.
     *
     * @param in input channels
     * @param conventions of the net
     * @return {@code (N, in, H, W)} to {@code (N, out, ceil(H / rowStride), ceil(W /
     *     columnStride))}, not initialized
     * @throws IllegalArgumentException if the row does not fit the input channels
     */
    TorchBlock build(int in, Conventions conventions);
}
