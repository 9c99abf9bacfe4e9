package org.mobilenetv3.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Text that people write, in UTF-8; Windows puts a byte order mark before it. */
public final class TextFile {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextFile() {}

    /**
     * Reads a text.
     *
     * @param file a text file
     * @return its text, without a byte order mark
     * @throws java.nio.charset.CharacterCodingException if it is no UTF-8
     * @throws IOException if it cannot be read
     */
    public static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) { // Java's own message does not say which
            throw new IOException(file + " is a directory, but a file is needed.");
        }
        String text = Files.readString(file);
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }

    /**
     * Reads a text's lines.
     *
     * @param file a text file
     * @return its lines, without a byte order mark
     * @throws java.nio.charset.CharacterCodingException if it is no UTF-8
     * @throws IOException if it cannot be read
     */
    public static List<String> lines(Path file) throws IOException {
        return read(file).lines().toList();
    }
}
