package org.mobilenetv3.image;

import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.mobilenetv3.image.metadata.GifScreen;
import org.mobilenetv3.image.metadata.JpegHeader;
import org.mobilenetv3.image.metadata.Orientation;
import org.mobilenetv3.io.FileErrors;

/** Decodes the bytes of an image file by content and turns every failure into one sentence. */
final class ImageFile {
    private static final int BMP_COMPRESSION = 30;
    private static final byte[] NOTHING = {};

    private ImageFile() {}

    /** What is done with a file's reader. */
    private interface Use<T> {
        T apply(ImageReader reader, ImageInputStream input, JpegHeader jpeg) throws IOException;
    }

    static Pixels decode(byte[] file, String name, ImageLimits limits, DecodingMemory.Share memory)
            throws IOException {
        return with(
                file,
                name,
                limits,
                (reader, input, jpeg) -> decode(reader, input, name, file, jpeg, limits, memory));
    }

    /** Reads the header; the file may lack its samples. */
    static ImageHeader header(byte[] file, String name) throws IOException {
        return with(
                file,
                name,
                ImageLimits.DEFAULT,
                (reader, input, jpeg) -> {
                    reader.setInput(input, true, true);
                    return header(reader, file, name, jpeg, ImageLimits.DEFAULT);
                });
    }

    private static <T> T with(byte[] file, String name, ImageLimits limits, Use<T> use)
            throws IOException {
        if (file.length == 0) {
            throw new IOException("The image file '" + name + "' is empty; copy it again.");
        }
        if (holdsAnotherFile(file)) {
            throw new IOException(
                    "The image '%s' is a BMP around a JPEG or PNG, of an unsupported kind; convert it to an RGB PNG."
                            .formatted(name));
        }
        JpegHeader jpeg = JpegHeader.of(file);
        ImageInputStream input =
                new MemoryCacheImageInputStream(
                        jpeg == null
                                ? new TimedBytes(NOTHING, file, 0, limits.time())
                                : new TimedBytes(jpeg.plain(), file, jpeg.scan(), limits.time()));
        Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
        if (!readers.hasNext()) {
            String kind = PictureKind.of(file).map(k -> " (it is a " + k + ")").orElse("");
            throw new IOException(
                    "'%s' is not an image Java can read%s; give a PNG, JPEG, BMP or GIF."
                            .formatted(name, kind));
        }
        ImageReader reader = readers.next();
        try {
            return use.apply(reader, input, jpeg);
        } catch (ImageTooLargeException e) {
            throw e;
        } catch (OutOfMemoryError e) { // of its one large array; others go on
            throw new ImageTooLargeException(name, e);
        } catch (IOException | RuntimeException e) {
            if (FileErrors.root(e) instanceof ImageTooSlowException slow) {
                throw slow;
            }
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
            JpegHeader jpeg,
            ImageLimits limits,
            DecodingMemory.Share memory)
            throws IOException {
        StringBuilder cut = new StringBuilder();
        reader.addIIOReadWarningListener(
                (source, warning) -> {
                    if (tellsOfMissingData(warning)) {
                        cut.append(warning);
                    }
                });
        GifScreen screen = GifScreen.of(file);
        boolean once = jpeg != null || screen != null; // others may be read piece by piece
        reader.setInput(input, once, true);
        ImageHeader header = header(reader, file, name, jpeg, limits);
        PictureReader pictures =
                new PictureReader(
                        reader, header.height(), header.width(), header.orientation(), memory);
        Pixels read =
                jpeg != null
                        ? pictures.readJpeg(jpeg)
                        : screen != null ? pictures.readGif(screen) : pictures.readOther();
        if (cut.length() > 0) {
            throw new IOException(cut.toString());
        }
        return read;
    }

    private static ImageHeader header(
            ImageReader reader, byte[] file, String name, JpegHeader jpeg, ImageLimits limits)
            throws IOException {
        GifScreen screen = GifScreen.of(file);
        int height = screen == null ? reader.getHeight(0) : screen.height();
        int width = screen == null ? reader.getWidth(0) : screen.width();
        long pixels = (long) height * width;
        if (pixels > limits.pixels()) {
            throw new ImageTooLargeException(name, pixels, limits.pixels());
        }
        return new ImageHeader(height, width, Orientation.of(file, jpeg));
    }

    /** Java would decode what is inside without any regard to limits. */
    private static boolean holdsAnotherFile(byte[] file) {
        boolean bmp = file.length > BMP_COMPRESSION && file[0] == 'B' && file[1] == 'M';
        return bmp && (file[BMP_COMPRESSION] == 4 || file[BMP_COMPRESSION] == 5);
    }

    /**
     * The JPEG reader only warns of a truncated file and fills the rest with gray. Bytes that are
     * wrong within the data are a warning to libjpeg and Pillow, too.
     */
    private static boolean tellsOfMissingData(String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        return text.contains("eoi")
                || text.contains("truncated")
                || (text.contains("premature") && !text.contains("data segment"));
    }

    private static String reason(Exception e) {
        Throwable root = FileErrors.root(e);
        String message = root.getMessage();
        return message == null || message.isBlank()
                ? root.getClass().getSimpleName()
                : message.strip().replaceAll("[.!]+$", "");
    }
}
