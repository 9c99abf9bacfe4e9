package org.mobilenetv3.format.djl;

import java.io.IOException;
import java.io.InputStream;
import org.mobilenetv3.format.FileBytes;

/** Reads a file from its start; its place is known and can be moved. */
final class Cursor extends InputStream {

    private final FileBytes file;
    private final byte[] buffer = new byte[1 << 12];

    /** Where the buffer begins in the file. */
    private long begin;

    private int next;
    private int end;

    Cursor(FileBytes file) {
        this.file = file;
    }

    long position() {
        return begin + next;
    }

    void move(long to) {
        if (to >= begin && to <= begin + end) {
            next = (int) (to - begin);
        } else {
            begin = to;
            next = 0;
            end = 0;
        }
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer[next++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int some = Math.min(length, end - next);
        System.arraycopy(buffer, next, bytes, from, some);
        next += some;
        return some;
    }

    /** Returns whether there is more. */
    private boolean fill() throws IOException {
        if (next < end) {
            return true;
        }
        begin += end;
        next = 0;
        try (InputStream in = file.open(begin, buffer.length)) {
            end = Math.max(in.read(buffer, 0, buffer.length), 0);
        }
        return end > 0;
    }
}
