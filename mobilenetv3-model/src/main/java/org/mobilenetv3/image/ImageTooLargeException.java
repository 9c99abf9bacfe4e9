package org.mobilenetv3.image;

import java.io.IOException;
import java.util.Locale;

/** An image has more pixels than {@link ImageLimits} allow; it was not decoded. */
public final class ImageTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    ImageTooLargeException(String name, long pixels, long most) {
        super(
                String.format(
                        Locale.ROOT,
                        "The image '%s' has %d pixels, %d at most are decoded; make it smaller.",
                        name,
                        pixels,
                        most));
    }
}
