package org.mobilenetv3.format.pickle;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.Sizes;
import org.mobilenetv3.format.pickle.Pickled.Bytes;
import org.mobilenetv3.format.pickle.Pickled.Call;
import org.mobilenetv3.format.pickle.Pickled.Text;
import org.mobilenetv3.format.pickle.Pickled.Tuple;
import org.mobilenetv3.format.pickle.Pickled.Whole;

/**
 * An array of NumPy's as a pickle describes it.
 *
 * @param shape its sizes
 * @param type of the elements
 * @param fortran whether the first index moves fastest, instead of the last
 * @param content the elements, in the pickle
 * @param latin whether they are written as text in UTF-8, a character for each byte
 */
record NumpyArray(
        long[] shape, ElementType type, boolean fortran, ByteBuffer content, boolean latin) {

    /** By NumPy's names. Paddle keeps bfloat16 as unsigned integers; no net has such integers. */
    private static final Map<String, ElementType> TYPES =
            Map.of(
                    "f8", ElementType.F64,
                    "f4", ElementType.F32,
                    "f2", ElementType.F16,
                    "u2", ElementType.BF16,
                    "i8", ElementType.I64,
                    "i4", ElementType.I32,
                    "i2", ElementType.I16,
                    "i1", ElementType.I8,
                    "u1", ElementType.U8,
                    "b1", ElementType.BOOL);

    /**
     * Reads a description and checks that the bytes are as many as it claims.
     *
     * @param name of the array, for errors
     * @param pickled anything
     * @return the array; null if it is none
     * @throws IOException if it is one that is not read, or is damaged
     */
    static NumpyArray of(String name, Pickled pickled) throws IOException {
        if (!(pickled instanceof Call call)) {
            return null;
        }
        List<Pickled> parts;
        boolean buffer = NumpyCalls.FROM_BUFFER.contains(call.function());
        if (buffer) {
            parts = call.arguments();
        } else if (NumpyCalls.RECONSTRUCT.contains(call.function())) {
            parts = state(name, call);
        } else {
            return null;
        }
        // (version, shape, type, Fortran's order?, bytes), or (bytes, type, shape, "C" or "F").
        long[] shape = shape(part(name, parts, buffer ? 2 : 1, Tuple.class), name);
        ElementType type = type(name, part(name, parts, buffer ? 1 : 2, Call.class));
        boolean fortran =
                buffer
                        ? part(name, parts, 3, Text.class).value().equals("F")
                        : part(name, parts, 3, Whole.class).value() != 0;
        NumpyArray array = content(name, parts.get(buffer ? 0 : 4), shape, type, fortran);
        long bytes = array.latin ? latinLength(name, array.content) : array.content.remaining();
        if (bytes != Sizes.bytes(Quoted.name(name), shape, type)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "array %s of type %s and %d elements has %d bytes; it is damaged.",
                            Quoted.name(name),
                            type,
                            Sizes.elements(name, shape),
                            bytes));
        }
        return array;
    }

    private static NumpyArray content(
            String name, Pickled data, long[] shape, ElementType type, boolean fortran)
            throws IOException {
        if (data instanceof Bytes bytes) {
            return new NumpyArray(shape, type, fortran, bytes.content(), false);
        }
        if (data instanceof Call call && call.function().equals(NumpyCalls.ENCODE)) {
            String code = part(name, call.arguments(), 1, Text.class).value();
            if (code.equals("latin1")) {
                Text text = part(name, call.arguments(), 0, Text.class);
                return new NumpyArray(shape, type, fortran, text.utf8(), true);
            }
        }
        throw strange(name, "its elements are no bytes");
    }

    private static List<Pickled> state(String name, Call call) throws IOException {
        if (call.state().isEmpty() || !(call.state().get(0) instanceof Tuple tuple)) {
            throw strange(name, call.function() + " is given no state");
        }
        if (tuple.items().size() != 5) {
            throw strange(name, "its state has not five parts");
        }
        return tuple.items();
    }

    private static ElementType type(String name, Call dtype) throws IOException {
        if (!dtype.function().equals(NumpyCalls.DTYPE)) {
            throw strange(name, "part 2 is no " + NumpyCalls.DTYPE);
        }
        String code = part(name, dtype.arguments(), 0, Text.class).value();
        ElementType type = TYPES.get(code);
        if (type == null) {
            throw new IOException(
                    "array %s has elements of NumPy's type %s, which are not read; save them as 32-bit floats."
                            .formatted(Quoted.name(name), Quoted.name(code)));
        }
        if (dtype.state().isEmpty() || !(dtype.state().get(0) instanceof Tuple state)) {
            throw strange(name, "its type has no byte order");
        }
        String order = part(name, state.items(), 1, Text.class).value();
        if (!order.equals(type.bytes() == 1 ? "|" : "<")) {
            throw new IOException(
                    "array %s has the byte order %s, where only little-endian is read; save it again on an x86 or Arm machine."
                            .formatted(Quoted.name(name), Quoted.name(order)));
        }
        return type;
    }

    private static long[] shape(Tuple tuple, String name) throws IOException {
        long[] shape = new long[tuple.items().size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = part(name, tuple.items(), i, Whole.class).value();
        }
        return shape;
    }

    private static <T extends Pickled> T part(
            String name, List<Pickled> parts, int i, Class<T> type) throws IOException {
        if (i >= parts.size() || !type.isInstance(parts.get(i))) {
            throw strange(
                    name, String.format(Locale.ROOT, "part %d is no %s", i, type.getSimpleName()));
        }
        return type.cast(parts.get(i));
    }

    private static IOException strange(String name, String what) {
        return new IOException(
                "its pickle describes the array %s in a way that NumPy does not (%s)."
                        .formatted(Quoted.name(name), what));
    }

    /** How many bytes a text stands for. */
    private static long latinLength(String name, ByteBuffer utf8) throws IOException {
        long length = 0;
        for (int i = utf8.position(); i < utf8.limit(); i++, length++) {
            int first = utf8.get(i) & 0xFF;
            if (first >= 0x80) {
                i++;
                boolean latin = first == 0xC2 || first == 0xC3;
                if (!latin || i == utf8.limit() || (utf8.get(i) & 0xC0) != 0x80) {
                    throw strange(name, "its text is no bytes");
                }
            }
        }
        return length;
    }

    /** Begins to read the elements, in C order and little-endian. */
    InputStream open() throws IOException {
        byte[] bytes = content.array();
        int from = content.arrayOffset();
        int length = content.limit();
        if (latin) {
            bytes = decoded();
            from = 0;
            length = bytes.length;
        }
        if (!fortran || shape.length < 2) {
            return new ByteArrayInputStream(bytes, from, length);
        }
        long[] strides = new long[shape.length];
        long step = 1;
        for (int i = 0; i < shape.length; i++) {
            strides[i] = step;
            step *= shape[i];
        }
        return Strided.collect(bytes, from, type.bytes(), shape, strides);
    }

    private byte[] decoded() {
        byte[] bytes = new byte[content.limit()];
        int length = 0;
        for (int i = 0; i < content.limit(); i++) {
            int first = content.get(i) & 0xFF;
            if (first >= 0x80) { // two bits of the byte, then its other six
                i++;
                first = ((first & 3) << 6) | (content.get(i) & 0x3F);
            }
            bytes[length++] = (byte) first;
        }
        return Arrays.copyOf(bytes, length);
    }
}
