package org.mobilenetv3.train.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes small idx files in the real format. */
final class IdxFiles {
    private IdxFiles() {}

    static byte[] images(int count, int side) {
        ByteBuffer file = ByteBuffer.allocate(16 + count * side * side);
        file.putInt(0x803).putInt(count).putInt(side).putInt(side);
        for (int i = 0; file.hasRemaining(); i++) {
            file.put((byte) (i * 7));
        }
        return file.array();
    }

    static byte[] labels(int count) {
        ByteBuffer file = ByteBuffer.allocate(8 + count);
        file.putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            file.put((byte) (i % 10));
        }
        return file.array();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    static Path write(Path directory, int train, int test, boolean gzip) throws IOException {
        Files.createDirectories(directory);
        String end = gzip ? ".gz" : "";
        put(directory.resolve("train-images-idx3-ubyte" + end), images(train, 28), gzip);
        put(directory.resolve("train-labels-idx1-ubyte" + end), labels(train), gzip);
        put(directory.resolve("t10k-images-idx3-ubyte" + end), images(test, 28), gzip);
        put(directory.resolve("t10k-labels-idx1-ubyte" + end), labels(test), gzip);
        return directory;
    }

    private static void put(Path file, byte[] bytes, boolean gzip) throws IOException {
        Files.write(file, gzip ? gzip(bytes) : bytes);
    }
}
