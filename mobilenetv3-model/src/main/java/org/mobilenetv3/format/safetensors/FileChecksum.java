package org.mobilenetv3.format.safetensors;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.mobilenetv3.format.FileBytes;
import org.mobilenetv3.io.Checksums;

/**
 * SHA-256 over a whole safetensors file, written into the file's own metadata: when it is computed,
 * its digits count as zeros.
 */
final class FileChecksum {

    /** Its key in the metadata. */
    static final String KEY = "org.mobilenetv3.sha256";

    /** Its digits before they are known. */
    static final String NONE = "0".repeat(64);

    private FileChecksum() {}

    /** Begins a sum. */
    static MessageDigest begin() {
        return Checksums.digest("SHA-256");
    }

    /** Ends a sum and puts its digits where the header has zeros. */
    static byte[] into(byte[] header, MessageDigest sum) {
        return replace(header, NONE, hex(sum));
    }

    private static String hex(MessageDigest sum) {
        return HexFormat.of().formatHex(sum.digest());
    }

    /** Checks a file that has one; others pass. */
    static void verify(FileBytes file, SafeTensorsHeader header) throws IOException {
        String expected = header.metadata().get(KEY);
        if (expected == null) {
            return; // not ours
        }
        MessageDigest sum = begin();
        sum.update(replace(file.read(0, Math.toIntExact(header.data())), expected, NONE));
        try (InputStream in = file.open(header.data(), file.size() - header.data())) {
            new DigestInputStream(in, sum).transferTo(OutputStream.nullOutputStream());
        }
        if (!hex(sum).equals(expected)) {
            throw new IOException(
                    "its SHA-256 is not the one in its metadata, so it is damaged or another program changed it; download it again, or drop the entry %s of %s if the change was meant."
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
