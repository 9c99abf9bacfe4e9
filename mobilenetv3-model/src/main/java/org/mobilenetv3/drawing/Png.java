package org.mobilenetv3.drawing;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.mobilenetv3.segmentation.Mask;

/** Pictures as bytes of PNG files. */
public final class Png {

    private Png() {}

    /**
     * Encodes a picture.
     *
     * @param picture drawn
     * @return the file
     */
    public static byte[] of(BufferedImage picture) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // ImageIO's own stream would register a shutdown hook, too late while a run is interrupted.
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    /**
     * Encodes a mask with a palette, as Pascal VOC's masks are: a program that reads indices gets
     * the classes, and a viewer shows colors.
     *
     * @param mask of a class for each pixel
     * @return the file, of 8 bits per pixel and the colors of {@link ClassColors#ofMask}
     */
    public static byte[] of(Mask mask) {
        BufferedImage picture =
                new BufferedImage(
                        mask.width(),
                        mask.height(),
                        BufferedImage.TYPE_BYTE_INDEXED,
                        ClassColors.palette());
        picture.getRaster().setDataElements(0, 0, mask.width(), mask.height(), mask.classes());
        return of(picture);
    }
}
