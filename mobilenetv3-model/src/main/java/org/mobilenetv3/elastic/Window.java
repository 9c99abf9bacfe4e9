package org.mobilenetv3.elastic;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;
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
        copy(from, 0, to, 0, 0, true);
        return Tensor.of(shape, to);
    }

    /**
     * Puts a smaller net's numbers into the larger net, such that its channels are computed as in
     * the smaller one: they take nothing from channels and pixels that it has not.
     *
     * @param small the part's numbers
     * @param tensor of the whole
     * @return the whole with the part in it
     * @throws IOException if the numbers cannot be read
     */
    public Tensor embed(Tensor small, Tensor tensor) throws IOException {
        float[] all = tensor.floats().clone();
        if (shape.dimension() > 1) {
            Arrays.fill(all, 0, Math.toIntExact(shape.get(0) * whole.slice(1).size()), 0);
        }
        copy(all, 0, small.floats(), 0, 0, false);
        return Tensor.of(whole, all);
    }

    /** Copies what lies below an axis out of the whole or into it. */
    private void copy(float[] all, int at, float[] part, int place, int axis, boolean out) {
        int stride = Math.toIntExact(whole.slice(axis + 1).size());
        int step = Math.toIntExact(shape.slice(axis + 1).size());
        int begin = at + Math.toIntExact(from(axis)) * stride;
        int count = Math.toIntExact(shape.get(axis));
        if (stride == step) { // all that lies below
            int length = count * stride;
            if (out) {
                System.arraycopy(all, begin, part, place, length);
            } else {
                System.arraycopy(part, place, all, begin, length);
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            copy(all, begin + i * stride, part, place + i * step, axis + 1, out);
        }
    }
}
