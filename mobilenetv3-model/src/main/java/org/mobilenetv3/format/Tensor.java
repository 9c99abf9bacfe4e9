package org.mobilenetv3.format;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.commons.io.function.IOSupplier;

/**
 * A tensor: its shape and type at once, its numbers when they are asked for. It keeps no numbers
 * that it read from a file.
 */
public final class Tensor {

    private static final int BUFFER = 1 << 16;

    private final Shape shape;
    private final ElementType type;
    private final IOSupplier<InputStream> content;
    private final Supplier<float[]> values;

    private Tensor(
            Shape shape,
            ElementType type,
            IOSupplier<InputStream> content,
            Supplier<float[]> values) {
        this.shape = shape;
        this.type = type;
        this.content = content;
        this.values = values;
    }

    /**
     * Makes a tensor whose elements are read when they are asked for.
     *
     * @param shape its shape
     * @param type of the elements
     * @param content begins to read them, in C order and little-endian, the same each time
     * @return the tensor
     */
    public static Tensor of(Shape shape, ElementType type, IOSupplier<InputStream> content) {
        return new Tensor(shape, type, content, null);
    }

    /**
     * Makes a tensor of 32-bit floats.
     *
     * @param shape its shape; {@code new Shape()} for a scalar
     * @param values gives its numbers in C order; asked each time
     * @return the tensor
     */
    public static Tensor of(Shape shape, Supplier<float[]> values) {
        return new Tensor(
                shape,
                ElementType.F32,
                () -> new ByteArrayInputStream(littleEndian(checked(shape, values))),
                values);
    }

    /**
     * Makes a tensor of 32-bit floats.
     *
     * @param shape its shape; {@code new Shape()} for a scalar
     * @param values its numbers in C order; not copied
     * @return the tensor
     * @throws IllegalArgumentException if their number is not the shape's
     */
    public static Tensor of(Shape shape, float[] values) {
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(wrongNumber(shape, values.length));
        }
        return of(shape, () -> values);
    }

    /**
     * Makes a tensor of one 64-bit integer and no dimensions.
     *
     * @param value the integer
     * @return the tensor
     */
    public static Tensor scalar(long value) {
        byte[] bytes =
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array();
        return of(new Shape(), ElementType.I64, () -> new ByteArrayInputStream(bytes));
    }

    /** Returns the shape; without dimensions for a scalar. */
    public Shape shape() {
        return shape;
    }

    /** Returns the type of the elements as stored. */
    public ElementType type() {
        return type;
    }

    /**
     * Reads the numbers, of whatever type, as 32-bit floats. What these cannot hold is rounded.
     *
     * @return the numbers in C order
     * @throws IOException if the file is damaged, closed or gone, or if the numbers are too many
     *     for one array
     */
    public float[] floats() throws IOException {
        if (values != null) {
            return checked(shape, values);
        }
        if (shape.size() > Integer.MAX_VALUE - 8) {
            throw new IOException(
                    "A tensor of shape %s has more numbers than fit into one array (2^31)."
                            .formatted(shape));
        }
        FloatBuffer floats = FloatBuffer.allocate((int) shape.size());
        read(floats);
        return floats.array();
    }

    /**
     * Reads the numbers as {@link #floats()} does, without keeping them twice.
     *
     * @param into takes them, in C order, as many as it has room for
     * @throws IOException as {@link #floats()}
     */
    public void read(FloatBuffer into) throws IOException {
        if (values != null) {
            into.put(checked(shape, values));
            return;
        }
        try (InputStream in = open()) {
            byte[] bytes = new byte[BUFFER];
            while (into.hasRemaining()) {
                int some = Math.min(into.remaining(), BUFFER / type.bytes());
                int read = in.readNBytes(bytes, 0, some * type.bytes());
                if (read < some * type.bytes()) {
                    throw new IOException(
                            "The file ends within a tensor of shape %s.".formatted(shape));
                }
                ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                if (type == ElementType.F32) { // at once; one by one takes long while Java is cold
                    into.put(buffer.asFloatBuffer().limit(some));
                } else {
                    for (int i = 0; i < some; i++) {
                        into.put(type.next(buffer));
                    }
                }
            }
        }
    }

    /**
     * Begins to read the elements, in C order and little-endian.
     *
     * @return all of them, to be closed
     * @throws IOException if the file cannot be read, is damaged or was closed
     */
    public InputStream open() throws IOException {
        return content.get();
    }

    /** Returns the size of the elements in bytes. */
    public long bytes() {
        return Math.multiplyExact(shape.size(), (long) type.bytes());
    }

    @Override
    public String toString() {
        return type + " " + shape;
    }

    private static float[] checked(Shape shape, Supplier<float[]> values) {
        float[] floats = values.get();
        if (floats.length != shape.size()) {
            throw new IllegalArgumentException(wrongNumber(shape, floats.length));
        }
        return floats;
    }

    private static String wrongNumber(Shape shape, int count) {
        return String.format(
                Locale.ROOT,
                "A tensor of shape %s has %d numbers, not %d.",
                shape,
                shape.size(),
                count);
    }

    /** Returns the bytes of floats, four for each, little-endian. */
    public static byte[] littleEndian(float... values) {
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }
}
