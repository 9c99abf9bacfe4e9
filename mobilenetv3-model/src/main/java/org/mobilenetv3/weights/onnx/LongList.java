package org.mobilenetv3.weights.onnx;

import java.util.Arrays;

/** A growing list of numbers. */
final class LongList {

    private long[] values = new long[4];
    private int size;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(size + 4, Math.addExact(size, size / 2)));
        }
        values[size++] = value;
    }

    int size() {
        return size;
    }

    long get(int i) {
        return values[i];
    }

    long[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
