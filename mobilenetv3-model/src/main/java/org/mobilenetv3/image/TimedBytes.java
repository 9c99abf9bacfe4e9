package org.mobilenetv3.image;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.time.Duration;

/** Bytes that end in an error when the time is over; readers fetch them piece by piece. */
final class TimedBytes extends FilterInputStream {
    private static final int PIECE = 512;

    private final long began = System.nanoTime();
    private final Duration time;
    private final long nanos;

    /**
     * Begins to count.
     *
     * @param begin read first
     * @param file read from {@code from} on after that
     * @param time that may pass until the last byte is fetched
     */
    TimedBytes(byte[] begin, byte[] file, int from, Duration time) {
        super(
                new SequenceInputStream(
                        new ByteArrayInputStream(begin),
                        new ByteArrayInputStream(file, from, file.length - from)));
        this.time = time;
        this.nanos = time.toNanos();
    }

    /** {@inheritDoc} */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (System.nanoTime() - began > nanos) {
            throw new ImageTooSlowException(time);
        }
        return super.read(into, offset, Math.min(length, PIECE));
    }
}
