package org.mobilenetv3.segmentation;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import org.mobilenetv3.image.Pixels;

/** Masks as pictures, in the colors of Pascal VOC. */
public final class MaskImages {

    private static final int COLORS = 256;

    private MaskImages() {}

    /**
     * Returns a class's color in Pascal VOC's masks: three bits of the index at a time, the lowest
     * first, become the next lower bits of red, green and blue.
     *
     * @param index of the class, 0 to 255
     * @return {@code 0xRRGGBB}; black for 0
     */
    public static int color(int index) {
        int red = 0;
        int green = 0;
        int blue = 0;
        int left = index;
        for (int bit = 7; left != 0; bit--) {
            red |= (left & 1) << bit;
            green |= ((left >> 1) & 1) << bit;
            blue |= ((left >> 2) & 1) << bit;
            left >>= 3;
        }
        return (red << 16) | (green << 8) | blue;
    }

    /**
     * Draws a mask as Pascal VOC and torchvision's examples do: a palette's index is the class.
     *
     * @param mask the classes
     * @return one byte a pixel, with Pascal VOC's palette
     */
    public static BufferedImage palette(Mask mask) {
        int[] colors = new int[COLORS];
        for (int i = 0; i < COLORS; i++) {
            colors[i] = color(i);
        }
        IndexColorModel model =
                new IndexColorModel(8, COLORS, colors, 0, false, -1, DataBuffer.TYPE_BYTE);
        BufferedImage image =
                new BufferedImage(
                        mask.width(), mask.height(), BufferedImage.TYPE_BYTE_INDEXED, model);
        image.getRaster().setDataElements(0, 0, mask.width(), mask.height(), mask.classes());
        return image;
    }

    /**
     * Draws a mask half transparent over its image; what has class 0, the background, or none stays
     * as it is.
     *
     * @param image of any channels
     * @param mask of its size
     * @return in RGB
     */
    public static BufferedImage overlay(Pixels image, Mask mask) {
        Pixels rgb = image.toChannels(3);
        int plane = mask.classes().length;
        int[] pixels = new int[plane];
        byte[] samples = rgb.data();
        for (int i = 0; i < plane; i++) {
            int pixel =
                    ((samples[i] & 0xff) << 16)
                            | ((samples[plane + i] & 0xff) << 8)
                            | (samples[2 * plane + i] & 0xff);
            int index = mask.classes()[i] & 0xff;
            boolean plain = index == 0 || index == Mask.IGNORED;
            pixels[i] = plain ? pixel : half(pixel) + half(color(index));
        }
        BufferedImage drawn =
                new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_INT_RGB);
        drawn.setRGB(0, 0, mask.width(), mask.height(), pixels, 0, mask.width());
        return drawn;
    }

    /** Each channel halved. */
    private static int half(int pixel) {
        return (pixel & 0xfefefe) >> 1;
    }
}
