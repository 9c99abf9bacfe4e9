package org.mobilenetv3.vector;

/** Where pixels lie relative to the first. */
final class Places {

    /** Pixels of a block that the first cache still holds when a function is applied to them. */
    static final int NEAR = 98;

    /** One pixel. */
    static final int[] ALONE = {0};

    private Places() {}

    /** Behind the last pixel of a part that begins at one; a short rest goes with it. */
    static int end(int from, int count) {
        return count - from < NEAR + NEAR / 2 ? count : from + NEAR;
    }

    /** One after the other. */
    static int[] plain(int pixels, int stride) {
        int[] at = new int[pixels];
        for (int p = 0; p < pixels; p++) {
            at[p] = p * stride;
        }
        return at;
    }

    /** In rows that are longer than the image is wide. */
    static int[] rows(int rows, int columns, int row, int pixel) {
        int[] at = new int[rows * columns];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                at[y * columns + x] = y * row + x * pixel;
            }
        }
        return at;
    }
}
