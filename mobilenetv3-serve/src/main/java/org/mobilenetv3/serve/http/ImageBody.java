package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Blocker;

/** Finds the image in a body. */
final class ImageBody {

    private ImageBody() {}

    /**
     * Returns the image, whether it is the body or a part of a form.
     *
     * @param type the body's Content-Type, or null
     * @throws HttpError 400 if the form has no image, 415 if it is none
     */
    static byte[] image(byte[] body, String type) {
        boolean form = type != null && type.regionMatches(true, 0, "multipart/", 0, 10);
        byte[] image = form ? part(body, type) : body;
        if (!isImage(image)) {
            throw new HttpError(
                    415,
                    "The body is not an image; send the bytes of a PNG, JPEG, BMP or GIF file.");
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

    /** Returns the first part that is called file or image. */
    private static byte[] part(byte[] body, String type) {
        String boundary = MultiPart.extractBoundary(type);
        if (boundary == null) {
            throw new HttpError(400, "The form's Content-Type has no boundary.");
        }
        MultiPartFormData.Parser parser = new MultiPartFormData.Parser(boundary);
        parser.setMaxMemoryFileSize(-1); // parts are slices of the body, never files
        Content.Source source = Content.Source.from(ByteBuffer.wrap(body));
        try (MultiPartFormData.Parts parts =
                Blocker.<MultiPartFormData.Parts>blockWithPromise(
                        promise -> parser.parse(source, promise))) {
            for (MultiPart.Part part : parts) {
                String name = part.getName();
                if ("file".equalsIgnoreCase(name) || "image".equalsIgnoreCase(name)) {
                    ByteBuffer bytes = Content.Source.asByteBuffer(part.getContentSource());
                    byte[] image = new byte[bytes.remaining()];
                    bytes.get(image);
                    return image;
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new HttpError(400, "The form is damaged, or has too many parts.");
        }
        throw new HttpError(400, "The form has no part named file or image.");
    }
}
