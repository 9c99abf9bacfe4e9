package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;

/** Computes one graph; several threads may ask it at once. */
public interface GraphRunner extends AutoCloseable {

    /**
     * Computes the graph.
     *
     * @param images {@code (N, C, H, W)} planar floats from the buffer's position on, any N, any H
     *     and W that the graph takes; the buffer's position stays
     * @param shape of the images
     * @return the graph's output, in C order
     */
    float[] run(FloatBuffer images, Shape shape);

    /** Gives memory and threads back; a run that is under way ends first. */
    @Override
    void close();

    /** What makes runners; found by {@link java.util.ServiceLoader}. */
    interface Provider {

        /**
         * Returns the name by which it is chosen.
         *
         * @return for instance {@code vector}
         */
        String name();

        /**
         * Makes a runner.
         *
         * @param graph folded for inference ({@link Passes#forInference}); its weights have values,
         *     which are read before this returns
         * @param threads for one run, at least 1
         * @return the runner; close it after use
         * @throws IllegalArgumentException in a sentence, if the graph has an operation that is not
         *     known
         */
        GraphRunner open(Graph graph, int threads);
    }
}
