package org.mobilenetv3.export;

import java.io.IOException;
import java.nio.FloatBuffer;
import org.mobilenetv3.zoo.ExportedDescription;

/** A trained net that is ready to answer, whatever it was opened from. Close it after use. */
public sealed interface TrainedNet extends AutoCloseable permits PackageNet, ExportedNet {

    /**
     * Gives what to feed and what comes back.
     *
     * @return preprocessing, classes and provenance
     */
    ExportedDescription description();

    /**
     * Computes logits.
     *
     * @param images {@code n * c * h * w} values from position to limit, {@code (N, C, H, W)} in C
     *     order, scaled by {@link ExportedDescription#inputNormalization}; a direct buffer in
     *     native order is not copied where the runtime allows
     * @param n images, at least 1
     * @param c channels
     * @param h rows of pixels
     * @param w columns of pixels
     * @return {@code (N, classes)}, flat
     * @throws IllegalArgumentException if the net does not take such images
     * @throws IOException if the runtime fails
     */
    float[] logits(FloatBuffer images, long n, long c, long h, long w) throws IOException;

    /** Gives the memory back. */
    @Override
    void close();
}
