package org.mobilenetv3.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Tells files apart by their first bytes. */
enum Format {
    SAFETENSORS,
    TORCH;

    /** How many bytes it takes. */
    static final int BYTES = 262;

    // A pickle of the number 0x1950a86a20f9469cfc6c, with which torch.save began before zip.
    private static final byte[] OLD_MAGIC = {
        (byte) 0x8a,
        10,
        0x6c,
        (byte) 0xfc,
        (byte) 0x9c,
        0x46,
        (byte) 0xf9,
        0x20,
        0x6a,
        (byte) 0xa8,
        0x50,
        0x19
    };
    private static final int SAFETENSORS_LENGTH = 8;

    /** Recognises a file, or refuses it in a sentence that says what it is. */
    static Format of(Path file, byte[] first) throws IOException {
        if (first.length > SAFETENSORS_LENGTH && first[SAFETENSORS_LENGTH] == '{') {
            return SAFETENSORS;
        }
        if (begins(first, 0, new byte[] {'P', 'K', 3, 4})) {
            return TORCH;
        }
        boolean tar = begins(first, 257, "ustar".getBytes(StandardCharsets.US_ASCII));
        if (tar || begins(first, 2, OLD_MAGIC)) {
            throw new IOException(
                    "%s was written in the format that PyTorch had before 1.6, which is not read; convert it in Python with torch.save(torch.load('%2$s'), '%2$s')."
                            .formatted(file, file.getFileName()));
        }
        throw new IOException(
                "%s is neither a safetensors file nor one that torch.save wrote.".formatted(file));
    }

    private static boolean begins(byte[] bytes, int at, byte[] with) {
        int end = at + with.length;
        return bytes.length >= end && Arrays.equals(bytes, at, end, with, 0, with.length);
    }
}
