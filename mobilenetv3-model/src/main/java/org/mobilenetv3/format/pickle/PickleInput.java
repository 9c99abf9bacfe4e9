package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Reads the parts of a pickle in order; a length is believed only if so many bytes are there. */
final class PickleInput {

    private final ByteBuffer bytes;

    PickleInput(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    int u1() throws IOException {
        need(1);
        return bytes.get() & 0xFF;
    }

    int u2() throws IOException {
        need(2);
        return bytes.getShort() & 0xFFFF;
    }

    int i4() throws IOException {
        need(4);
        return bytes.getInt();
    }

    long i8() throws IOException {
        need(8);
        return bytes.getLong();
    }

    long u4() throws IOException {
        return i4() & 0xFFFFFFFFL;
    }

    /** A whole number of any size; null if it does not fit into 64 bits. */
    Long integer(long length) throws IOException {
        need(length);
        if (length > Long.BYTES) {
            skip(length);
            return null;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            // The last byte carries the sign.
            long b = i == length - 1 ? bytes.get() : bytes.get() & 0xFF;
            value |= b << (8 * i);
        }
        return value;
    }

    void skip(long length) throws IOException {
        need(length);
        bytes.position(bytes.position() + (int) length);
    }

    /** The next bytes, not copied. */
    ByteBuffer part(long length) throws IOException {
        need(length);
        ByteBuffer part = bytes.slice(bytes.position(), (int) length);
        skip(length);
        return part;
    }

    /** Text up to the end of the line. */
    String line() throws IOException {
        int end = bytes.position();
        while (end < bytes.limit() && bytes.get(end) != '\n') {
            end++;
        }
        ByteBuffer line = part((long) end - bytes.position());
        skip(1);
        return StandardCharsets.UTF_8.decode(line).toString();
    }

    private void need(long length) throws IOException {
        if (length < 0 || length > bytes.remaining()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its pickle asks for %s bytes at %d, where %d are left.",
                            Long.toUnsignedString(length),
                            bytes.position(),
                            bytes.remaining()));
        }
    }
}
