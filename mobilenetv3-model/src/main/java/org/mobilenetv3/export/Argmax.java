package org.mobilenetv3.export;

/** The class that a net answers. */
public final class Argmax {

    private Argmax() {}

    /**
     * Finds the largest of some numbers.
     *
     * @param values logits of one image or of several
     * @param from index of the first that counts
     * @param count how many count, at least 1
     * @return its index, counted from the first; the first of several that are as large
     */
    public static int of(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
