package org.mobilenetv3.serve.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Finds the image in a body. */
final class Form {

    private Form() {}

    /**
     * Gives the image, whether it is the body or a part of a form.
     *
     * @param type the body's Content-Type, or null
     * @throws HttpError 400 if the form has no image, 415 if it is none
     */
    static byte[] image(byte[] body, String type) {
        boolean form = type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
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
        // One char is one byte.
        String text = new String(body, StandardCharsets.ISO_8859_1);
        int at = type.toLowerCase(Locale.ROOT).indexOf("boundary=");
        if (at >= 0) {
            String boundary = type.substring(at + 9).split(";", 2)[0].strip().replace("\"", "");
            String delimiter = "--" + boundary;
            int start = text.indexOf(delimiter);
            while (start >= 0) {
                int headers = start + delimiter.length();
                int content = text.indexOf("\r\n\r\n", headers);
                int end = text.indexOf("\r\n" + delimiter, headers);
                if (content < 0 || end < content + 4) {
                    break;
                }
                String head = text.substring(headers, content);
                if (head.contains("name=\"file\"") || head.contains("name=\"image\"")) {
                    return text.substring(content + 4, end).getBytes(StandardCharsets.ISO_8859_1);
                }
                start = end + 2;
            }
        }
        throw new HttpError(400, "The form has no part named file or image.");
    }
}
