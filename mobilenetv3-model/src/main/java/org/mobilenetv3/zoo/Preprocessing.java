package org.mobilenetv3.zoo;

import java.util.Objects;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/**
 * How an image becomes a net's input, the same in training and in prediction: resize the shorter
 * side (antialiased bilinear), crop the centre, scale to [0, 1]; the net itself then normalises.
 * This is torchvision's evaluation transform.
 *
 * @param size side of the square input in pixels
 * @param resize shorter side before the crop, in pixels; equal to {@code size} for no margin
 * @param normalization mean and deviation by channel
 */
public record Preprocessing(int size, int resize, Normalization normalization) {

    /** Refuses sizes that cannot be cropped. */
    public Preprocessing {
        Objects.requireNonNull(normalization, "normalization");
        if (size < 1 || resize < size) {
            throw new IllegalArgumentException(
                    "input size %d and resize %d: the resized image must not be smaller than the input"
                            .formatted(size, resize));
        }
    }

    /**
     * Photographs: the customary margin.
     *
     * @param size side of the square input in pixels
     * @param normalization mean and deviation by channel
     * @return resize to {@link #resizeFor}, crop to {@code size}
     */
    public static Preprocessing photograph(int size, Normalization normalization) {
        return new Preprocessing(size, resizeFor(size), normalization);
    }

    /**
     * Gives the customary margin: 256 to 224, none for images too small to spare it.
     *
     * @param size side of the square input in pixels
     * @return shorter side before the crop, in pixels
     */
    public static int resizeFor(int size) {
        return size < 96 ? size : Math.round(size * 256 / 224f);
    }

    /**
     * Gives the number of input channels.
     *
     * @return 1 for grey, 3 for RGB
     */
    public int channels() {
        return normalization.channels();
    }

    /**
     * Resizes, crops and converts to the number of channels, still 8-bit.
     *
     * @param image any size, 1 or 3 channels
     * @return {@code (channels, size, size)}
     */
    public Pixels fit(Pixels image) {
        return image.toChannels(channels()).resizeShorterSide(resize).centerCrop(size);
    }

    /**
     * Makes a net's input of an image.
     *
     * @param image any size, 1 or 3 channels
     * @return {@code channels * size * size} floats in [0, 1], planar
     */
    public float[] apply(Pixels image) {
        Pixels fitted = fit(image);
        float[] values = new float[fitted.data().length];
        Normalization.unit(channels()).apply(fitted.data(), size * size, values, 0);
        return values;
    }
}
