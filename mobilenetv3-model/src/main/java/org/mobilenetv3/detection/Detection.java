package org.mobilenetv3.detection;

/**
 * An object that a net has found.
 *
 * @param box where it is, in pixels of the image
 * @param label its class, from 0; there is none for the background
 * @param score the class's probability
 */
public record Detection(Box box, int label, double score) {

    /**
     * The least score of objects that are shown unless another is asked for: torchvision's
     * examples'.
     */
    public static final double THRESHOLD = 0.5;
}
