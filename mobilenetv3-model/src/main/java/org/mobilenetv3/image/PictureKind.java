package org.mobilenetv3.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a file holds by its first bytes, whatever its name. */
enum PictureKind {
    JPEG("JPEG"),
    PNG("PNG"),
    GIF("GIF"),
    BMP("BMP"),
    WEBP("WebP"),
    HEIC("HEIC"),
    AVIF("AVIF"),
    JPEG_XL("JPEG XL"),
    JPEG_2000("JPEG 2000"),
    PDF("PDF"),
    SVG("SVG"),
    WEB_PAGE("web page");

    private static final int HEAD = 64;
    private static final int BMP_HEADER = 14;

    private final String title;

    PictureKind(String title) {
        this.title = title;
    }

    /** Whether Java reads it without further libraries. */
    boolean isCommon() {
        return compareTo(BMP) <= 0;
    }

    /** The name that people know it by. */
    @Override
    public String toString() {
        return title;
    }

    /**
     * Recognizes a file.
     *
     * @param file any file
     * @return its kind; none if it is of another or cannot be read
     */
    static Optional<PictureKind> of(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in.readNBytes(HEAD));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Recognizes the bytes of a file.
     *
     * @param bytes from the file's beginning
     * @return their kind; none if it is of another
     */
    static Optional<PictureKind> of(byte[] bytes) {
        String head =
                new String(bytes, 0, Math.min(bytes.length, HEAD), StandardCharsets.ISO_8859_1);
        if (head.startsWith("BM") && head.length() > BMP_HEADER + 3) {
            // The second header's size; two letters alone may begin any text.
            boolean known =
                    Arrays.asList(12, 40, 52, 56, 64, 108, 124).contains((int) head.charAt(14));
            return known && head.startsWith("\0\0\0", 15) ? Optional.of(BMP) : Optional.empty();
        }
        return Optional.ofNullable(bySignature(head));
    }

    private static PictureKind bySignature(String head) {
        if (head.startsWith("\u00FF\u00D8\u00FF")) {
            return JPEG;
        } else if (head.startsWith("\u0089PNG\r\n\u001A\n")) {
            return PNG;
        } else if (head.startsWith("GIF8")) {
            return GIF;
        } else if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
            return WEBP;
        } else if (head.startsWith("ftyp", 4)) {
            return head.startsWith("avi", 8) ? AVIF : isHeic(head) ? HEIC : null;
        } else if (head.startsWith("\u00FF\n") || head.startsWith("JXL ", 4)) {
            return JPEG_XL;
        } else if (head.startsWith("jP  ", 4)) {
            return JPEG_2000;
        } else if (head.startsWith("%PDF")) {
            return PDF;
        }
        return byMarkup(head.stripLeading().toLowerCase(Locale.ROOT));
    }

    private static boolean isHeic(String head) {
        return head.startsWith("hei", 8) || head.startsWith("hev", 8) || head.startsWith("mif1", 8);
    }

    private static PictureKind byMarkup(String text) {
        if (text.startsWith("<!doctype html") || text.startsWith("<html")) {
            return WEB_PAGE;
        }
        boolean xml = text.startsWith("<?xml") && text.contains("<svg");
        return xml || text.startsWith("<svg") ? SVG : null;
    }
}
