package org.mobilenetv3.train.data.scene.augment;

import java.util.List;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;

/**
 * A scene as a net sees it.
 *
 * @param values {@code (C, height, width)}
 * @param height in pixels
 * @param width in pixels
 * @param boxes in pixels of the values; maybe none
 * @param mask of the values' size, {@link Mask#IGNORED} where the image does not reach; null if the
 *     scene has none
 */
@SuppressWarnings("ArrayRecordComponent") // a net's input; never compared
public record RenderedScene(
        float[] values, int height, int width, List<LabeledBox> boxes, Mask mask) {

    /** Copies the list. */
    public RenderedScene {
        boxes = List.copyOf(boxes);
    }
}
