package org.mobilenetv3.serve.http;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.function.Consumer;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/**
 * Images of one size on their way to a net.
 *
 * @param count how many
 * @param channels of each
 * @param height of each
 * @param width of each
 * @param writer writes them, {@code (count, channels, height, width)}
 */
record Images(int count, int channels, int height, int width, Consumer<FloatBuffer> writer) {

    /** Images that are the net's input already. */
    static Images of(int count, int channels, int height, int width, FloatBuffer values) {
        return new Images(count, channels, height, width, buffer -> buffer.put(values.duplicate()));
    }

    /** Images that stay 8-bit, a quarter of the memory, until they are computed. */
    static Images of(
            int count,
            int channels,
            int height,
            int width,
            ByteBuffer samples,
            Normalization scaling) {
        return new Images(
                count,
                channels,
                height,
                width,
                buffer -> scaling.apply(samples, height * width, buffer));
    }

    /** One image, as above. */
    static Images of(Pixels fitted, Normalization scaling) {
        return of(
                1,
                fitted.channels(),
                fitted.height(),
                fitted.width(),
                ByteBuffer.wrap(fitted.data()),
                scaling);
    }

    /** Returns how many values all of them have; they fit an array. */
    int values() {
        return count * channels * height * width;
    }

    /** Returns whether both can be in one batch. */
    boolean areAsLargeAs(Images other) {
        return height == other.height && width == other.width;
    }
}
