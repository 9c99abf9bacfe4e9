package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;

/** What turns images into logits. */
@FunctionalInterface
public interface Logits {

    /**
     * Computes logits.
     *
     * @param images values from position to limit, {@code (N, C, H, W)} in C order, scaled by
     *     {@link NetDescription#inputNormalization}; a direct buffer in native order is not copied
     *     where the runtime allows
     * @param shape {@code (N, C, H, W)}, N at least 1
     * @return {@code (N, classes)}, flat, or {@code (N, classes, H, W)} of a net that segments, or
     *     of a net that detects {@link org.mobilenetv3.detection.Answers}, {@code (N, anchors, 4 +
     *     1 + classes)}
     * @throws IllegalArgumentException if the net does not take such images
     * @throws IOException if the runtime fails
     */
    float[] logits(FloatBuffer images, Shape shape) throws IOException;
}
