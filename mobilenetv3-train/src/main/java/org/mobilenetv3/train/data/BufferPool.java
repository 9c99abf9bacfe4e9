package org.mobilenetv3.train.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/** Direct buffers of one size, used again so that memory stays flat. Safe for several threads. */
final class BufferPool {
    private final int bytes;
    private final Deque<ByteBuffer> free = new ArrayDeque<>();
    private int made;

    BufferPool(int bytes) {
        this.bytes = bytes;
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
