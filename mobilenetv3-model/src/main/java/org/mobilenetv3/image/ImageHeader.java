package org.mobilenetv3.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.image.metadata.JpegHeader;
import org.mobilenetv3.image.metadata.Orientation;

/**
 * What an image file says of its picture beside the samples.
 *
 * @param height of the picture as stored, in pixels
 * @param width of the picture as stored, in pixels
 * @param orientation how the camera was held, as in Exif: 1 (upright) to 8
 */
public record ImageHeader(int height, int width, int orientation) {
    private static final int HEAD = 1 << 16;
    private static final int TAIL = 64;
    private static final int PNG_SIGNATURE = 8;
    private static final int CHUNK_FRAME = 12;
    private static final int LARGEST_CHUNK = 1 << 20;
    private static final int MOST_CHUNKS = 1 << 20;

    /**
     * Returns the height after turning.
     *
     * @return that of {@link Pixels#read}, unless memory is short
     */
    public int uprightHeight() {
        return Orientation.turns(orientation) ? width : height;
    }

    /**
     * Returns the width after turning.
     *
     * @return that of {@link Pixels#read}, unless memory is short
     */
    public int uprightWidth() {
        return Orientation.turns(orientation) ? height : width;
    }

    /**
     * Reads a file's header. Of a JPEG or PNG that is complete (it has its end, and chunks as long
     * as they claim) no sample is decoded, so damaged samples are not noticed; any other file is
     * decoded.
     *
     * @param file an image
     * @param memory its share where it must be decoded, to be closed afterwards
     * @return its header
     * @throws IOException as {@link Pixels#read} does
     */
    public static ImageHeader read(Path file, DecodingMemory.Share memory) throws IOException {
        byte[] bytes = Files.isRegularFile(file) ? withoutSamples(file) : null;
        if (bytes == null) {
            Pixels.read(file, memory); // tells what is wrong
            bytes = Files.readAllBytes(file);
        }
        return ImageFile.header(bytes, file.toString());
    }

    /** What stands before and behind the samples; null if the picture must be decoded. */
    private static byte[] withoutSamples(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            byte[] head = bytes(channel, 0, HEAD);
            PictureKind kind = PictureKind.of(head).orElse(null);
            if (kind == PictureKind.PNG) {
                return chunksWithoutSamples(channel);
            }
            if (kind != PictureKind.JPEG || !endsAsJpeg(channel)) {
                return null;
            }
            JpegHeader header = JpegHeader.of(head);
            boolean whole = header == null || header.scan() + TAIL > head.length;
            return whole ? Files.readAllBytes(file) : head;
        }
    }

    private static byte[] bytes(FileChannel channel, long from, int most) throws IOException {
        int length = (int) Math.max(0, Math.min(most, channel.size() - from));
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new IOException("An image file became shorter while it was read.");
            }
        }
        return buffer.array();
    }

    private static boolean endsAsJpeg(FileChannel channel) throws IOException {
        byte[] tail = bytes(channel, Math.max(0, channel.size() - TAIL), TAIL);
        int end = tail.length;
        while (end > 2 && tail[end - 1] == 0) { // padding
            end--;
        }
        return end > 2 && (tail[end - 2] & 0xFF) == 0xFF && (tail[end - 1] & 0xFF) == 0xD9;
    }

    private static byte[] chunksWithoutSamples(FileChannel channel) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        kept.writeBytes(bytes(channel, 0, PNG_SIGNATURE));
        long at = PNG_SIGNATURE;
        for (int i = 0; i < MOST_CHUNKS; i++) {
            byte[] frame = bytes(channel, at, 8);
            if (frame.length < 8) {
                return null;
            }
            int length = ByteBuffer.wrap(frame).getInt();
            String type = new String(frame, 4, 4, StandardCharsets.ISO_8859_1);
            if (length < 0 || at + CHUNK_FRAME + length > channel.size()) {
                return null;
            }
            if (!type.equals("IDAT") && length <= LARGEST_CHUNK && kept.size() <= LARGEST_CHUNK) {
                kept.writeBytes(bytes(channel, at, CHUNK_FRAME + length));
            }
            if (type.equals("IEND")) {
                return kept.toByteArray();
            }
            at += CHUNK_FRAME + length;
        }
        return null;
    }
}
