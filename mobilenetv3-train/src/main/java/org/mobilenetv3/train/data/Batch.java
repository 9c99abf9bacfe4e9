package org.mobilenetv3.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mobilenetv3.train.data.augment.BatchMixing;

/**
 * Images ready for the network. Close it when the tensor made of it has had its last use: the
 * memory then goes to a later batch.
 */
public final class Batch implements AutoCloseable {
    private final BufferPool pool;
    private final Shape shape;
    private final long[] labels;
    private final long[] partners;
    private final double share;
    private final int[] indices;
    private ByteBuffer buffer;

    Batch(
            BufferPool pool,
            ByteBuffer buffer,
            Shape shape,
            long[] labels,
            BatchMixing mixing,
            int[] indices) {
        this.pool = pool;
        this.buffer = buffer;
        this.shape = shape;
        this.labels = labels;
        this.partners = mixing.partners(labels);
        this.share = mixing.share();
        this.indices = indices;
    }

    /** How many images, N. */
    public int size() {
        return labels.length;
    }

    /** {@code (N, C, H, W)}. */
    public Shape shape() {
        return shape;
    }

    /**
     * The values as a direct buffer of 32-bit floats in native order, {@code (N, C, H, W)} from
     * position 0 to the limit. Valid until {@link #close()}.
     *
     * @throws IllegalStateException if the batch is closed
     */
    public synchronized ByteBuffer pixels() {
        if (buffer == null) {
            throw new IllegalStateException(
                    "A batch of "
                            + size()
                            + " images is closed already; use its pixels before that.");
        }
        ByteBuffer view = buffer.duplicate().order(buffer.order());
        view.limit(Math.toIntExact(shape.size() * Float.BYTES));
        return view;
    }

    /** The class of each image, {@code (N)}; the batch's own array. */
    public long[] labels() {
        return labels;
    }

    /**
     * The second class of each image, {@code (N)}: {@link #labels()} itself unless mixup or cutmix
     * mixed the batch. The target of image i is {@code share} at {@code labels[i]} and the rest at
     * {@code partners[i]}, which may be the same class.
     */
    public long[] partners() {
        return partners;
    }

    /** The weight of {@link #labels()} in the target, 0 to 1; 1 when nothing is mixed. */
    public double share() {
        return share;
    }

    /** Where each image is in the {@link ImageSet}, {@code (N)}; the batch's own array. */
    public int[] indices() {
        return indices;
    }

    /**
     * The pixels as one tensor {@code (N, C, H, W)} of 32-bit floats. On the CPU it wraps this
     * batch's memory without a copy: close the batch after the tensor's last use, backward pass
     * included.
     *
     * @throws IllegalStateException if the batch is closed
     */
    public NDArray toTensor(NDManager manager) {
        return manager.create(pixels(), shape, DataType.FLOAT32);
    }

    /**
     * A part of the images as a tensor {@code (to - from, C, H, W)}, otherwise as {@link
     * #toTensor(NDManager)}.
     *
     * @throws IllegalStateException if the batch is closed
     */
    public NDArray toTensor(NDManager manager, int from, int to) {
        Shape part = new Shape(to - from, shape.get(1), shape.get(2), shape.get(3));
        int bytes = Math.toIntExact(part.size() / part.get(0) * Float.BYTES);
        ByteBuffer slice = pixels().slice(from * bytes, (to - from) * bytes);
        return manager.create(slice.order(ByteOrder.nativeOrder()), part, DataType.FLOAT32);
    }

    /** Gives the memory back to the loader; closing again does nothing. */
    @Override
    public synchronized void close() {
        if (buffer != null) {
            pool.release(buffer);
            buffer = null;
        }
    }
}
