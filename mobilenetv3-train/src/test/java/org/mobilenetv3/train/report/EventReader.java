package org.mobilenetv3.train.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads event files by the rules alone: TFRecord frames with their checksums and protocol buffers'
 * wire format, with nothing of what writes them.
 */
final class EventReader {

    private EventReader() {}

    /** A message's fields: numbers as long, eight and four bytes as bits, the rest as bytes. */
    static final class Message {
        private final Map<Integer, List<Object>> fields = new TreeMap<>();

        Message(byte[] bytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                long key = varint(in);
                Object value =
                        switch ((int) (key & 7)) {
                            case 0 -> varint(in);
                            case 1 -> in.getLong();
                            case 2 -> take(in, (int) varint(in));
                            case 5 -> in.getInt();
                            default -> throw new IllegalStateException("wire type " + (key & 7));
                        };
                fields.computeIfAbsent((int) (key >> 3), k -> new ArrayList<>()).add(value);
            }
        }

        boolean has(int field) {
            return fields.containsKey(field);
        }

        long integer(int field) {
            return (Long) fields.get(field).get(0);
        }

        double real(int field) {
            return Double.longBitsToDouble((Long) fields.get(field).get(0));
        }

        float single(int field) {
            return Float.intBitsToFloat((Integer) fields.get(field).get(0));
        }

        byte[] bytes(int field) {
            return (byte[]) fields.get(field).get(0);
        }

        String text(int field) {
            return new String(bytes(field), StandardCharsets.UTF_8);
        }

        Message message(int field) {
            return new Message(bytes(field));
        }

        List<Message> messages(int field) {
            return fields.get(field).stream().map(b -> new Message((byte[]) b)).toList();
        }
    }

    /** Reads the events of a file, refusing a checksum that is not right. */
    static List<Message> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Message> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = take(in, 8);
            requireChecksum(length, in.getInt());
            long size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            byte[] data = take(in, Math.toIntExact(size));
            requireChecksum(data, in.getInt());
            events.add(new Message(data));
        }
        return events;
    }

    private static void requireChecksum(byte[] data, int written) throws IOException {
        int crc = crc32c(data);
        int masked = ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
        if (masked != written) {
            throw new IOException(
                    String.format(Locale.ROOT, "checksum %08x, expected %08x", written, masked));
        }
    }

    /** Castagnoli's polynomial, bit by bit. */
    static int crc32c(byte[] data) {
        int crc = -1;
        for (byte b : data) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }
        return ~crc;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }
}
