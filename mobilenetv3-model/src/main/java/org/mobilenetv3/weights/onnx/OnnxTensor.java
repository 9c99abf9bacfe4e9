package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.Float16Utils;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;

/**
 * A constant of the file. Its numbers stay in the file's bytes until they are asked for, so that
 * operations on constants cost nothing, however many a file has.
 */
final class OnnxTensor {

    private static final int FEW = 16;
    private static final int FLOAT = 1;
    private static final int UINT8 = 2;
    private static final int INT32 = 6;
    private static final int INT64 = 7;
    private static final int BOOL = 9;
    private static final int FLOAT16 = 10;
    private static final int DOUBLE = 11;
    private static final int BFLOAT16 = 16;

    private final String name;
    private final int type;
    private final long[] dimensions;
    private final ByteString numbers;
    private final boolean transposed;

    private OnnxTensor(
            String name, int type, long[] dimensions, ByteString numbers, boolean transposed) {
        this.name = name;
        this.type = type;
        this.dimensions = dimensions;
        this.numbers = numbers;
        this.transposed = transposed;
    }

    static OnnxTensor ofFloats(float... values) {
        byte[] array = new byte[values.length * Float.BYTES];
        ByteBuffer bytes = little(array);
        bytes.asFloatBuffer().put(values);
        return new OnnxTensor(
                "", FLOAT, new long[] {values.length}, ByteString.copyFrom(array), false);
    }

    static OnnxTensor ofLongs(long... values) {
        byte[] array = new byte[values.length * Long.BYTES];
        ByteBuffer bytes = little(array);
        bytes.asLongBuffer().put(values);
        return new OnnxTensor(
                "", INT64, new long[] {values.length}, ByteString.copyFrom(array), false);
    }

    /** Reads a TensorProto; whether its numbers are as many as its shape says is checked. */
    static OnnxTensor read(ByteString message) throws IOException {
        LongList dimensions = new LongList();
        LongList integers = new LongList();
        ByteString.Output typed = ByteString.newOutput();
        ByteString raw = null;
        int type = 0;
        String name = "";
        boolean external = false;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> field.integers(dimensions);
                case 2 -> type = (int) field.integer();
                case 4 -> (field.packed() ? field.bytes() : field.fixed(4)).writeTo(typed);
                case 5, 7 -> field.integers(integers);
                case 8 -> name = field.string();
                case 9 -> raw = field.bytes();
                case 10 -> (field.packed() ? field.bytes() : field.fixed(8)).writeTo(typed);
                case 14 -> external = field.integer() != 0;
                default -> {}
            }
        }
        if (external) {
            throw new IOException(
                    "the numbers of %s lie in another file; export with all weights in one file, with torch.onnx.export(..., external_data=False) or onnx.save(onnx.load(...), ...)"
                            .formatted(quoted(name)));
        }
        if (raw == null) {
            raw = integers.size() > 0 ? pack(integers, width(type)) : typed.toByteString();
        }
        OnnxTensor tensor = new OnnxTensor(name, type, dimensions.toArray(), raw, false);
        tensor.checkSize();
        return tensor;
    }

    private static ByteString pack(LongList values, int width) {
        byte[] array = new byte[Math.multiplyExact(values.size(), width)];
        ByteBuffer bytes = little(array);
        for (int i = 0; i < values.size(); i++) {
            switch (width) {
                case 8 -> bytes.putLong(values.get(i));
                case 4 -> bytes.putInt((int) values.get(i));
                case 2 -> bytes.putShort((short) values.get(i));
                default -> bytes.put((byte) values.get(i));
            }
        }
        return ByteString.copyFrom(array);
    }

    private static int width(int type) {
        return switch (type) {
            case INT64, DOUBLE -> 8;
            case FLOAT, INT32 -> 4;
            case FLOAT16, BFLOAT16 -> 2;
            default -> 1;
        };
    }

    private void checkSize() throws IOException {
        if (!known()) {
            return; // refused where it is used
        }
        long size = 1;
        for (long dimension : dimensions) {
            // The product stays small: a step further and it is over the bytes that there are.
            size = dimension < 0 || size > Integer.MAX_VALUE ? -1 : size * dimension;
            if (size < 0 || dimension > Integer.MAX_VALUE) {
                throw wrongSize();
            }
        }
        if (size > Integer.MAX_VALUE || size * width(type) != numbers.size()) {
            throw wrongSize();
        }
    }

    private IOException wrongSize() {
        return new IOException(
                String.format(
                        Locale.ROOT,
                        "the constant %s has shape %s but %d bytes of numbers, so the file is damaged",
                        quoted(name),
                        Arrays.toString(dimensions),
                        numbers.size()));
    }

    /** Whether ONNX's number of a type is that of floats, of whatever size. */
    static boolean isFloat(long type) {
        return type == FLOAT || type == FLOAT16 || type == BFLOAT16 || type == DOUBLE;
    }

    /** Whether an input of that type takes pixels from 0 to 255. */
    static boolean isPixel(long type) {
        return type == UINT8 || type == INT32 || type == INT64;
    }

    private boolean known() {
        return switch (type) {
            case FLOAT, INT32, INT64, BOOL, FLOAT16, DOUBLE, BFLOAT16 -> true;
            default -> false;
        };
    }

    /** Refuses types that weights do not have, for instance those of quantised nets. */
    OnnxTensor requireNumbers() throws IOException {
        if (!known()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the constant %s is of ONNX's data type %d, but weights are expected as 16-, 32- or 64-bit floats; export the net before it is quantised",
                            quoted(name),
                            type));
        }
        return this;
    }

    String name() {
        return name;
    }

    Shape shape() {
        return new Shape(dimensions);
    }

    int rank() {
        return dimensions.length;
    }

    int size() {
        return numbers.size() / width(type);
    }

    OnnxTensor named(String other) {
        return new OnnxTensor(other, type, dimensions, numbers, transposed);
    }

    OnnxTensor withShape(long... other) {
        return new OnnxTensor(name, type, other, numbers, transposed);
    }

    /** Swaps the two axes of a matrix. */
    OnnxTensor transpose() {
        return new OnnxTensor(
                name, type, new long[] {dimensions[1], dimensions[0]}, numbers, !transposed);
    }

    boolean isTransposed() {
        return transposed;
    }

    /** The numbers in C order; the type must have been checked. */
    float[] floats() {
        ByteBuffer bytes = numbers.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (type) {
                        case FLOAT -> bytes.getFloat();
                        case DOUBLE -> (float) bytes.getDouble();
                        case FLOAT16 -> Float16Utils.halfToFloat(bytes.getShort());
                        case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort() << 16);
                        case INT64 -> (float) bytes.getLong();
                        case INT32 -> (float) bytes.getInt();
                        default -> (float) bytes.get();
                    };
        }
        return transposed ? transposed(values) : values;
    }

    private float[] transposed(float[] values) {
        int rows = (int) dimensions[0];
        int columns = (int) dimensions[1];
        float[] swapped = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                swapped[r * columns + c] = values[c * rows + r];
            }
        }
        return swapped;
    }

    /** The few integers of a constant that says how, not what. */
    long[] longs() throws IOException {
        if (size() > FEW) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the constant %s has %d numbers where at most %d are expected",
                            quoted(name),
                            size(),
                            FEW));
        }
        ByteBuffer bytes = numbers.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == INT64 ? bytes.getLong() : type == INT32 ? bytes.getInt() : -1;
        }
        return values;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }
}
