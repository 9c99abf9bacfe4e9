package org.mobilenetv3.zoo;

import ai.djl.translate.TranslatorContext;
import java.util.ArrayDeque;
import java.util.Queue;
import org.mobilenetv3.image.Pixels;

/**
 * The sizes of the images that a call of DJL's predictor has turned into input and not yet
 * answered, in their order: boxes and masks are of the images' sizes, not of the input's.
 */
final class ImageSizes {

    /** Of an image, in pixels. */
    record Size(int height, int width) {}

    private ImageSizes() {}

    static void add(TranslatorContext context, Pixels image) {
        queue(context).add(new Size(image.height(), image.width()));
    }

    static Size next(TranslatorContext context) {
        return queue(context).remove();
    }

    @SuppressWarnings("unchecked")
    private static Queue<Size> queue(TranslatorContext context) {
        String key = ImageSizes.class.getName();
        if (context.getAttachment(key) == null) {
            context.setAttachment(key, new ArrayDeque<Size>());
        }
        return (Queue<Size>) context.getAttachment(key);
    }
}
