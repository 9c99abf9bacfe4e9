package org.mobilenetv3.image;

import java.awt.image.Raster;

/**
 * JPEGs with chroma of full width and half the height (4:4:0, as turned 4:2:2 has). libjpeg-turbo,
 * and Pillow with it, smooth between the rows of chroma; the libjpeg of most JDKs repeats them.
 */
final class TallChroma {
    private static final int HALF = 1 << 15;

    private TallChroma() {}

    /**
     * Adds all rows to a canvas.
     *
     * @param raster samples as stored, the second and third band at full height
     * @param ycc whether they are YCbCr and not RGB
     * @param canvas of three channels
     */
    static void write(Raster raster, boolean ycc, Canvas canvas) {
        int height = raster.getHeight();
        boolean repeated = isRepeated(raster);
        byte[] row = null;
        byte[] beside = null;
        for (int y = 0; y < height; y++) {
            row = row(raster, y, row);
            if (repeated) {
                int other = y % 2 == 0 ? Math.max(0, y - 1) : Math.min(height - 1, y + 1);
                beside = row(raster, other, beside);
                smooth(row, beside, y % 2 == 0 ? 1 : 2);
            }
            if (ycc) {
                toRgb(row);
            }
            canvas.add(y, row, 3);
        }
    }

    /** Whether the second row of each pair has the first one's chroma: then no one smoothed. */
    private static boolean isRepeated(Raster raster) {
        byte[] first = null;
        byte[] second = null;
        for (int y = 0; y + 1 < raster.getHeight(); y += 2) {
            first = row(raster, y, first);
            second = row(raster, y + 1, second);
            for (int i = 0; i < first.length; i += 3) {
                if (first[i + 1] != second[i + 1] || first[i + 2] != second[i + 2]) {
                    return false;
                }
            }
        }
        return true;
    }

    private static byte[] row(Raster raster, int y, byte[] into) {
        return (byte[]) raster.getDataElements(0, y, raster.getWidth(), 1, into);
    }

    /** As jdsample.c's h1v2_fancy_upsample. */
    private static void smooth(byte[] row, byte[] beside, int bias) {
        for (int i = 0; i < row.length; i += 3) {
            for (int c = 1; c < 3; c++) {
                int sum = 3 * (row[i + c] & 0xFF) + (beside[i + c] & 0xFF);
                row[i + c] = (byte) ((sum + bias) >> 2);
            }
        }
    }

    /** As jdcolor.c's ycc_rgb_convert. */
    private static void toRgb(byte[] row) {
        for (int i = 0; i < row.length; i += 3) {
            int luma = row[i] & 0xFF;
            int blue = (row[i + 1] & 0xFF) - 128;
            int red = (row[i + 2] & 0xFF) - 128;
            row[i] = clip(luma + ((Cmyk.RED_OF_CR * red + HALF) >> 16));
            row[i + 1] =
                    clip(luma + ((HALF - Cmyk.GREEN_OF_CB * blue - Cmyk.GREEN_OF_CR * red) >> 16));
            row[i + 2] = clip(luma + ((Cmyk.BLUE_OF_CB * blue + HALF) >> 16));
        }
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
