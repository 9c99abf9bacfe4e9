package org.mobilenetv3.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes the bytes of an image file by content and turns every failure into one sentence. */
final class ImageFile {
    /** Pillow refuses larger ones as decompression bombs. */
    private static final long MAX_PIXELS = 178_956_970;

    private ImageFile() {}

    static BufferedImage decode(byte[] file, String name) throws IOException {
        if (file.length == 0) {
            throw new IOException("The image file '" + name + "' is empty; copy it again.");
        }
        ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(file));
        Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
        if (!readers.hasNext()) {
            throw new IOException(
                    "'" + name + "' is not an image Java can read; give a PNG, JPEG, BMP or GIF.");
        }
        ImageReader reader = readers.next();
        try {
            return decode(reader, input, name);
        } catch (IOException | RuntimeException e) {
            // The readers meet broken files with any kind of exception.
            throw new IOException(
                    "The image '"
                            + name
                            + "' is damaged, truncated or of an unsupported kind ("
                            + reason(e)
                            + "); replace it or convert it to an RGB PNG.",
                    e);
        } finally {
            reader.dispose();
        }
    }

    private static BufferedImage decode(ImageReader reader, ImageInputStream input, String name)
            throws IOException {
        StringBuilder cut = new StringBuilder();
        reader.addIIOReadWarningListener(
                (source, warning) -> {
                    if (tellsOfMissingData(warning)) {
                        cut.append(warning);
                    }
                });
        reader.setInput(input, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
            throw new IOException("it claims " + pixels + " pixels, " + MAX_PIXELS + " at most");
        }
        BufferedImage image = reader.read(0);
        if (cut.length() > 0) {
            throw new IOException(cut.toString());
        }
        if (image == null) {
            throw new IOException("its reader found no picture in " + name);
        }
        return image;
    }

    /** The JPEG reader only warns of a truncated file and fills the rest with grey. */
    private static boolean tellsOfMissingData(String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        return text.contains("eoi") || text.contains("truncated") || text.contains("premature");
    }

    private static String reason(Exception e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null || message.isBlank()
                ? deepest.getClass().getSimpleName()
                : message.strip().replaceAll("[.!]+$", "");
    }
}
