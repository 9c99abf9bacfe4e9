package org.mobilenetv3.drawing;

import java.awt.Color;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import org.mobilenetv3.segmentation.Mask;

/**
 * A color for each class, the same in boxes and in masks, whose class 0 is the background: the
 * object of index k has the color of the mask's class k + 1.
 */
public final class ClassColors {

    /** Easily told apart and neither black nor white (after Sasha Trubetskoy's list of 20). */
    private static final int[] FIRST = {
        0xE6194B, 0x3CB44B, 0xFFE119, 0x4363D8, 0xF58231, 0x911EB4, 0x42D4F4, 0xF032E6, 0xBFEF45,
        0xFABED4, 0x469990, 0xDCBEFF, 0x9A6324, 0xFFFAC8, 0x800000, 0xAAFFC3, 0x808000, 0xFFD8B1,
        0x000075
    };

    private static final float GOLDEN_RATIO = 0.618034f;
    private static final Color BACKGROUND = Color.BLACK;
    private static final Color IGNORED = new Color(224, 224, 192); // as in Pascal VOC's masks

    private static final Color[] OF_MASKS = new Color[256];

    static {
        for (int value = 0; value < OF_MASKS.length; value++) {
            OF_MASKS[value] = value == 0 ? BACKGROUND : ofObject(value - 1);
        }
        OF_MASKS[Mask.IGNORED] = IGNORED;
    }

    private ClassColors() {}

    /**
     * Returns the color of a kind of object.
     *
     * @param label its index, from 0
     * @return the same color for the same index; the first 19 are easily told apart
     */
    public static Color ofObject(int label) {
        if (label < FIRST.length) {
            return new Color(FIRST[label]);
        }
        float turns = label * GOLDEN_RATIO;
        return Color.getHSBColor(turns, 0.5f + 0.25f * (label % 3), 0.95f - 0.2f * (label % 2));
    }

    /**
     * Returns the color of a class of masks.
     *
     * @param value in the mask: 0 the background, which is black, or {@link Mask#IGNORED}
     * @return the color
     */
    public static Color ofMask(int value) {
        return OF_MASKS[value];
    }

    /** The colors of all 256 values of a mask. */
    static IndexColorModel palette() {
        int[] colors = new int[OF_MASKS.length];
        for (int value = 0; value < colors.length; value++) {
            colors[value] = OF_MASKS[value].getRGB();
        }
        return new IndexColorModel(8, colors.length, colors, 0, false, -1, DataBuffer.TYPE_BYTE);
    }

    /** Black or white, whichever is easier to read on a color. */
    static Color ofTextOn(Color color) {
        double light = 0.299 * color.getRed() + 0.587 * color.getGreen() + 0.114 * color.getBlue();
        return light > 140 ? Color.BLACK : Color.WHITE;
    }
}
