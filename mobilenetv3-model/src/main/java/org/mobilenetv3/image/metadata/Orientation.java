package org.mobilenetv3.image.metadata;

import java.util.OptionalInt;

/**
 * How the camera was held; images are turned upright as Pillow's {@code ImageOps.exif_transpose}
 * does, which looks for it in Exif (JPEG, PNG, TIFF) and then in XMP.
 */
public final class Orientation {
    /** As it is stored. */
    public static final int UPRIGHT = 1;

    private static final int LAST = 8;

    private Orientation() {}

    /**
     * Reads what a file says.
     *
     * @param file its bytes
     * @param jpeg its header, null if it is no JPEG
     * @return Exif's number, 1 to 8; 1 (upright) if the file says nothing that makes sense
     */
    public static int of(byte[] file, JpegHeader jpeg) {
        OptionalInt value = OptionalInt.empty();
        if (jpeg != null) {
            value = of(jpeg.exif(), jpeg.xmp());
        } else if (begins(file, 0x89, 'P')) {
            PngTexts texts = PngTexts.of(file);
            value = of(texts.exif(), texts.xmp());
        } else if (begins(file, 'I', 'I') || begins(file, 'M', 'M')) {
            value = Exif.orientation(file);
        }
        int orientation = value.orElse(UPRIGHT);
        return orientation >= UPRIGHT && orientation <= LAST ? orientation : UPRIGHT;
    }

    private static OptionalInt of(byte[] exif, String xmp) {
        OptionalInt value = Exif.orientation(exif);
        return value.isPresent() ? value : Exif.orientation(xmp);
    }

    private static boolean begins(byte[] file, int first, int second) {
        return file.length > 2 && (file[0] & 0xFF) == first && (file[1] & 0xFF) == second;
    }

    /**
     * Returns whether rows become columns.
     *
     * @param orientation 1 to 8
     * @return whether they do
     */
    public static boolean turns(int orientation) {
        return orientation >= 5;
    }

    /**
     * Returns whether the first row stored is the last one, or the last column.
     *
     * @param orientation 1 to 8
     * @return whether it is
     */
    public static boolean fromBottom(int orientation) {
        return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    }

    /**
     * Returns whether the first column stored is the last one, or the last row.
     *
     * @param orientation 1 to 8
     * @return whether it is
     */
    public static boolean fromRight(int orientation) {
        return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    }
}
