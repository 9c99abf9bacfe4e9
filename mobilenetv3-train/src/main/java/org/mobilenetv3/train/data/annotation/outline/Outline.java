package org.mobilenetv3.train.data.annotation.outline;

import java.util.zip.Checksum;

/** The pixels of an object. */
public interface Outline {

    /** Of an annotation that makes no sense. */
    Outline BROKEN =
            new Outline() {
                @Override
                public boolean fits(int height, int width) {
                    return false;
                }

                @Override
                public void paint(byte[] pixels, int height, int width, byte value) {
                    throw new IllegalStateException("it fits no image");
                }

                @Override
                public void update(Checksum sum) {
                    throw new IllegalStateException("it fits no image");
                }
            };

    /**
     * Returns whether it can be painted.
     *
     * @param height of the image
     * @param width of the image
     * @return whether it is of an image of that size
     */
    boolean fits(int height, int width);

    /**
     * Sets its pixels.
     *
     * @param pixels {@code height * width} classes, row by row
     * @param height of the image, for which it {@link #fits}
     * @param width of the image
     * @param value what they become
     */
    void paint(byte[] pixels, int height, int width, byte value);

    /**
     * Adds all that it is to a checksum.
     *
     * @param sum the checksum
     */
    void update(Checksum sum);
}
