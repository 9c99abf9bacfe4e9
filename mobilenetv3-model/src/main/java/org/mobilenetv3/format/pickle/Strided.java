package org.mobilenetv3.format.pickle;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.format.Sizes;

/** Elements of a tensor that do not lie one after the other, such as those of a transposed one. */
final class Strided {

    private Strided() {}

    /** Checks that all elements lie in the storage. */
    static void check(long[] shape, long[] strides, long offset, long storage) throws IOException {
        String name = "of shape " + Arrays.toString(shape);
        boolean inside = storage >= 0 && offset >= 0 && shape.length == strides.length;
        try {
            if (inside && Sizes.elements(name, shape) > 0) {
                inside = Math.addExact(offset, last(shape, strides)) < storage;
            }
        } catch (ArithmeticException e) {
            inside = false;
        }
        if (!inside || Arrays.stream(strides).anyMatch(s -> s < 0)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "a tensor %s with strides %s from element %d on does not lie in its storage of %d.",
                            name,
                            Arrays.toString(strides),
                            offset,
                            storage));
        }
    }

    /** The last element, counted from the first; there must be one. */
    static long last(long[] shape, long[] strides) {
        long last = 0;
        for (int i = 0; i < shape.length; i++) {
            last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
        }
        return last;
    }

    /** Whether elements lie one after the other. */
    static boolean isContiguous(long[] shape, long[] strides) {
        long step = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != step) {
                return false;
            }
            step *= shape[i];
        }
        return true;
    }

    /** Collects the elements, which begin at a byte, in C order. */
    static InputStream collect(byte[] elements, int at, int size, long[] shape, long[] strides)
            throws IOException {
        long count = Sizes.elements("", shape);
        if (count > (Integer.MAX_VALUE - 8) / size) {
            throw new IOException(
                    "A tensor of shape %s that is not contiguous is too large; save tensor.contiguous()."
                            .formatted(Arrays.toString(shape)));
        }
        byte[] collected = new byte[(int) count * size];
        long[] index = new long[shape.length];
        long from = 0;
        for (int to = 0; to < collected.length; to += size) {
            System.arraycopy(elements, at + (int) from * size, collected, to, size);
            for (int i = shape.length - 1; i >= 0; i--) {
                from += strides[i];
                if (++index[i] < shape[i]) {
                    break;
                }
                from -= shape[i] * strides[i];
                index[i] = 0;
            }
        }
        return new ByteArrayInputStream(collected);
    }
}
