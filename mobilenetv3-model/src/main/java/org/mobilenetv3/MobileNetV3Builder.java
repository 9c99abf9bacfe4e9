package org.mobilenetv3;

import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;

/** Builds a {@link MobileNetV3}. */
public final class MobileNetV3Builder {
    private final Size size;
    private Variant variant = Variant.PAPER;
    private int classes = 1000;
    private double width = 1;
    private Float dropout;
    private int inputChannels = 3;
    private int stemStride = 2;
    private Dialect dialect = Dialect.TORCHVISION;

    MobileNetV3Builder(Size size) {
        this.size = size;
    }

    /**
     * Chooses the variant, by default the paper's.
     *
     * @param variant whose net
     * @return this builder
     */
    public MobileNetV3Builder optVariant(Variant variant) {
        this.variant = variant;
        return this;
    }

    /**
     * Sets the number of classes, 1000 by default.
     *
     * @param classes number of logits, at least 2
     * @return this builder
     */
    public MobileNetV3Builder optClasses(int classes) {
        this.classes = classes;
        return this;
    }

    /**
     * Sets the width multiplier, 1 by default; widths are rounded to multiples of 8.
     *
     * @param width above 0
     * @return this builder
     */
    public MobileNetV3Builder optWidth(double width) {
        this.width = width;
        return this;
    }

    /**
     * Sets dropout before the last layer: 0.2 by default in the paper variant; the article has
     * none.
     *
     * @param dropout share dropped in training, from 0 to below 1
     * @return this builder
     */
    public MobileNetV3Builder optDropout(float dropout) {
        this.dropout = dropout;
        return this;
    }

    /**
     * Sets the number of input channels, 3 by default.
     *
     * @param inputChannels 1 for grey images
     * @return this builder
     */
    public MobileNetV3Builder optInputChannels(int inputChannels) {
        this.inputChannels = inputChannels;
        return this;
    }

    /**
     * Sets the stride of the first convolution, 2 by default; 1 suits images of about 32×32.
     *
     * @param stemStride 1 or 2
     * @return this builder
     */
    public MobileNetV3Builder optStemStride(int stemStride) {
        this.stemStride = stemStride;
        return this;
    }

    /**
     * Chooses whose reading of the paper, by default torchvision's.
     *
     * @param dialect that of the weights to be loaded
     * @return this builder
     */
    public MobileNetV3Builder optDialect(Dialect dialect) {
        this.dialect = dialect;
        return this;
    }

    /**
     * Builds the net.
     *
     * @return the net, not initialised
     * @throws IllegalArgumentException if a value is out of range
     */
    public MobileNetV3 build() {
        return MobileNetV3.of(config());
    }

    /**
     * Gives the configuration without building the net.
     *
     * @return the choices so far
     * @throws IllegalArgumentException if a value is out of range
     */
    public MobileNetV3Config config() {
        float drop = dropout != null ? dropout : variant == Variant.PAPER ? 0.2f : 0f;
        return new MobileNetV3Config(
                size, variant, classes, width, drop, inputChannels, stemStride, dialect);
    }
}
