package org.mobilenetv3.train.data.scene;

import org.mobilenetv3.detection.Box;

/**
 * An object in an image.
 *
 * @param box where it is
 * @param label its class, from 0; there is none for the background
 * @param ignored whether it is not learned, and finding it counts neither for nor against the net:
 *     COCO's crowds, VOC's difficult objects
 */
public record LabeledBox(Box box, int label, boolean ignored) {}
