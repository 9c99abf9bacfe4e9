package org.mobilenetv3.image;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import org.mobilenetv3.image.metadata.GifScreen;
import org.mobilenetv3.image.metadata.JpegHeader;
import org.mobilenetv3.image.metadata.JpegHeader.Colors;

/** Brings the first picture of one of Java's readers onto a canvas, within the memory given. */
final class PictureReader {
    private static final int INKS = 4;

    private final ImageReader reader;
    private final int height;
    private final int width;
    private final int orientation;
    private final DecodingMemory.Share memory;

    /**
     * Prepares.
     *
     * @param reader has its input
     * @param height of the picture as stored
     * @param width of the picture as stored
     * @param orientation as in Exif
     * @param memory has taken nothing yet
     */
    PictureReader(
            ImageReader reader,
            int height,
            int width,
            int orientation,
            DecodingMemory.Share memory) {
        this.reader = reader;
        this.height = height;
        this.width = width;
        this.orientation = orientation;
        this.memory = memory;
    }

    /** Of a JPEG, whose reader hands over row after row. */
    Pixels readJpeg(JpegHeader header) throws IOException {
        Colors colors = header.colors();
        if (header.hasTallChroma()) {
            Canvas canvas = canvas(3, 3L * height * width);
            TallChroma.write(reader.readRaster(0, null), colors == Colors.YCBCR, canvas);
            return canvas.pixels();
        }
        switch (colors) {
            case GRAY, RGB, YCBCR -> {
                int channels = colors == Colors.GRAY ? 1 : 3;
                Canvas canvas = canvas(channels, 0);
                ImageReadParam param = reader.getDefaultReadParam();
                param.setDestination(CanvasImage.of(canvas));
                reader.read(0, param);
                return canvas.pixels();
            }
            case CMYK, YCCK -> {
                Canvas canvas = canvas(3, (long) INKS * height * width);
                Raster raster = reader.readRaster(0, null);
                Cmyk.write(raster, colors == Colors.YCCK, canvas);
                return canvas.pixels();
            }
            default -> throw new IOException("its number of colors is unknown to JPEG");
        }
    }

    /** Of a GIF, with the screen around it. */
    Pixels readGif(GifScreen screen) throws IOException {
        if (!(type().getColorModel() instanceof IndexColorModel palette)) {
            return readOther();
        }
        Canvas canvas =
                canvas(Rasters.channels(palette), (long) reader.getHeight(0) * reader.getWidth(0));
        Raster raster = reader.read(0).getRaster();
        byte[][] colors = Rasters.colors(palette, canvas.channels());
        int[] indices = new int[width];
        int[] part = new int[raster.getWidth()];
        for (int y = 0; y < height; y++) {
            Arrays.fill(indices, screen.around());
            int row = y - screen.top();
            if (row >= 0 && row < raster.getHeight()) {
                raster.getSamples(0, row, part.length, 1, 0, part);
                System.arraycopy(part, 0, indices, screen.left(), part.length);
            }
            canvas.add(y, indices, colors);
        }
        return canvas.pixels();
    }

    /** Of all others, whose readers make an image of their own: piece by piece if it is large. */
    Pixels readOther() throws IOException {
        ImageTypeSpecifier type = type();
        long rowBytes = Math.max(1, bytes(type.getSampleModel(), width));
        Canvas canvas = canvas(Rasters.channels(type.getColorModel()), rowBytes * height);
        int rows = (int) Math.max(1, Math.min(height, memory.most() / 2 / rowBytes));
        for (int top = 0; top < height; top += rows) {
            ImageReadParam param = reader.getDefaultReadParam();
            if (rows < height) {
                param.setSourceRegion(new Rectangle(0, top, width, Math.min(rows, height - top)));
            }
            BufferedImage image = reader.read(0, param);
            if (image == null) {
                throw new IOException("its reader found no picture");
            }
            Rasters.write(image, canvas, top);
        }
        return canvas.pixels();
    }

    private ImageTypeSpecifier type() throws IOException {
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        if (!types.hasNext()) {
            throw new IOException("Java has no image type for its colors");
        }
        return types.next();
    }

    /** Of a row; the model may be of another size. */
    private static long bytes(SampleModel model, int width) {
        long bits = 0;
        for (int size : model.getSampleSize()) {
            bits += size;
        }
        return (bits * width + 7) / 8;
    }

    /** Waits for memory; the canvas is smaller than the picture if there never is enough. */
    private Canvas canvas(int channels, long beside) {
        long most = memory.most();
        long room = beside == 0 ? most : Math.max(most / 2, most - beside);
        int factor = 1;
        while (Canvas.bytes(channels, height, width, factor) > room) {
            factor *= 2;
        }
        memory.take(Canvas.bytes(channels, height, width, factor) + Math.min(beside, most));
        return new Canvas(channels, height, width, orientation, factor);
    }
}
