package org.mobilenetv3.format;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** Sizes that a file claims, multiplied without overflow. */
public final class Sizes {

    /** As many dimensions as PyTorch has. */
    private static final int DIMENSIONS = 64;

    private Sizes() {}

    /**
     * Returns the number of elements.
     *
     * @param name of the tensor, for the error message
     * @param shape that the file claims
     * @return their product
     * @throws IOException if the tensor cannot have that shape
     */
    public static long elements(String name, long[] shape) throws IOException {
        if (shape.length > DIMENSIONS) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "tensor %s has %d dimensions, where %d are allowed.",
                            name,
                            shape.length,
                            DIMENSIONS));
        }
        try {
            long elements = 1;
            for (long dimension : shape) {
                if (dimension < 0) {
                    throw new ArithmeticException();
                }
                elements = Math.multiplyExact(elements, dimension);
            }
            return elements;
        } catch (ArithmeticException e) {
            throw new IOException(
                    "tensor %s cannot have the shape %s.".formatted(name, shown(shape)), e);
        }
    }

    /**
     * Returns the size of the elements.
     *
     * @param name of the tensor, for the error message
     * @param shape that the file claims
     * @param type of the elements
     * @return in bytes
     * @throws IOException if the tensor cannot have that shape
     */
    public static long bytes(String name, long[] shape, ElementType type) throws IOException {
        long elements = elements(name, shape);
        if (elements > Long.MAX_VALUE / type.bytes()) {
            throw new IOException(
                    "tensor %s cannot have the shape %s.".formatted(name, shown(shape)));
        }
        return elements * type.bytes();
    }

    private static String shown(long[] shape) {
        return Arrays.toString(shape);
    }
}
