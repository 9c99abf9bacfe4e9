package org.mobilenetv3.image.metadata;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a JPEG says before its first scan: which colors it stores, as libjpeg decides, and how the
 * camera was held. Java's reader decides otherwise: it guesses RGB where markers are missing, and
 * applies or trips over color profiles; so it is given {@link #plain()} in place of the header.
 */
public final class JpegHeader {
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int COM = 0xFE;
    private static final String EXIF = "Exif\0\0";
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
    private static final byte[] JFIF_SEGMENT = {
        (byte) 0xFF, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };
    private static final byte[] ADOBE_SEGMENT = {
        (byte) 0xFF, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };

    /** What the samples are. */
    public enum Colors {
        /** Luminance. */
        GRAY,
        /** Red, green, blue. */
        RGB,
        /** Luminance and chroma. */
        YCBCR,
        /** Inks. */
        CMYK,
        /** Inks as luminance, chroma and black. */
        YCCK,
        /** Of a number that no one knows. */
        OTHER
    }

    private final byte[] file;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final ByteArrayOutputStream exif = new ByteArrayOutputStream();
    private byte[] ids = {};
    private boolean tall;
    private String xmp = "";
    private boolean jfif;
    private int adobe = -1;
    private int scan = -1;

    private JpegHeader(byte[] file) {
        this.file = file;
    }

    static boolean isJpeg(byte[] file) {
        return file.length > 2 && (file[0] & 0xFF) == 0xFF && (file[1] & 0xFF) == SOI;
    }

    /**
     * Reads a file's header.
     *
     * @param file its bytes
     * @return null if it ends before its first scan or is no JPEG
     */
    public static JpegHeader of(byte[] file) {
        if (!isJpeg(file)) {
            return null;
        }
        JpegHeader header = new JpegHeader(file);
        header.readSegments();
        return header.scan < 0 || header.ids.length == 0 ? null : header;
    }

    private void readSegments() {
        int at = 2;
        while (at + 4 <= file.length) {
            int marker = file[at + 1] & 0xFF;
            if ((file[at] & 0xFF) != 0xFF || marker == 0xFF) {
                at++; // stray bytes, which libjpeg skips, and fill bytes
                continue;
            }
            if (marker == SOS || marker == EOI) {
                scan = marker == SOS ? at : -1;
                return;
            }
            if (marker <= 1 || (marker >= 0xD0 && marker <= SOI)) {
                at += 2; // these stand alone
                continue;
            }
            int length = ((file[at + 2] & 0xFF) << 8) | (file[at + 3] & 0xFF);
            if (length < 2 || at + 2 + length > file.length) {
                return;
            }
            readSegment(marker, at + 4, length - 2);
            at += 2 + length;
        }
    }

    private void readSegment(int marker, int at, int length) {
        if (marker == APP0) {
            jfif |= length >= 14 && begins(at, length, "JFIF\0");
        } else if (marker == APP14) {
            adobe = length >= 12 && begins(at, length, "Adobe") ? file[at + 11] & 0xFF : adobe;
        } else if (marker == APP1 && begins(at, length, EXIF)) {
            exif.write(file, at + EXIF.length(), length - EXIF.length());
        } else if (marker == APP1 && begins(at, length, XMP)) {
            int skip = XMP.length();
            xmp = new String(file, at + skip, length - skip, StandardCharsets.ISO_8859_1);
        } else if ((marker < APP0 || marker > APP15) && marker != COM) {
            kept.write(file, at - 4, length + 4);
            boolean frame = marker == 0xC0 || (marker > 0xC0 && marker <= 0xCF && marker % 4 != 0);
            if (frame && length >= 6 && length >= 6 + 3 * (file[at + 5] & 0xFF)) {
                readComponents(at + 5);
            }
        }
    }

    private void readComponents(int at) {
        ids = new byte[file[at] & 0xFF];
        tall = ids.length == 3;
        for (int i = 0; i < ids.length; i++) {
            ids[i] = file[at + 1 + 3 * i];
            tall &= file[at + 2 + 3 * i] == (i == 0 ? 0x12 : 0x11);
        }
    }

    /**
     * Returns whether chroma has full width and half the height.
     *
     * @return as 4:4:0 has
     */
    public boolean hasTallChroma() {
        return tall;
    }

    private boolean begins(int at, int length, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
        return length >= wanted.length
                && Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length);
    }

    /**
     * Returns what the samples are, as libjpeg's default_decompress_parms decides: by a JFIF
     * marker, Adobe's, then the components' names.
     *
     * @return the color space
     */
    public Colors colors() {
        return switch (ids.length) {
            case 1 -> Colors.GRAY;
            case 3 -> {
                boolean named = ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B';
                boolean rgb = !jfif && (adobe >= 0 ? adobe == 0 : named);
                yield rgb ? Colors.RGB : Colors.YCBCR;
            }
            case 4 -> adobe <= 0 ? Colors.CMYK : Colors.YCCK;
            default -> Colors.OTHER;
        };
    }

    /**
     * The same header without what is not needed to decode (profiles, thumbnails, comments), with
     * one marker that leaves Java's reader no choice of the colors.
     *
     * @return what stands in place of the file's bytes before {@link #scan()}
     */
    public byte[] plain() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0xFF);
        out.write(SOI);
        Colors colors = colors();
        byte[] marker =
                colors == Colors.GRAY || colors == Colors.YCBCR
                        ? JFIF_SEGMENT
                        : ADOBE_SEGMENT.clone();
        if (colors == Colors.YCCK) {
            marker[marker.length - 1] = 2;
        }
        out.writeBytes(marker);
        out.writeBytes(kept.toByteArray());
        return out.toByteArray();
    }

    /**
     * Returns where {@link #plain()} ends in the file.
     *
     * @return the place of the first scan's marker
     */
    public int scan() {
        return scan;
    }

    /** The TIFF structure of Exif, empty if there is none. */
    byte[] exif() {
        return exif.toByteArray();
    }

    /** Adobe's XMP, an XML text; empty if there is none. */
    String xmp() {
        return xmp;
    }
}
