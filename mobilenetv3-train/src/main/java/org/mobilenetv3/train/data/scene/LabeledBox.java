package org.mobilenetv3.train.data.scene;

import org.mobilenetv3.detection.Box;

/**
 * An object in an image.
 *
 * @param box where it is
 * @param label its class, from 0; there is none for the background
 * @param ignored whether it is not learned, and finding it counts neither for nor against the net:
 *     COCO's crowds, VOC's difficult objects
 * @param area of the object in square pixels, by which COCO's figures tell small objects from large
 *     ones: its segment's, where the annotations give it, otherwise the box's
 */
public record LabeledBox(Box box, int label, boolean ignored, double area) {

    /** An object of which nothing is known but its box. */
    public LabeledBox(Box box, int label, boolean ignored) {
        this(box, label, ignored, box.area());
    }
}
