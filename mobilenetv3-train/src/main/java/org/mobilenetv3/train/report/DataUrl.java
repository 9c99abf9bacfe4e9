package org.mobilenetv3.train.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.mobilenetv3.drawing.Png;

/** Pictures that a page holds itself. */
final class DataUrl {

    /** A page of photographs would take long to open. */
    private static final int MAX_PNG = 120_000;

    private static final float JPEG_QUALITY = 0.9f;

    private DataUrl() {}

    /** The picture as it is, or as a JPEG if that takes too many bytes. */
    static String of(BufferedImage picture) {
        byte[] png = Png.of(picture);
        return png.length <= MAX_PNG ? of("png", png) : of("jpeg", jpeg(picture));
    }

    private static String of(String kind, byte[] file) {
        return "data:image/" + kind + ";base64," + Base64.getEncoder().encodeToString(file);
    }

    private static byte[] jpeg(BufferedImage picture) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(JPEG_QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
