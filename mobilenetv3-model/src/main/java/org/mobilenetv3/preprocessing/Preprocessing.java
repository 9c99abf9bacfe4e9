package org.mobilenetv3.preprocessing;

import com.google.gson.JsonObject;
import com.google.gson.annotations.JsonAdapter;
import java.util.Objects;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/**
 * How an image becomes a net's input, the same in training and in prediction: bring it to the net's
 * size, scale to [0, 1]; the net itself then normalizes.
 *
 * @param fit how it is brought to the net's size
 * @param normalization mean and deviation by channel
 */
@JsonAdapter(PreprocessingJson.class)
public record Preprocessing(Fit fit, Normalization normalization) {

    /** Refuses to do without either. */
    public Preprocessing {
        Objects.requireNonNull(fit, "fit");
        Objects.requireNonNull(normalization, "normalization");
    }

    /**
     * Squares from the center.
     *
     * @param size side of the square input in pixels
     * @param resize shorter side before the crop, in pixels; equal to {@code size} for no margin
     * @param normalization mean and deviation by channel
     */
    public Preprocessing(int size, int resize, Normalization normalization) {
        this(new Fit.CenterCrop(size, resize), normalization);
    }

    /**
     * Reads what {@code model.json} says of it.
     *
     * @param json as Gson writes it
     * @return the same
     * @throws RuntimeException if it says something else
     */
    public static Preprocessing read(JsonObject json) {
        return PreprocessingJson.read(json);
    }

    /**
     * Returns the number of input channels.
     *
     * @return 1 for gray, 3 for RGB
     */
    public int channels() {
        return normalization.channels();
    }

    /**
     * Returns the height of the input.
     *
     * @return in pixels
     */
    public int height() {
        return fit.height();
    }

    /**
     * Returns the width of the input.
     *
     * @return in pixels
     */
    public int width() {
        return fit.width();
    }

    /**
     * Makes a net's input of an image.
     *
     * @param image any size, 1 or 3 channels
     * @return {@code channels * height * width} floats in [0, 1], planar
     */
    public float[] apply(Pixels image) {
        return apply(image, Normalization.unit(channels()));
    }

    /**
     * Brings an image to the net's size and channels, still 8-bit.
     *
     * @param image any size, 1 or 3 channels
     * @return {@code (channels, height, width)}, whose size is the net's input's
     */
    public Pixels fitted(Pixels image) {
        return fit.apply(image.toChannels(channels()));
    }

    /**
     * Turns the pixels of an image that has the net's size into what the net takes.
     *
     * @param fitted of {@link #fitted}
     * @param scaling what the net takes
     * @return {@code channels * height * width} floats, planar
     */
    public static float[] scaled(Pixels fitted, Normalization scaling) {
        float[] values = new float[fitted.data().length];
        scaling.apply(fitted.data(), fitted.height() * fitted.width(), values, 0);
        return values;
    }

    /**
     * Makes the input of a net that does not take pixels in [0, 1].
     *
     * @param image any size, 1 or 3 channels
     * @param scaling what the net takes
     * @return {@code channels * height * width} floats, planar
     */
    public float[] apply(Pixels image, Normalization scaling) {
        return fit.apply(image.toChannels(channels()), scaling);
    }
}
