package org.mobilenetv3.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over a whole safetensors file, written into the file's own metadata: when it is computed,
 * its digits count as zeros.
 */
final class FileChecksum {

    /** Its key in the metadata. */
    static final String KEY = "org.mobilenetv3.sha256";

    /** Its digits before they are known. */
    static final String NONE = "0".repeat(64);

    private static final int BUFFER = 1 << 16;

    private final MessageDigest digest;

    FileChecksum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    void add(byte[] bytes, int from, int length) {
        digest.update(bytes, from, length);
    }

    /** Ends the sum and puts its digits where the header has zeros. */
    byte[] into(byte[] header) {
        return replace(header, NONE, hex());
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Checks a file that has one; others pass. */
    static void verify(FileBytes file, SafeTensorsHeader header) throws IOException {
        String expected = header.metadata().get(KEY);
        if (expected == null) {
            return; // not ours
        }
        FileChecksum sum = new FileChecksum();
        byte[] head = replace(file.read(0, Math.toIntExact(header.data())), expected, NONE);
        sum.add(head, 0, head.length);
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = file.open(header.data(), file.size() - header.data())) {
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                sum.add(buffer, 0, read);
            }
        }
        if (!sum.hex().equals(expected)) {
            throw new IOException(
                    "its SHA-256 is not the one in its metadata, so it is damaged or another program changed it; get it anew, or drop the entry %s of %s if the change was meant."
                            .formatted(KEY, SafeTensors.METADATA));
        }
    }

    private static byte[] replace(byte[] header, String digits, String by) {
        String entry = "\"" + KEY + "\":\"%s\"";
        return new String(header, StandardCharsets.ISO_8859_1)
                .replace(entry.formatted(digits), entry.formatted(by))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
