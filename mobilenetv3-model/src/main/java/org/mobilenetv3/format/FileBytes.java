package org.mobilenetv3.format;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An open file of any size, read in parts that do not disturb each other. */
public final class FileBytes implements Closeable {

    private final Path file;
    private final FileChannel channel;

    /**
     * Opens a file.
     *
     * @param file any file
     * @throws IOException if it cannot be read
     */
    public FileBytes(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.READ);
    }

    /**
     * Returns the file's size.
     *
     * @return in bytes
     * @throws IOException if it cannot be read
     */
    public long size() throws IOException {
        return channel.size();
    }

    /**
     * Reads a part whole; the caller has seen that the file is that long.
     *
     * @param from its first byte
     * @param length in bytes
     * @return the part
     * @throws IOException if it cannot be read
     */
    public byte[] read(long from, int length) throws IOException {
        try (InputStream in = open(from, length)) {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException(file + " ends too early.");
            }
            return bytes;
        }
    }

    /**
     * Begins to read a part.
     *
     * @param from its first byte
     * @param length in bytes
     * @return the part
     */
    public InputStream open(long from, long length) {
        return new Part(from, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private int read(ByteBuffer into, long at) throws IOException {
        try {
            return channel.read(into, at);
        } catch (ClosedChannelException e) { // which has no message
            throw new IOException(file + " was closed before its tensors were read.", e);
        }
    }

    private final class Part extends InputStream {
        private long at;
        private final long end;

        Part(long from, long length) {
            at = from;
            end = from + length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int some = (int) Math.min(length, end - at);
            if (some == 0) {
                return length == 0 ? 0 : -1;
            }
            int read = FileBytes.this.read(ByteBuffer.wrap(bytes, from, some), at);
            at += Math.max(read, 0);
            return read;
        }
    }
}
