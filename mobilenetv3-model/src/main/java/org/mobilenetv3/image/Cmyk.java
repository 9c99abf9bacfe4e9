package org.mobilenetv3.image;

import java.awt.image.Raster;
import java.util.Locale;

/**
 * Four-colour JPEGs, which Java reads only as bare samples, in red, green and blue as Pillow's
 * {@code convert("RGB")}: samples are inverted, as Adobe writes them, and no colour profile is
 * used.
 */
final class Cmyk {
    private static final int BANDS = 4;

    private Cmyk() {}

    /**
     * Converts.
     *
     * @param raster cyan, magenta, yellow and black, or YCbCr and black
     * @param ycc whether it is the second
     * @throws IllegalArgumentException if there are not four bands
     */
    static Pixels toPixels(Raster raster, boolean ycc) {
        if (raster.getNumBands() != BANDS) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "it has %d components of a kind that Java does not know",
                            raster.getNumBands()));
        }
        int width = raster.getWidth();
        int plane = Math.multiplyExact(raster.getHeight(), width);
        byte[] data = new byte[Math.multiplyExact(3, plane)];
        int[] row = new int[BANDS * width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int[] ink = {row[BANDS * x], row[BANDS * x + 1], row[BANDS * x + 2]};
                if (ycc) {
                    toInk(ink);
                }
                int light = row[BANDS * x + 3];
                for (int c = 0; c < 3; c++) {
                    int product = (255 - ink[c]) * light + 128;
                    int shadow = ((product >> 8) + product) >> 8;
                    data[c * plane + y * width + x] = (byte) Math.max(0, light - shadow);
                }
            }
        }
        return new Pixels(data, 3, raster.getHeight(), width);
    }

    /** libjpeg's YCCK to CMYK: the complement of YCbCr to RGB. */
    private static void toInk(int[] ycc) {
        double blue = ycc[1] - 128;
        double red = ycc[2] - 128;
        int luma = ycc[0];
        ycc[0] = complement(luma + 1.402 * red);
        ycc[1] = complement(luma - 0.344136286 * blue - 0.714136286 * red);
        ycc[2] = complement(luma + 1.772 * blue);
    }

    private static int complement(double value) {
        return 255 - (int) Math.max(0, Math.min(255, Math.round(value)));
    }

    /** Whether a JPEG says, in Adobe's segment, that its colours are YCbCr and black. */
    static boolean isYcc(byte[] jpeg) {
        int at = 2;
        while (at + 4 < jpeg.length && (jpeg[at] & 0xFF) == 0xFF) {
            int marker = jpeg[at + 1] & 0xFF;
            int length = ((jpeg[at + 2] & 0xFF) << 8) | (jpeg[at + 3] & 0xFF);
            if (marker == 0xDA) {
                return false;
            }
            if (marker == 0xEE && length >= 14 && at + 15 < jpeg.length && jpeg[at + 4] == 'A') {
                return jpeg[at + 15] == 2;
            }
            at += 2 + length;
        }
        return false;
    }
}
