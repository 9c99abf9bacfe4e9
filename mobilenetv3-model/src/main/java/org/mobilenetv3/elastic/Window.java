package org.mobilenetv3.elastic;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Locale;
import org.mobilenetv3.format.Tensor;

/**
 * The part of a parameter that a smaller net uses: the first channels, and the middle of a kernel.
 *
 * @param parameter its name in the state dict of the larger net
 * @param whole its shape there
 * @param shape of the part, as many dimensions
 */
public record Window(String parameter, Shape whole, Shape shape) {

    /** Channels of the output and the input come first, then rows and columns of a kernel. */
    private static final int KERNEL = 2;

    /**
     * Checks the shapes.
     *
     * @throws IllegalArgumentException if the part does not lie within the whole, or not in the
     *     middle of the kernel
     */
    public Window {
        boolean fits = whole.dimension() == shape.dimension();
        for (int axis = 0; fits && axis < shape.dimension(); axis++) {
            long left = whole.get(axis) - shape.get(axis);
            fits = left >= 0 && (axis < KERNEL || left % 2 == 0);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s has shape %s, which has no part of shape %s.",
                            parameter,
                            whole,
                            shape));
        }
    }

    /**
     * Returns where the part begins.
     *
     * @param axis of the shape
     * @return the first index of the whole that belongs to it
     */
    public long from(int axis) {
        return axis < KERNEL ? 0 : (whole.get(axis) - shape.get(axis)) / 2;
    }

    /**
     * Copies the part.
     *
     * @param tensor of the whole
     * @return the part; the same tensor if that is all of it
     * @throws IOException if the numbers cannot be read
     */
    public Tensor of(Tensor tensor) throws IOException {
        if (shape.equals(whole)) {
            return tensor;
        }
        float[] from = tensor.floats();
        float[] to = new float[Math.toIntExact(shape.size())];
        copy(from, 0, to, 0, 0);
        return Tensor.of(shape, to);
    }

    /** Copies what lies below an axis, from one index of the axes before it. */
    private void copy(float[] from, int at, float[] to, int place, int axis) {
        if (axis == shape.dimension()) {
            to[place] = from[at];
            return;
        }
        int in = Math.toIntExact(whole.slice(axis + 1).size());
        int out = Math.toIntExact(shape.slice(axis + 1).size());
        int begin = at + Math.toIntExact(from(axis)) * in;
        int count = Math.toIntExact(shape.get(axis));
        if (in == out) { // all that lies below
            System.arraycopy(from, begin, to, place, count * in);
            return;
        }
        for (int i = 0; i < count; i++) {
            copy(from, begin + i * in, to, place + i * out, axis + 1);
        }
    }
}
