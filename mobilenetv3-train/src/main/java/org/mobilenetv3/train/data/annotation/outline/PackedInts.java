package org.mobilenetv3.train.data.annotation.outline;

import java.util.Arrays;

/**
 * Whole numbers that are near those two places before them, as the coordinates of polygons and run
 * lengths are, in one or two bytes each: a large file of COCO's holds tens of millions.
 */
final class PackedInts {
    private byte[] bytes = new byte[16];
    private int length;
    private int size;
    private int last;
    private int beforeLast;

    void add(int value) {
        if (length + 5 > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.addExact(2 * length, 16));
        }
        int delta = value - beforeLast;
        int rest = (delta << 1) ^ (delta >> 31);
        while ((rest & ~0x7F) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        beforeLast = last;
        last = value;
        size++;
    }

    int size() {
        return size;
    }

    /** The bytes to keep. */
    byte[] packed() {
        return Arrays.copyOf(bytes, length);
    }

    /** The numbers of {@link #packed}, {@code size} of them. */
    static int[] unpack(byte[] packed, int size) {
        int[] values = new int[size];
        int at = 0;
        for (int i = 0; i < size; i++) {
            int rest = 0;
            int shift = 0;
            byte next;
            do {
                next = packed[at++];
                rest |= (next & 0x7F) << shift;
                shift += 7;
            } while (next < 0);
            int delta = (rest >>> 1) ^ -(rest & 1);
            values[i] = delta + (i > 1 ? values[i - 2] : 0);
        }
        return values;
    }
}
