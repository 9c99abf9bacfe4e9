package org.mobilenetv3.image;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** Decoding an image took longer than {@link ImageLimits} allow, and was ended. */
public final class ImageTooSlowException extends IOException {

    private static final long serialVersionUID = 1L;

    ImageTooSlowException(Duration most) {
        super(
                String.format(
                        Locale.ROOT,
                        "Decoding the image takes longer than %d ms.",
                        most.toMillis()));
    }
}
