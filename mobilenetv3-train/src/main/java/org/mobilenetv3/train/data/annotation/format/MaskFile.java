package org.mobilenetv3.train.data.annotation.format;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.segmentation.Mask;

/**
 * A PNG whose samples are class indices: those of its palette, or its grays. 255 is ignored.
 *
 * @param file the PNG
 * @param height in pixels
 * @param width in pixels
 */
public record MaskFile(Path file, int height, int width) {
    private static final int HEADER = 26;
    private static final byte[] SIGNATURE = {
        (byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'
    };
    private static final int GRAY = 0;
    private static final int PALETTE = 3;

    /**
     * Reads the size.
     *
     * @param file a PNG
     * @return its place and size
     * @throws IOException in one sentence, if it is no PNG of indices
     */
    public static MaskFile open(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(HEADER);
        }
        if (head.length < HEADER
                || !Arrays.equals(head, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            throw new IOException(
                    "The mask '%s' is no PNG; JPEGs change the indices, so save masks as PNG."
                            .formatted(file));
        }
        int height = ByteBuffer.wrap(head).getInt(20);
        int width = ByteBuffer.wrap(head).getInt(16);
        int bits = head[24];
        int kind = head[25];
        if (height < 1 || width < 1) {
            throw new IOException("The mask '%s' is damaged; export it again.".formatted(file));
        }
        if ((kind != GRAY && kind != PALETTE) || bits > 8) {
            throw new IOException(
                    "The mask '%s' %s, but a mask holds one index of a class per pixel; convert it to a PNG with a palette or of 8-bit gray, whose values count classes from 0, with 255 where nothing is known."
                            .formatted(
                                    file,
                                    kind == GRAY || kind == PALETTE
                                            ? "has 16 bits per pixel"
                                            : "has colors (RGB or alpha)"));
        }
        return new MaskFile(file, height, width);
    }

    /**
     * Reads the indices. Call it for sizes that are known to be harmless only.
     *
     * @return a class for each pixel, as stored
     * @throws IOException in one sentence, if the file is damaged
     */
    public Mask read() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("png");
        ImageReader reader = readers.next();
        try {
            reader.setInput(input, true, true);
            if (reader.getHeight(0) != height || reader.getWidth(0) != width) {
                throw new IOException("its size has changed");
            }
            Raster raster = reader.read(0).getRaster();
            byte[] classes = new byte[Math.multiplyExact(height, width)];
            int[] row = new int[width];
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, 0, row);
                for (int x = 0; x < width; x++) {
                    classes[y * width + x] = (byte) row[x];
                }
            }
            return new Mask(classes, height, width);
        } catch (IOException | RuntimeException e) { // the reader's, of any kind
            String reason = FileErrors.root(e).getMessage();
            throw new IOException(
                    "The mask '%s' is damaged or truncated (%s); export it again."
                            .formatted(
                                    file,
                                    Flaws.printable(
                                            reason == null
                                                    ? e.getClass().getSimpleName()
                                                    : reason)),
                    e);
        } finally {
            reader.dispose();
        }
    }
}
