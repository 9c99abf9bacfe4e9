package org.mobilenetv3.image;

import java.awt.Point;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/**
 * A canvas as the image that Java's JPEG reader writes to: it hands over one row after the other,
 * so that the picture is in memory once and not three times.
 */
final class CanvasImage extends WritableRaster {
    private final Canvas canvas;
    private byte[] row;

    private CanvasImage(Canvas canvas, PixelInterleavedSampleModel model) {
        super(model, new DataBufferByte(1), new Point());
        this.canvas = canvas;
    }

    static BufferedImage of(Canvas canvas) {
        boolean gray = canvas.channels() == 1;
        ColorSpace space = ColorSpace.getInstance(gray ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        ComponentColorModel model =
                new ComponentColorModel(
                        space, false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
        int bands = canvas.channels();
        PixelInterleavedSampleModel samples =
                new PixelInterleavedSampleModel(
                        DataBuffer.TYPE_BYTE,
                        canvas.width(),
                        canvas.height(),
                        bands,
                        Math.multiplyExact(bands, canvas.width()),
                        gray ? new int[] {0} : new int[] {0, 1, 2});
        return new BufferedImage(model, new CanvasImage(canvas, samples), false, null);
    }

    /** Takes one whole row. */
    @Override
    public void setRect(int dx, int dy, Raster source) {
        row =
                (byte[])
                        source.getDataElements(
                                source.getMinX(),
                                source.getMinY(),
                                canvas.width(),
                                source.getHeight(),
                                row);
        canvas.add(dy, row, canvas.channels());
    }
}
