package org.mobilenetv3.image;

import java.util.concurrent.Semaphore;

/**
 * The memory that pictures decoded side by side may take together. A picture waits until there is
 * room for it; one for which there never is room is made smaller while it is decoded.
 */
public final class DecodingMemory {
    private static final int UNIT = 1 << 16;
    private static final int OF_HEAP = 3;

    private final int units;
    private final Semaphore free;

    /**
     * Sets a limit.
     *
     * @param bytes what all pictures may take together, at least one unit of 64 KiB
     */
    public DecodingMemory(long bytes) {
        units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT));
        free = new Semaphore(units, true);
    }

    /** A third of the memory that Java may take, for who decodes one picture at a time. */
    public static DecodingMemory ofHeap() {
        return new DecodingMemory(Runtime.getRuntime().maxMemory() / OF_HEAP);
    }

    long most() {
        return (long) units * UNIT;
    }

    /** Room for one picture, from before it is decoded until it is no longer needed. */
    public Share share() {
        return new Share();
    }

    /** One picture's room. */
    public final class Share implements AutoCloseable {
        private int taken;

        private Share() {}

        long most() {
            return DecodingMemory.this.most();
        }

        /** Waits for room, of {@link #most()} at most. */
        void take(long bytes) {
            int wanted = (int) Math.min(units, (bytes + UNIT - 1) / UNIT);
            free.acquireUninterruptibly(wanted);
            taken += wanted;
        }

        /** Gives the room back. */
        @Override
        public void close() {
            free.release(taken);
            taken = 0;
        }
    }
}
