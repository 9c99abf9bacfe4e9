package org.mobilenetv3.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Locale;

/**
 * Takes the stored samples out of a BufferedImage. {@code getRGB} would pass grey and profiled
 * images through a colour conversion, which changes their values; Pillow does not convert.
 */
final class Rasters {
    private Rasters() {}

    static Pixels toPixels(BufferedImage image) {
        ColorModel model = image.getColorModel();
        if (model instanceof IndexColorModel palette) {
            return fromPalette(image.getRaster(), palette);
        }
        int type = model.getColorSpace().getType();
        boolean integers =
                model.getTransferType() != DataBuffer.TYPE_FLOAT
                        && model.getTransferType() != DataBuffer.TYPE_DOUBLE;
        if (!integers || (type != ColorSpace.TYPE_GRAY && type != ColorSpace.TYPE_RGB)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            ("it has %d %s components of colour-space type %d; convert it to 8-bit"
                                    + " RGB or grey."),
                            model.getNumComponents(),
                            integers ? "integer" : "floating-point",
                            type));
        }
        if (model.isAlphaPremultiplied() && model.hasAlpha()) {
            return fromArgb(image);
        }
        return fromBands(image.getRaster(), model, type == ColorSpace.TYPE_GRAY ? 1 : 3);
    }

    private static Pixels fromBands(Raster raster, ColorModel model, int channels) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        byte[] data = new byte[Math.multiplyExact(channels, Math.multiplyExact(height, width))];
        int[] row = new int[width];
        int at = 0;
        for (int c = 0; c < channels; c++) {
            int bits = model.getComponentSize(c);
            for (int y = 0; y < height; y++) {
                raster.getSamples(
                        raster.getMinX(), raster.getMinY() + y, width, 1, c, row); // band c = R,G,B
                for (int x = 0; x < width; x++) {
                    data[at++] = (byte) to8Bits(row[x], bits);
                }
            }
        }
        return new Pixels(data, channels, height, width);
    }

    private static int to8Bits(int sample, int bits) {
        if (bits == 8) {
            return sample;
        }
        if (bits > 8) {
            return (sample & 0xFFFF) >> (bits - 8);
        }
        int max = (1 << bits) - 1;
        return (sample * 255 + max / 2) / max;
    }

    /** Also 1-, 2- and 4-bit grey PNGs, which Java decodes to a palette of greys. */
    private static Pixels fromPalette(Raster raster, IndexColorModel palette) {
        int size = palette.getMapSize();
        byte[][] colours = new byte[3][size];
        palette.getReds(colours[0]);
        palette.getGreens(colours[1]);
        palette.getBlues(colours[2]);
        boolean grey = true;
        for (int i = 0; i < size; i++) {
            grey &= colours[0][i] == colours[1][i] && colours[1][i] == colours[2][i];
        }
        int channels = grey ? 1 : 3;
        int height = raster.getHeight();
        int width = raster.getWidth();
        int plane = Math.multiplyExact(height, width);
        int[] indices =
                raster.getSamples(
                        raster.getMinX(), raster.getMinY(), width, height, 0, (int[]) null);
        byte[] data = new byte[Math.multiplyExact(channels, plane)];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < plane; i++) {
                data[c * plane + i] = indices[i] < size ? colours[c][indices[i]] : 0;
            }
        }
        return new Pixels(data, channels, height, width);
    }

    private static Pixels fromArgb(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        int plane = Math.multiplyExact(height, width);
        int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
        byte[] data = new byte[Math.multiplyExact(3, plane)];
        for (int i = 0; i < plane; i++) {
            data[i] = (byte) (argb[i] >> 16);
            data[plane + i] = (byte) (argb[i] >> 8);
            data[2 * plane + i] = (byte) argb[i];
        }
        return new Pixels(data, 3, height, width);
    }
}
