package org.mobilenetv3.drawing;

import java.util.Locale;
import org.mobilenetv3.detection.Box;

/**
 * A box to draw.
 *
 * @param box in pixels of the image
 * @param label its class, which gives the color
 * @param text at its corner, for instance {@code cat 97 %}; empty for none
 * @param dashed whether its line is broken, for instance because the object is ignored
 */
public record Mark(Box box, int label, String text, boolean dashed) {

    /**
     * Marks an object that was found.
     *
     * @param box in pixels of the image
     * @param label its class
     * @param name of the class
     * @param score 0 to 1
     * @return with name and score as text
     */
    public static Mark found(Box box, int label, String name, double score) {
        String text = String.format(Locale.ROOT, "%s %.0f %%", name, 100 * score);
        return new Mark(box, label, text, false);
    }
}
