package org.mobilenetv3.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Locale;
import org.mobilenetv3.image.metadata.Orientation;

/**
 * Takes the stored samples out of a BufferedImage. {@code getRGB} would pass gray and profiled
 * images through a color conversion, which changes their values; Pillow does not convert.
 */
final class Rasters {
    private static final int RGB = 3;
    private static final int CMYK = 4;

    private Rasters() {}

    static Pixels toPixels(BufferedImage image) {
        int channels = channels(image.getColorModel());
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            throw unknown(image.getColorModel()); // inverted or not: only its file says
        }
        Canvas canvas =
                new Canvas(channels, image.getHeight(), image.getWidth(), Orientation.UPRIGHT, 1);
        write(image, canvas, 0);
        return canvas.pixels();
    }

    /**
     * 1 if an image is gray by its kind (a gray color model or a palette of grays), otherwise 3.
     *
     * @throws IllegalArgumentException if it is neither gray nor RGB nor CMYK
     */
    static int channels(ColorModel model) {
        if (model instanceof IndexColorModel palette) {
            return isGray(palette) ? 1 : RGB;
        }
        int type = model.getColorSpace().getType();
        boolean inks = type == ColorSpace.TYPE_CMYK && model.getNumComponents() == CMYK;
        if (!integers(model)
                || (type != ColorSpace.TYPE_GRAY && type != ColorSpace.TYPE_RGB && !inks)) {
            throw unknown(model);
        }
        return type == ColorSpace.TYPE_GRAY ? 1 : RGB;
    }

    private static boolean integers(ColorModel model) {
        return model.getTransferType() != DataBuffer.TYPE_FLOAT
                && model.getTransferType() != DataBuffer.TYPE_DOUBLE;
    }

    private static IllegalArgumentException unknown(ColorModel model) {
        return new IllegalArgumentException(
                String.format(
                        Locale.ROOT,
                        "it has %d %s components of color-space type %d; convert it to 8-bit RGB or gray.",
                        model.getNumComponents(),
                        integers(model) ? "integer" : "floating-point",
                        model.getColorSpace().getType()));
    }

    /**
     * Adds all rows of an image to a canvas of as many channels, the first as its row {@code top}.
     */
    static void write(BufferedImage image, Canvas canvas, int top) {
        ColorModel model = image.getColorModel();
        Raster raster = image.getRaster();
        if (model instanceof IndexColorModel palette) {
            writePalette(raster, palette, canvas, top);
        } else if (model.getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            writeInks(raster, model, canvas, top);
        } else if (model.isAlphaPremultiplied() && model.hasAlpha()) {
            writeArgb(image, canvas, top);
        } else if (wholeBytes(raster, model)) {
            byte[] row = null;
            for (int y = 0; y < raster.getHeight(); y++) {
                row =
                        (byte[])
                                raster.getDataElements(
                                        raster.getMinX(),
                                        raster.getMinY() + y,
                                        raster.getWidth(),
                                        1,
                                        row);
                canvas.add(top + y, row, raster.getNumBands());
            }
        } else {
            writeSamples(raster, model, canvas, top);
        }
    }

    private static boolean wholeBytes(Raster raster, ColorModel model) {
        boolean bytes =
                raster.getTransferType() == DataBuffer.TYPE_BYTE
                        && raster.getNumDataElements() == raster.getNumBands();
        for (int c = 0; c < model.getNumComponents(); c++) {
            bytes &= model.getComponentSize(c) == 8;
        }
        return bytes;
    }

    private static void writeSamples(Raster raster, ColorModel model, Canvas canvas, int top) {
        int bands = raster.getNumBands();
        int channels = canvas.channels();
        int[] samples = new int[bands * raster.getWidth()];
        byte[] row = new byte[channels * raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, samples);
            for (int c = 0; c < channels; c++) {
                int bits = model.getComponentSize(c);
                for (int from = c, to = c; to < row.length; from += bands, to += channels) {
                    row[to] = (byte) to8Bits(samples[from], bits);
                }
            }
            canvas.add(top + y, row, channels);
        }
    }

    private static int to8Bits(int sample, int bits) {
        if (bits == 8) {
            return sample;
        }
        if (bits > 8) {
            return (sample & 0xFFFF) >> (bits - 8);
        }
        int max = (1 << bits) - 1;
        return sample * 255 / max; // cut off, as Pillow's unpackers
    }

    /** A TIFF's, which are not inverted. */
    private static void writeInks(Raster raster, ColorModel model, Canvas canvas, int top) {
        int[] inks = new int[CMYK * raster.getWidth()];
        byte[] rgb = new byte[RGB * raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, inks);
            for (int i = 0; i < inks.length; i++) {
                inks[i] = 255 - to8Bits(inks[i], model.getComponentSize(i % CMYK));
            }
            Cmyk.toRgb(inks, rgb);
            canvas.add(top + y, rgb, RGB);
        }
    }

    private static boolean isGray(IndexColorModel palette) {
        boolean gray = true;
        for (int i = 0; i < palette.getMapSize(); i++) {
            gray &=
                    palette.getRed(i) == palette.getGreen(i)
                            && palette.getGreen(i) == palette.getBlue(i);
        }
        return gray;
    }

    /** Also 1-, 2- and 4-bit gray PNGs, which Java decodes to a palette of grays. */
    private static void writePalette(
            Raster raster, IndexColorModel palette, Canvas canvas, int top) {
        byte[][] colors = colors(palette, canvas.channels());
        int width = raster.getWidth();
        int[] indices = new int[width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, indices);
            canvas.add(top + y, indices, colors);
        }
    }

    /** A palette's entries, plane after plane; black behind the last. */
    static byte[][] colors(IndexColorModel palette, int channels) {
        byte[][] colors = new byte[channels][Math.max(256, palette.getMapSize())];
        palette.getReds(colors[0]);
        if (channels == RGB) {
            palette.getGreens(colors[1]);
            palette.getBlues(colors[2]);
        }
        return colors;
    }

    private static void writeArgb(BufferedImage image, Canvas canvas, int top) {
        int[] argb = new int[image.getWidth()];
        byte[] row = new byte[RGB * argb.length];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, argb.length, 1, argb, 0, argb.length);
            for (int x = 0; x < argb.length; x++) {
                row[RGB * x] = (byte) (argb[x] >> 16);
                row[RGB * x + 1] = (byte) (argb[x] >> 8);
                row[RGB * x + 2] = (byte) argb[x];
            }
            canvas.add(top + y, row, RGB);
        }
    }
}
