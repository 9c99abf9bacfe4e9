package org.mobilenetv3.image.metadata;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one fact of Exif and XMP that pixels depend on: the orientation. */
final class Exif {
    private static final int TAG = 0x0112;
    private static final int ENTRY = 12;
    private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    private Exif() {}

    /**
     * Looks into a TIFF structure, which Exif is.
     *
     * @return what the first directory's tag holds, 0 if that is no whole number; empty if there is
     *     no such tag
     */
    static OptionalInt orientation(byte[] tiff) {
        int from = 0;
        for (int i = 0; i < 2 && prefixed(tiff, from); i++) {
            from += 6;
        }
        if (tiff.length - from < 10 || tiff[from] != tiff[from + 1]) {
            return OptionalInt.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(tiff, from, tiff.length - from).slice();
        in.order(tiff[from] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = in.getInt(4);
        if ((tiff[from] != 'I' && tiff[from] != 'M')
                || directory < 8
                || directory > in.limit() - 2) {
            return OptionalInt.empty();
        }
        int entries = in.getShort(directory) & 0xFFFF;
        for (int i = 0, at = directory + 2; i < entries && at <= in.limit() - ENTRY; i++) {
            if ((in.getShort(at) & 0xFFFF) == TAG) {
                return OptionalInt.of(value(in, at));
            }
            at += ENTRY;
        }
        return OptionalInt.empty();
    }

    private static int value(ByteBuffer in, int at) {
        if (in.getInt(at + 4) != 1) {
            return 0;
        }
        return switch (in.getShort(at + 2)) {
            case 3, 8 -> in.getShort(at + 8);
            case 4, 9 -> in.getInt(at + 8);
            default -> 0;
        };
    }

    private static boolean prefixed(byte[] data, int at) {
        return data.length >= at + 6
                && data[at] == 'E'
                && data[at + 1] == 'x'
                && data[at + 2] == 'i'
                && data[at + 3] == 'f'
                && data[at + 4] == 0
                && data[at + 5] == 0;
    }

    /** Looks into XMP with Pillow's own pattern. */
    static OptionalInt orientation(String xmp) {
        Matcher found = XMP.matcher(xmp);
        return found.find()
                ? OptionalInt.of(Integer.parseInt(found.group(1)))
                : OptionalInt.empty();
    }
}
