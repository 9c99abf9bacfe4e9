package org.mobilenetv3.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Images ready for the network, and in a subclass what is to be learned of them. Close it when the
 * tensor made of it has had its last use: the memory then goes to a later batch.
 */
public class ImageBatch implements AutoCloseable {
    private final BufferPool pool;
    private final Shape shape;
    private final int[] indices;
    private ByteBuffer buffer;

    /**
     * Takes over the images.
     *
     * @param memory that holds them, in the first values of its buffer
     * @param shape {@code (N, C, H, W)}
     * @param indices where each image is in its set
     */
    protected ImageBatch(Memory memory, Shape shape, int[] indices) {
        pool = memory.pool();
        buffer = memory.buffer();
        this.shape = shape;
        this.indices = indices;
    }

    /**
     * Memory of a batch, lent by a loader.
     *
     * @param pool where it goes back
     * @param buffer direct, of 32-bit floats in native order
     */
    public record Memory(BufferPool pool, ByteBuffer buffer) {}

    /** How many images, N. */
    public int size() {
        return Math.toIntExact(shape.get(0));
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
