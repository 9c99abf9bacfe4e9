package org.mobilenetv3.image;

/**
 * Bilinear resizing without regard to proportions and without antialiasing, of floats: PyTorch's
 * {@code interpolate(mode="bilinear", align_corners=False)}. Where an image shrinks to less than
 * half, most of its pixels are not looked at.
 */
public final class Stretching {

    private Stretching() {}

    /**
     * Resizes an image whose samples were normalized before.
     *
     * @param image any size
     * @param newHeight in pixels
     * @param newWidth in pixels
     * @param scaling what samples become
     * @return {@code (channels, newHeight, newWidth)}
     */
    public static float[] apply(
            Pixels image, int newHeight, int newWidth, Normalization scaling) {
        float[][] tables = scaling.tables();
        float[] out =
                new float
                        [Math.multiplyExact(
                                image.channels(), Math.multiplyExact(newHeight, newWidth))];
        Places rows = new Places(image.height(), newHeight);
        Places columns = new Places(image.width(), newWidth);
        byte[] data = image.data();
        int at = 0;
        for (int c = 0; c < image.channels(); c++) {
            float[] table = tables[c];
            int plane = c * image.height() * image.width();
            for (int y = 0; y < newHeight; y++) {
                int upper = plane + rows.first[y] * image.width();
                int lower = plane + rows.second[y] * image.width();
                for (int x = 0; x < newWidth; x++) {
                    int left = columns.first[x];
                    int right = columns.second[x];
                    float share = columns.share[x];
                    float above =
                            (1 - share) * table[data[upper + left] & 0xFF]
                                    + share * table[data[upper + right] & 0xFF];
                    float below =
                            (1 - share) * table[data[lower + left] & 0xFF]
                                    + share * table[data[lower + right] & 0xFF];
                    out[at++] = (1 - rows.share[y]) * above + rows.share[y] * below;
                }
            }
        }
        return out;
    }

    /** Between which two pixels of an axis each new one lies, and the second's share. */
    private static final class Places {
        private final int[] first;
        private final int[] second;
        private final float[] share;

        Places(int size, int newSize) {
            first = new int[newSize];
            second = new int[newSize];
            share = new float[newSize];
            float scale = size / (float) newSize;
            for (int i = 0; i < newSize; i++) {
                float place = Math.max(scale * (i + 0.5f) - 0.5f, 0);
                first[i] = Math.min((int) place, size - 1);
                second[i] = Math.min(first[i] + 1, size - 1);
                share[i] = Math.min(place - first[i], 1);
            }
        }
    }
}
