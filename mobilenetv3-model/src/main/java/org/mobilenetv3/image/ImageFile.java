package org.mobilenetv3.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes the bytes of an image file by content and turns every failure into one sentence. */
final class ImageFile {
    private static final int BMP_COMPRESSION = 30;

    private ImageFile() {}

    static Pixels decode(byte[] file, String name, ImageLimits limits) throws IOException {
        if (file.length == 0) {
            throw new IOException("The image file '" + name + "' is empty; copy it again.");
        }
        if (holdsAnotherFile(file)) {
            throw new IOException(
                    "The image '%s' is a BMP around a JPEG or PNG, of an unsupported kind; convert it to an RGB PNG."
                            .formatted(name));
        }
        ImageInputStream input = new MemoryCacheImageInputStream(new TimedBytes(file, limits));
        Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
        if (!readers.hasNext()) {
            String kind = PictureKind.of(file).map(k -> " (it is a " + k + ")").orElse("");
            throw new IOException(
                    "'%s' is not an image Java can read%s; give a PNG, JPEG, BMP or GIF."
                            .formatted(name, kind));
        }
        ImageReader reader = readers.next();
        try {
            Pixels stored = decode(reader, input, name, file, limits);
            return Orientation.upright(stored, Orientation.of(file));
        } catch (ImageTooLargeException e) {
            throw e;
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

    private static Pixels decode(
            ImageReader reader,
            ImageInputStream input,
            String name,
            byte[] file,
            ImageLimits limits)
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
        if (pixels > limits.pixels()) {
            throw new ImageTooLargeException(name, pixels, limits.pixels());
        }
        boolean bare = reader.canReadRaster() && hasFourColours(reader);
        Raster raster = bare ? reader.readRaster(0, null) : null;
        BufferedImage image = bare ? null : reader.read(0);
        if (cut.length() > 0) {
            throw new IOException(cut.toString());
        }
        if (raster != null) {
            return Cmyk.toPixels(raster, Cmyk.isYcc(file));
        }
        if (image == null) {
            throw new IOException("its reader found no picture in " + name);
        }
        return Rasters.toPixels(image);
    }

    /** Java would decode what is inside without any regard to limits. */
    private static boolean holdsAnotherFile(byte[] file) {
        boolean bmp = file.length > BMP_COMPRESSION && file[0] == 'B' && file[1] == 'M';
        return bmp && (file[BMP_COMPRESSION] == 4 || file[BMP_COMPRESSION] == 5);
    }

    /** Bytes that end in an error when the time is over; readers fetch them piece by piece. */
    private static final class TimedBytes extends ByteArrayInputStream {
        private final long began = System.nanoTime();
        private final long nanos;

        TimedBytes(byte[] bytes, ImageLimits limits) {
            super(bytes);
            this.nanos = limits.time().toNanos();
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) {
            if (System.nanoTime() - began > nanos) {
                throw new IllegalStateException("decoding it takes too long");
            }
            return super.read(into, offset, Math.min(length, 512));
        }
    }

    /** Java has no image type for them, or converts them in a way of its own, by version. */
    private static boolean hasFourColours(ImageReader reader) throws IOException {
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        return !types.hasNext()
                || types.next().getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK;
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
