package org.mobilenetv3.format.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Tensor;

/**
 * A {@code TensorProto}: a constant of a file. Its numbers stay in the file's bytes until they are
 * asked for, so that operations on constants cost nothing, however many a file has.
 */
public final class OnnxTensor {

    private static final int FEW = 16;

    // TensorProto's fields.
    private static final int DIMS = 1;
    private static final int DATA_TYPE = 2;
    private static final int FLOAT_DATA = 4;
    private static final int INT32_DATA = 5;
    private static final int INT64_DATA = 7;
    private static final int NAME = 8;
    private static final int RAW_DATA = 9;
    private static final int DOUBLE_DATA = 10;
    private static final int DATA_LOCATION = 14;

    /** Types that weights and the constants beside them have. */
    private static final Set<ElementType> NUMBERS =
            EnumSet.of(
                    ElementType.F32,
                    ElementType.I32,
                    ElementType.I64,
                    ElementType.BOOL,
                    ElementType.F16,
                    ElementType.F64,
                    ElementType.BF16);

    private static final Set<ElementType> FLOATS =
            EnumSet.of(ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.F64);

    private static final Set<ElementType> PIXELS =
            EnumSet.of(ElementType.U8, ElementType.I32, ElementType.I64);

    private final String name;
    private final int code;
    private final ElementType type; // null if it is none of ours
    private final long[] dimensions;
    private final ByteString numbers;
    private final boolean transposed;

    private OnnxTensor(
            String name, int code, long[] dimensions, ByteString numbers, boolean transposed) {
        this.name = name;
        this.code = code;
        this.type = ElementType.ofOnnx(code).orElse(null);
        this.dimensions = dimensions;
        this.numbers = numbers;
        this.transposed = transposed;
    }

    /** Makes a vector of little-endian numbers, which are not copied, without a name. */
    public static OnnxTensor of(ElementType type, byte... bytes) {
        return of(type, UnsafeByteOperations.unsafeWrap(bytes));
    }

    static OnnxTensor of(ElementType type, ByteString bytes) {
        long[] dimensions = {bytes.size() / type.bytes()};
        return new OnnxTensor("", type.onnx(), dimensions, bytes, false);
    }

    /** Makes a vector of 32-bit floats without a name. */
    public static OnnxTensor ofFloats(float... values) {
        return of(ElementType.F32, Tensor.littleEndian(values));
    }

    /** Makes a vector of 64-bit integers without a name. */
    public static OnnxTensor ofLongs(long... values) {
        ByteBuffer bytes = little(Math.multiplyExact(values.length, Long.BYTES));
        bytes.asLongBuffer().put(values);
        return of(ElementType.I64, UnsafeByteOperations.unsafeWrap(bytes));
    }

    /** Makes a vector of 32-bit integers without a name. */
    public static OnnxTensor ofInts(int... values) {
        ByteBuffer bytes = little(Math.multiplyExact(values.length, Integer.BYTES));
        bytes.asIntBuffer().put(values);
        return of(ElementType.I32, UnsafeByteOperations.unsafeWrap(bytes));
    }

    /** Reads a message; whether its numbers are as many as its shape says is checked. */
    static OnnxTensor read(ByteString message) throws IOException {
        LongStream.Builder dimensions = LongStream.builder();
        LongStream.Builder integers = LongStream.builder();
        ByteString.Output typed = ByteString.newOutput();
        ByteString raw = null;
        int type = 0;
        String name = "";
        boolean external = false;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case DIMS -> field.integers(dimensions);
                case DATA_TYPE -> type = (int) field.integer();
                case FLOAT_DATA -> field.fixed(Float.BYTES).writeTo(typed);
                case INT32_DATA, INT64_DATA -> field.integers(integers);
                case NAME -> name = field.string();
                case RAW_DATA -> raw = field.bytes();
                case DOUBLE_DATA -> field.fixed(Double.BYTES).writeTo(typed);
                case DATA_LOCATION -> external = field.integer() != 0;
                default -> {}
            }
        }
        if (external) {
            throw new IOException(
                    "the numbers of %s lie in another file; export with all weights in one file, with torch.onnx.export(..., external_data=False) or onnx.save(onnx.load(...), ...)"
                            .formatted(quoted(name)));
        }
        long[] values = integers.build().toArray();
        if (raw == null) {
            raw = values.length > 0 ? pack(values, type) : typed.toByteString();
        }
        OnnxTensor tensor = new OnnxTensor(name, type, dimensions.build().toArray(), raw, false);
        tensor.checkSize();
        return tensor;
    }

    private static ByteString pack(long[] values, int type) {
        int width = ElementType.ofOnnx(type).map(ElementType::bytes).orElse(1);
        ByteBuffer bytes = little(Math.multiplyExact(values.length, width));
        for (long value : values) {
            switch (width) {
                case 8 -> bytes.putLong(value);
                case 4 -> bytes.putInt((int) value);
                case 2 -> bytes.putShort((short) value);
                default -> bytes.put((byte) value);
            }
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    /** The message; of a tensor that was not transposed. */
    ProtoMessage message() {
        return new ProtoMessage()
                .integers(DIMS, dimensions)
                .integer(DATA_TYPE, code)
                .string(NAME, name)
                .bytes(RAW_DATA, numbers);
    }

    private void checkSize() throws IOException {
        if (!hasNumbers()) {
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
        if (size > Integer.MAX_VALUE || size * type.bytes() != numbers.size()) {
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

    /** Returns whether ONNX's number of a type is that of floats, of whatever size. */
    public static boolean isFloat(long code) {
        return ElementType.ofOnnx(code).filter(FLOATS::contains).isPresent();
    }

    /** Returns whether an input of that type takes pixels from 0 to 255. */
    public static boolean isPixel(long code) {
        return ElementType.ofOnnx(code).filter(PIXELS::contains).isPresent();
    }

    /**
     * Refuses types that weights do not have, for instance those of quantized nets.
     *
     * @return this
     * @throws IOException if the type is one of them
     */
    public OnnxTensor requireNumbers() throws IOException {
        if (!hasNumbers()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the constant %s is of ONNX's data type %d, but weights are expected as 16-, 32- or 64-bit floats; export the net before it is quantized",
                            quoted(name),
                            code));
        }
        return this;
    }

    /** Returns whether the numbers are floats, of 16, 32 or 64 bits. */
    public boolean hasNumbers() {
        return NUMBERS.contains(type);
    }

    /** Returns the name; empty if it has none. */
    public String name() {
        return name;
    }

    /** Returns the shape; without dimensions for a scalar. */
    public Shape shape() {
        return new Shape(dimensions);
    }

    /** Returns the number of dimensions, 0 for a scalar. */
    public int rank() {
        return dimensions.length;
    }

    /** Returns the number of elements. */
    public int size() {
        return numbers.size() / type.bytes();
    }

    /** Returns the same numbers under another name. */
    public OnnxTensor named(String other) {
        return new OnnxTensor(other, code, dimensions, numbers, transposed);
    }

    /** Returns the same numbers in another shape of as many elements. */
    public OnnxTensor withShape(long... other) {
        return new OnnxTensor(name, code, other, numbers, transposed);
    }

    /** Returns a matrix with its two axes swapped. */
    public OnnxTensor transpose() {
        return new OnnxTensor(
                name, code, new long[] {dimensions[1], dimensions[0]}, numbers, !transposed);
    }

    /** Returns whether the matrix lies column by column in the file. */
    public boolean isTransposed() {
        return transposed;
    }

    /** Returns the numbers in C order; the type must have been checked. */
    public float[] floats() {
        float[] values = new float[size()];
        ByteBuffer bytes = buffer();
        if (type == ElementType.F32) { // at once; one by one takes long while Java is cold
            bytes.asFloatBuffer().get(values);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = type.next(bytes);
            }
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

    /**
     * Reads the few integers of a constant that says how, not what.
     *
     * @return −1 for each number that is none
     * @throws IOException if they are many
     */
    public long[] longs() throws IOException {
        if (size() > FEW) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the constant %s has %d numbers where at most %d are expected",
                            quoted(name),
                            size(),
                            FEW));
        }
        ByteBuffer bytes = buffer();
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (type) {
                        case I64 -> bytes.getLong();
                        case I32 -> bytes.getInt();
                        default -> -1;
                    };
        }
        return values;
    }

    private ByteBuffer buffer() {
        return numbers.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }
}
