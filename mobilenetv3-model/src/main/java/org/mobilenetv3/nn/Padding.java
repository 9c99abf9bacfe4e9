package org.mobilenetv3.nn;

import java.util.Locale;

/** Where a convolution puts zeros around an image. */
public enum Padding {
    /** PyTorch's: {@code dilation * (kernel - 1) / 2} on every side. */
    SYMMETRIC,
    /**
     * TensorFlow's {@code SAME}: as many as make {@code ceil(size / stride)} pixels, of an odd
     * number the smaller half before the image. With stride 2 that depends on the image's size.
     */
    SAME;

    /** The name in an architecture's JSON. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
