package org.mobilenetv3.image;

import java.io.IOException;
import java.util.Locale;

/**
 * An image has more pixels than {@link ImageLimits} allow, and was not decoded, or than fit into
 * Java's memory.
 */
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

    ImageTooLargeException(String name, OutOfMemoryError cause) {
        super(
                String.format(
                        Locale.ROOT,
                        "The image '%s' is too large for Java's memory of %d MB; make it smaller or give more with JAVA_OPTS=-Xmx8g.",
                        name,
                        Runtime.getRuntime().maxMemory() >> 20),
                cause);
    }
}
