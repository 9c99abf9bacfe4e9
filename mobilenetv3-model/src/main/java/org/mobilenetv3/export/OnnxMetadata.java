package org.mobilenetv3.export;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an ONNX file says about itself, read without ONNX Runtime, whose Java side takes UTF-8 for
 * Java's modified form of it and so spoils characters of four bytes, and without the rest of the
 * file. Field numbers are those of onnx.proto (github.com/onnx/onnx).
 */
final class OnnxMetadata {

    private static final int METADATA_PROPS = 14;

    private final ByteBuffer in;

    private OnnxMetadata(ByteBuffer in) {
        this.in = in;
    }

    /**
     * Reads a file's {@code metadata_props}.
     *
     * @throws IOException if it cannot be read or is damaged
     */
    static Map<String, String> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                return Map.of(); // none that this project writes
            }
            return read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()), file);
        }
    }

    static Map<String, String> read(ByteBuffer model, Path file) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        try {
            OnnxMetadata fields = new OnnxMetadata(model);
            while (fields.in.hasRemaining()) {
                long tag = fields.number();
                ByteBuffer content = fields.content(tag);
                if (tag >>> 3 == METADATA_PROPS && content != null) {
                    new OnnxMetadata(content).entry(metadata);
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException(file + " is damaged or no ONNX file.", e);
        }
        return metadata;
    }

    private void entry(Map<String, String> into) {
        String key = "";
        String value = "";
        while (in.hasRemaining()) {
            long tag = number();
            ByteBuffer content = content(tag);
            String text = content == null ? "" : StandardCharsets.UTF_8.decode(content).toString();
            key = tag >>> 3 == 1 ? text : key;
            value = tag >>> 3 == 2 ? text : value;
        }
        into.put(key, value);
    }

    /** The bytes of a field that has a length; null, and passed over, if it is a number. */
    private ByteBuffer content(long tag) {
        switch ((int) (tag & 7)) {
            case 0 -> number();
            case 1 -> skip(Long.BYTES);
            case 2 -> {
                long length = number();
                int start = in.position();
                skip(length);
                return in.slice(start, (int) length);
            }
            case 5 -> skip(Integer.BYTES);
            default -> throw new IllegalArgumentException("no field of ONNX: " + tag);
        }
        return null;
    }

    private void skip(long bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + (int) bytes);
    }

    private long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than ten bytes");
    }
}
