package org.mobilenetv3.train.data.annotation.format;

import org.mobilenetv3.detection.Box;
import org.mobilenetv3.train.data.annotation.outline.Outline;

/**
 * An object as an annotation describes it, not yet compared with its image.
 *
 * @param name of its class; null if the annotation names none that there is
 * @param box in pixels of the image that was annotated; null if there is none
 * @param outline its pixels; null if there is none, or none is asked for
 * @param ignored whether it is neither learned nor scored
 * @param area in square pixels of that image, as the annotation says, or NaN
 */
public record AnnotatedObject(String name, Box box, Outline outline, boolean ignored, double area) {

    /** An object of whose area nothing is said. */
    public AnnotatedObject(String name, Box box, Outline outline, boolean ignored) {
        this(name, box, outline, ignored, Double.NaN);
    }
}
