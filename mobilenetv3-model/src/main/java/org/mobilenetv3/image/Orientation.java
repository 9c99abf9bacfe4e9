package org.mobilenetv3.image;

import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * How the camera was held, as Exif in a JPEG or PNG tells; images are turned upright as Pillow's
 * {@code ImageOps.exif_transpose} does.
 */
final class Orientation {
    private static final int UPRIGHT = 1;
    private static final int LAST = 8;
    private static final int JPEG = 0xFFD8;
    private static final int PNG = 0x8950;
    private static final int PNG_HEADER = 8;
    private static final int CHUNK_FRAME = 12;
    private static final int EXIF_CHUNK = 0x65584966; // eXIf

    private Orientation() {}

    /** What a file says, 1 to 8; 1 (upright) if it says nothing that makes sense. */
    static int of(byte[] file) {
        try {
            int begin = file.length < 2 ? 0 : ((file[0] & 0xFF) << 8) | (file[1] & 0xFF);
            return switch (begin) {
                case JPEG ->
                        of(
                                JpegMetadataReader.readMetadata(
                                        new ByteArrayInputStream(file), List.of(new ExifReader())));
                case PNG -> ofPng(file);
                default -> UPRIGHT;
            };
        } catch (ImageProcessingException | IOException | RuntimeException e) {
            return UPRIGHT; // a file may have pixels that are whole and metadata that are not
        }
    }

    private static int ofPng(byte[] file) {
        ByteBuffer chunks = ByteBuffer.wrap(file);
        for (int at = PNG_HEADER; at >= 0 && at + CHUNK_FRAME <= file.length; ) {
            int length = chunks.getInt(at);
            if (length < 0 || length > file.length - at - CHUNK_FRAME) {
                return UPRIGHT; // it claims more than there is
            }
            if (chunks.getInt(at + 4) == EXIF_CHUNK) {
                byte[] exif = new byte[length];
                chunks.get(at + 8, exif);
                Metadata metadata = new Metadata();
                new ExifReader().extract(new ByteArrayReader(exif), metadata);
                return of(metadata);
            }
            at = Math.addExact(at + CHUNK_FRAME, length);
        }
        return UPRIGHT;
    }

    private static int of(Metadata metadata) {
        for (ExifIFD0Directory directory : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
            Integer value = directory.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
            if (value != null) {
                return value >= UPRIGHT && value <= LAST ? value : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    /** Turns and mirrors an image that was taken so. */
    static Pixels upright(Pixels image, int orientation) {
        if (orientation == UPRIGHT) {
            return image;
        }
        boolean turned = orientation >= 5;
        boolean fromBottom = List.of(3, 4, 6, 7).contains(orientation);
        boolean fromRight = List.of(2, 3, 7, 8).contains(orientation);
        int height = turned ? image.width() : image.height();
        int width = turned ? image.height() : image.width();
        byte[] in = image.data();
        byte[] out = new byte[in.length];
        int at = 0;
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int row = turned ? x : y;
                    int column = turned ? y : x;
                    row = fromBottom ? image.height() - 1 - row : row;
                    column = fromRight ? image.width() - 1 - column : column;
                    out[at++] = in[(c * image.height() + row) * image.width() + column];
                }
            }
        }
        return new Pixels(out, image.channels(), height, width);
    }
}
