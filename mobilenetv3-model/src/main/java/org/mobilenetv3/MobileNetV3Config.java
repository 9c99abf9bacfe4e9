package org.mobilenetv3;

import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;

/**
 * The choices that make a net.
 *
 * @param size Large or Small
 * @param variant paper or article
 * @param classes number of logits
 * @param width multiplier of every channel count
 * @param dropout share of the last hidden layer dropped in training; the article has none
 * @param inputChannels 3 for RGB, 1 for grey
 * @param stemStride stride of the first convolution: 2, or 1 for images of about 32×32
 * @param dialect whose reading of the paper; null, as in older packages, is torchvision's
 */
public record MobileNetV3Config(
        Size size,
        Variant variant,
        int classes,
        double width,
        float dropout,
        int inputChannels,
        int stemStride,
        Dialect dialect) {

    /** Refuses values out of range in one sentence. */
    public MobileNetV3Config {
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(variant, "variant");
        dialect = dialect == null ? Dialect.TORCHVISION : dialect;
        require(
                variant == Variant.PAPER || dialect == Dialect.TORCHVISION,
                "dialect",
                dialect,
                "TORCHVISION in the article variant");
        require(classes >= 2, "classes", classes, "at least 2");
        require(width > 0 && width <= 8, "width", width, "above 0 and at most 8");
        require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0 and below 1");
        require(
                variant == Variant.PAPER || dropout == 0,
                "dropout",
                dropout,
                "0 in the article variant");
        require(inputChannels >= 1, "input channels", inputChannels, "at least 1");
        require(stemStride == 1 || stemStride == 2, "stem stride", stemStride, "1 or 2");
    }

    /**
     * Changes the classes.
     *
     * @param other number of logits
     * @return a configuration like this one but for the classes
     */
    public MobileNetV3Config withClasses(int other) {
        return new MobileNetV3Config(
                size, variant, other, width, dropout, inputChannels, stemStride, dialect);
    }

    /**
     * Changes the width.
     *
     * @param other multiplier of every channel count
     * @return a configuration like this one but for the width
     */
    public MobileNetV3Config withWidth(double other) {
        return new MobileNetV3Config(
                size, variant, classes, other, dropout, inputChannels, stemStride, dialect);
    }

    /**
     * Changes the dialect.
     *
     * @param other whose reading of the paper
     * @return a configuration like this one but for the dialect
     */
    public MobileNetV3Config withDialect(Dialect other) {
        return new MobileNetV3Config(
                size, variant, classes, width, dropout, inputChannels, stemStride, other);
    }

    /**
     * Changes the stride of the first convolution.
     *
     * @param other 1 or 2
     * @return a configuration like this one but for the stride
     */
    public MobileNetV3Config withStemStride(int other) {
        return new MobileNetV3Config(
                size, variant, classes, width, dropout, inputChannels, other, dialect);
    }

    /**
     * Gives the smallest image that the net takes: one output pixel after all strides.
     *
     * @return pixels, 32 (16 with stem stride 1; one more for PaddleOCR's)
     */
    public int minimumInputSize() {
        // PaddleOCR's max pool needs two pixels after the strides.
        return 16 * stemStride + (dialect == Dialect.PADDLE_OCR ? 1 : 0);
    }

    /**
     * Gives the name of the net in DJL's ModelZoo.
     *
     * @return {@code mobilenet_v3_large} or {@code mobilenet_v3_small}
     */
    public String artifactId() {
        return size == Size.LARGE ? "mobilenet_v3_large" : "mobilenet_v3_small";
    }

    /** For people, for instance {@code paper small, width 1.0, 10 classes, ...}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s %s%s, width %s, %d classes, %d input channels, stem stride %d",
                variant.name().toLowerCase(Locale.ROOT),
                size.name().toLowerCase(Locale.ROOT),
                dialect == Dialect.TORCHVISION ? "" : " as " + dialect,
                width,
                classes,
                inputChannels,
                stemStride);
    }

    private static void require(boolean ok, String what, Object value, String expected) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "%s is %s but must be %s".formatted(what, value, expected));
        }
    }
}
