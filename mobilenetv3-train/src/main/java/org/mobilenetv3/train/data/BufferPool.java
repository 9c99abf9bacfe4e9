package org.mobilenetv3.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Direct buffers of one size, used again so that memory stays flat. Safe for several threads. */
public final class BufferPool {
    private final int bytes;
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private int made;

    private BufferPool(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Buffers for batches.
     *
     * @param images in the largest batch
     * @param length values of an image
     * @throws IllegalArgumentException if a batch exceeds 2 GB
     */
    static BufferPool forBatches(int images, int length) {
        long bytes = (long) images * length * Float.BYTES;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A batch of %d images of %d values exceeds 2 GB; give a smaller batch size.",
                            images,
                            length));
        }
        return new BufferPool((int) bytes);
    }

    synchronized ByteBuffer acquire() {
        ByteBuffer buffer = free.poll();
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
            made++;
        }
        return buffer;
    }

    synchronized void release(ByteBuffer buffer) {
        free.push(buffer);
    }

    /** Forgets the free buffers; the garbage collector returns their memory. */
    synchronized void clear() {
        free.clear();
    }

    /** How many buffers were ever allocated. */
    synchronized int made() {
        return made;
    }
}
