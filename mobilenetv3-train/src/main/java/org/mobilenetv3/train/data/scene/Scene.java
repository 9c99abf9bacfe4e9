package org.mobilenetv3.train.data.scene;

import java.util.List;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;

/**
 * An image and what is in it.
 *
 * @param image upright
 * @param boxes the objects, in pixels of {@code image}; empty if there are none, or if only the
 *     mask is known
 * @param mask of the image's size, or null if only boxes are known
 */
public record Scene(Pixels image, List<LabeledBox> boxes, Mask mask) {

    /** Copies the list. */
    public Scene {
        boxes = List.copyOf(boxes);
    }
}
