package org.mobilenetv3.train.command;

import java.util.Locale;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.MobileNetV3Builder;
import org.mobilenetv3.MobileNetV3Config;
import picocli.CommandLine.Option;

/** Which net. */
final class NetOptions {

    /** Below this input size a net with stem stride 2 has little left to look at. */
    private static final int SMALL_IMAGE = 64;

    @Option(
            names = "--model",
            paramLabel = "SIZE",
            description = "small or large (default: ${DEFAULT-VALUE}).",
            defaultValue = "small")
    private Size size;

    @Option(
            names = "--variant",
            paramLabel = "VARIANT",
            description = "paper (as published) or article (default: paper, or the recipe's).")
    private Variant variant;

    @Option(
            names = "--width",
            paramLabel = "FACTOR",
            description = "Width multiplier (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private double width;

    @Option(
            names = "--dropout",
            paramLabel = "SHARE",
            description = "Dropout before the last layer (default: 0.2; the article has none).")
    private Float dropout;

    @Option(
            names = "--stem-stride",
            paramLabel = "STRIDE",
            description =
                    "Stride of the first convolution, 1 or 2 (default: 1 in the paper's nets for"
                            + " images below 64 pixels, otherwise 2).")
    private Integer stemStride;

    Size size() {
        return size;
    }

    /**
     * Makes a configuration.
     *
     * @param fallback the variant if none was given
     * @param classes number of logits
     * @param channels input channels
     * @param inputSize side of the images in pixels
     */
    MobileNetV3Config config(Variant fallback, int classes, int channels, int inputSize) {
        Variant chosen = variant == null ? fallback : variant;
        boolean paper = chosen == Variant.PAPER;
        int stride = stemStride != null ? stemStride : paper && inputSize < SMALL_IMAGE ? 1 : 2;
        MobileNetV3Builder builder =
                (size == Size.LARGE ? MobileNetV3.large() : MobileNetV3.small())
                        .optVariant(chosen)
                        .optClasses(classes)
                        .optWidth(width)
                        .optInputChannels(channels)
                        .optStemStride(stride);
        if (dropout != null) {
            builder.optDropout(dropout);
        }
        return builder.config();
    }

    /** A name for a net, for instance {@code paper-small}. */
    static String name(MobileNetV3Config config) {
        return (config.variant() + "-" + config.size()).toLowerCase(Locale.ROOT);
    }
}
