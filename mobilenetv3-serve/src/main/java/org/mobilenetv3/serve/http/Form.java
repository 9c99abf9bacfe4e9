package org.mobilenetv3.serve.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the image in a body. */
final class Form {

    private static final Pattern BOUNDARY =
            Pattern.compile("(?i)multipart/.*;\\s*boundary=(?:\"([^\"]+)\"|([^;\\s]+)).*");
    private static final Pattern WANTED =
            Pattern.compile(
                    "(?im)^content-disposition:[^\r\n]*;\\s*name=(\"?)(file|image)\\1\\s*(;|\r|$)");
    private static final byte[] HEADERS_END = ascii("\r\n\r\n");

    private Form() {}

    /**
     * Gives the image, whether it is the body or a part of a form.
     *
     * @param type the body's Content-Type, or null
     * @throws HttpError 400 if the form has no image, 415 if it is none
     */
    static byte[] image(byte[] body, String type) {
        boolean form = type != null && type.regionMatches(true, 0, "multipart/", 0, 10);
        byte[] image = form ? part(body, type) : body;
        if (!isImage(image)) {
            throw new HttpError(
                    415, "The body is no image; send the bytes of a PNG, JPEG, BMP or GIF file.");
        }
        return image;
    }

    private static boolean isImage(byte[] bytes) {
        String head = new String(bytes, 0, Math.min(8, bytes.length), StandardCharsets.ISO_8859_1);
        return head.startsWith("\u00FF\u00D8\u00FF")
                || head.equals("\u0089PNG\r\n\u001A\n")
                || head.startsWith("GIF8")
                || head.startsWith("BM");
    }

    /** The first part that is called file or image. */
    private static byte[] part(byte[] body, String type) {
        Matcher boundary = BOUNDARY.matcher(type);
        if (boundary.matches()) {
            String name = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
            byte[] first = ascii("--" + name);
            byte[] next = ascii("\r\n--" + name);
            int headers = find(body, first, 0) == 0 ? first.length : end(body, next, 0);
            while (headers >= 0) {
                int content = end(body, HEADERS_END, headers);
                int end = content < 0 ? -1 : find(body, next, content - 2);
                if (content < 0 || end < content) {
                    break;
                }
                String head =
                        new String(body, headers, content - headers, StandardCharsets.ISO_8859_1);
                if (WANTED.matcher(head).find()) {
                    return Arrays.copyOfRange(body, content, end);
                }
                headers = end + next.length;
            }
        }
        throw new HttpError(400, "The form has no part named file or image.");
    }

    private static int end(byte[] bytes, byte[] wanted, int from) {
        int at = find(bytes, wanted, from);
        return at < 0 ? -1 : at + wanted.length;
    }

    private static int find(byte[] bytes, byte[] wanted, int from) {
        for (int at = from; at <= bytes.length - wanted.length; at++) {
            if (bytes[at] == wanted[0]
                    && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
