package org.mobilenetv3.image;

import java.awt.image.Raster;
import java.util.Locale;

/**
 * Four-color pictures in red, green and blue as Pillow's {@code convert("RGB")}: no color profile
 * is used. JPEGs hold their samples inverted, as Adobe writes them.
 */
final class Cmyk {
    private static final int BANDS = 4;
    // libjpeg's jdcolor.c: fixed point with 16 bits
    private static final int HALF = 1 << 15;
    static final int RED_OF_CR = 91881;
    static final int GREEN_OF_CB = 22554;
    static final int GREEN_OF_CR = 46802;
    static final int BLUE_OF_CB = 116130;

    private Cmyk() {}

    /**
     * Converts a JPEG's samples.
     *
     * @param raster cyan, magenta, yellow and black, or YCbCr and black
     * @param ycc whether it is the second
     * @param canvas takes the rows
     * @throws IllegalArgumentException if there are not four bands
     */
    static void write(Raster raster, boolean ycc, Canvas canvas) {
        if (raster.getNumBands() != BANDS) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "it has %d components of a kind that Java does not know",
                            raster.getNumBands()));
        }
        int width = raster.getWidth();
        int[] row = new int[BANDS * width];
        byte[] rgb = new byte[3 * width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int at = 0; ycc && at < row.length; at += BANDS) {
                toInk(row, at);
            }
            toRgb(row, rgb);
            canvas.add(y, rgb, 3);
        }
    }

    /** Inks, inverted, to light. */
    static void toRgb(int[] inks, byte[] rgb) {
        for (int from = 0, to = 0; from < inks.length; from += BANDS, to += 3) {
            int light = inks[from + 3];
            for (int c = 0; c < 3; c++) {
                int product = (255 - inks[from + c]) * light + 128;
                int shadow = ((product >> 8) + product) >> 8;
                rgb[to + c] = (byte) Math.max(0, light - shadow);
            }
        }
    }

    /** libjpeg's YCCK to CMYK: the complement of YCbCr to RGB. */
    private static void toInk(int[] row, int at) {
        int luma = row[at];
        int blue = row[at + 1] - 128;
        int red = row[at + 2] - 128;
        row[at] = complement(luma + ((RED_OF_CR * red + HALF) >> 16));
        row[at + 1] = complement(luma + ((HALF - GREEN_OF_CB * blue - GREEN_OF_CR * red) >> 16));
        row[at + 2] = complement(luma + ((BLUE_OF_CB * blue + HALF) >> 16));
    }

    private static int complement(int value) {
        return 255 - Math.max(0, Math.min(255, value));
    }
}
