package org.mobilenetv3.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.pickle.PaddleCheckpoint;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.format.safetensors.SafeTensors;

/** Tells files apart by their first bytes. */
public enum Format {
    /** A JSON header, then numbers. */
    SAFETENSORS("safetensors", "safetensors"),
    /** What {@code torch.save} writes. */
    TORCH("PyTorch", "a PyTorch checkpoint"),
    /** What {@code paddle.save} writes, or another pickle of NumPy's arrays. */
    PADDLE("Paddle", "a pickle of arrays, as Paddle saves them");

    /** How many bytes it takes. */
    private static final int BYTES = 262;

    private static final byte[] ZIP = {'P', 'K', 3, 4};

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

    private final String shown;
    private final String description;

    Format(String shown, String description) {
        this.shown = shown;
        this.description = description;
    }

    /** What files of this format are, for error messages. */
    String description() {
        return description;
    }

    /** Opens a file of this format. */
    TensorFile open(Path file) throws IOException {
        return switch (this) {
            case SAFETENSORS -> SafeTensors.read(file);
            case TORCH -> TorchCheckpoint.read(file, Names::endsWithStem);
            case PADDLE -> PaddleCheckpoint.read(file);
        };
    }

    /** Recognizes a file, or refuses it in a sentence that says what it is. */
    static Format of(Path file) throws IOException {
        byte[] first;
        try {
            first = first(file);
        } catch (IOException e) { // whose message may be the path alone
            throw new IOException(file + " cannot be read; check its permissions.", e);
        }
        return of(file, first);
    }

    private static byte[] first(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(BYTES);
        }
    }

    private static Format of(Path file, byte[] first) throws IOException {
        if (isSafeTensors(first)) {
            return SAFETENSORS;
        }
        if (begins(first, 0, ZIP)) {
            return TORCH;
        }
        if (isOldTorch(first)) {
            throw new IOException(
                    "%s was written in the format that PyTorch had before 1.6, which is not read; convert it in Python with torch.save(torch.load('%2$s'), '%2$s')."
                            .formatted(file, file.getFileName()));
        }
        if (PaddleCheckpoint.isPickle(first)) {
            return PADDLE;
        }
        throw new IOException(
                "%s is neither a safetensors file nor one that torch.save or paddle.save wrote."
                        .formatted(file));
    }

    private static boolean begins(byte[] bytes, int at, byte[] with) {
        int end = at + with.length;
        return bytes.length >= end && Arrays.equals(bytes, at, end, with, 0, with.length);
    }

    @Override
    public String toString() {
        return shown;
    }

    /**
     * Recognizes a safetensors file.
     *
     * @param first its first bytes, 9 or more
     * @return whether its header is where safetensors has it
     */
    public static boolean isSafeTensors(byte... first) {
        return first.length > SAFETENSORS_LENGTH && first[SAFETENSORS_LENGTH] == '{';
    }

    /**
     * Recognizes what {@code torch.save} wrote before PyTorch 1.6.
     *
     * @param first a file's first bytes, {@value #BYTES} or more
     * @return whether it is such a file, which is not read here
     */
    public static boolean isOldTorch(byte... first) {
        return begins(first, 257, "ustar".getBytes(StandardCharsets.US_ASCII))
                || begins(first, 2, OLD_MAGIC);
    }
}
