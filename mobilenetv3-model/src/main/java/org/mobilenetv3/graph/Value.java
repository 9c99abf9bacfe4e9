package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;

/**
 * An array that one operation makes and others read.
 *
 * @param id unique within its graph
 * @param shape as traced, {@code (N, C, H, W)} or {@code (N, C)}; N is the traced batch
 */
public record Value(int id, Shape shape) {

    // What Java makes of records takes its time to start, and nets are opened to answer at once.

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value && value.id == id && value.shape.equals(shape);
    }

    @Override
    public int hashCode() {
        return id;
    }

    /**
     * Returns whether this is one vector per image, which {@code (N, C)} and {@code (N, C, 1, 1)}
     * both are.
     *
     * @return whether height and width are 1 or absent
     */
    public boolean isVector() {
        return shape.dimension() == 2 || (height() == 1 && width() == 1);
    }

    /**
     * Returns the channels.
     *
     * @return the size of axis 1
     */
    public long channels() {
        return shape.get(1);
    }

    /**
     * Returns the height.
     *
     * @return rows of pixels; 1 for {@code (N, C)}
     */
    public long height() {
        return shape.dimension() == 2 ? 1 : shape.get(2);
    }

    /**
     * Returns the width.
     *
     * @return columns of pixels; 1 for {@code (N, C)}
     */
    public long width() {
        return shape.dimension() == 2 ? 1 : shape.get(3);
    }
}
