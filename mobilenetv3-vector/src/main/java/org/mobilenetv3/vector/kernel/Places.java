package org.mobilenetv3.vector.kernel;

/** Where pixels lie relative to the first. */
public final class Places {

    /** Pixels of a block that the first cache still holds when a function is applied to them. */
    private static final int NEAR = 98;

    /** One pixel. */
    static final int[] ALONE = {0};

    private Places() {}

    /**
     * Returns where a part ends that the first cache holds; a short rest goes with it.
     *
     * @param from its first pixel
     * @param count pixels of all parts
     * @return behind its last pixel
     */
    public static int end(int from, int count) {
        return count - from < NEAR + NEAR / 2 ? count : from + NEAR;
    }

    /**
     * Places pixels one after the other.
     *
     * @param pixels how many
     * @param stride from one to the next
     * @return where each lies
     */
    public static int[] plain(int pixels, int stride) {
        int[] at = new int[pixels];
        for (int p = 0; p < pixels; p++) {
            at[p] = p * stride;
        }
        return at;
    }

    /**
     * Places pixels in rows that are longer than the image is wide.
     *
     * @param rows of the image
     * @param columns of the image
     * @param row from row to row
     * @param pixel from pixel to pixel
     * @return where each lies
     */
    public static int[] rows(int rows, int columns, int row, int pixel) {
        int[] at = new int[rows * columns];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                at[y * columns + x] = y * row + x * pixel;
            }
        }
        return at;
    }
}
