package org.mobilenetv3.image.metadata;

import java.nio.charset.StandardCharsets;

/**
 * The whole of a GIF's screen, on which its first picture may cover a part only.
 *
 * @param height of the screen
 * @param width of the screen
 * @param top the first row that the picture covers
 * @param left the first column that the picture covers
 * @param around the palette's entry beside the picture: the transparent one, or the first
 */
public record GifScreen(int height, int width, int top, int left, int around) {
    private static final int HEADER = 13;
    private static final int EXTENSION = 0x21;
    private static final int CONTROL = 0xF9;
    private static final int PICTURE = 0x2C;

    /**
     * Reads a file's screen.
     *
     * @param file its bytes
     * @return null if it is no GIF or has no picture
     */
    public static GifScreen of(byte[] file) {
        if (file.length < HEADER
                || !new String(file, 0, 4, StandardCharsets.ISO_8859_1).equals("GIF8")) {
            return null;
        }
        int at = HEADER;
        if ((file[10] & 0x80) != 0) {
            at += 3 << ((file[10] & 7) + 1);
        }
        int around = 0;
        while (at + 10 <= file.length && (file[at] & 0xFF) != PICTURE) {
            if ((file[at] & 0xFF) != EXTENSION) {
                at++; // a stray byte, as Pillow
                continue;
            }
            if ((file[at + 1] & 0xFF) == CONTROL && (file[at + 3] & 1) != 0) {
                around = file[at + 6] & 0xFF;
            }
            at += 2;
            while (at < file.length && file[at] != 0) {
                at += 1 + (file[at] & 0xFF);
            }
            at++;
        }
        if (at + 10 > file.length) {
            return null;
        }
        int left = number(file, at + 1);
        int top = number(file, at + 3);
        int width = Math.max(number(file, 6), left + number(file, at + 5));
        int height = Math.max(number(file, 8), top + number(file, at + 7));
        return new GifScreen(height, width, top, left, around);
    }

    private static int number(byte[] file, int at) {
        return (file[at] & 0xFF) | (file[at + 1] & 0xFF) << 8;
    }
}
