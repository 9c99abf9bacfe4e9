package org.mobilenetv3.format.onnx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.mobilenetv3.format.ElementType;

/**
 * A {@code NodeProto}: an operation.
 *
 * @param type ONNX's name, with its domain where that is not ONNX's own
 * @param name for error messages
 * @param inputs names of values; empty where one is left out
 * @param outputs names of values
 * @param attributes by name
 */
public record OnnxNode(
        String type,
        String name,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes) {

    private static final int INPUT = 1;
    private static final int OUTPUT = 2;
    private static final int NAME = 3;
    private static final int OP_TYPE = 4;
    private static final int ATTRIBUTE = 5;
    private static final int DOMAIN = 7;

    /** Makes an operation of one output; attributes are written in the order given. */
    public static OnnxNode of(
            String name, String type, List<String> inputs, String output, Attribute... attributes) {
        Map<String, Attribute> byName = new LinkedHashMap<>();
        for (Attribute attribute : attributes) {
            byName.put(attribute.name(), attribute);
        }
        return new OnnxNode(type, name, inputs, List.of(output), byName);
    }

    /**
     * An {@code AttributeProto}: a constant of an operation. Which of the values counts, the
     * operation knows.
     *
     * @param name its own
     * @param real a number
     * @param integer a whole number
     * @param text a string
     * @param tensor a tensor, or null
     * @param numbers several numbers of either kind
     * @param type which of the values the file says it is, or 0
     */
    public record Attribute(
            String name,
            float real,
            long integer,
            String text,
            OnnxTensor tensor,
            OnnxTensor numbers,
            long type) {

        private static final int NAME = 1;
        private static final int F = 2;
        private static final int I = 3;
        private static final int S = 4;
        private static final int T = 5;
        private static final int FLOATS = 7;
        private static final int INTS = 8;
        private static final int TYPE = 20;

        // Values of the type.
        private static final int TYPE_FLOAT = 1;
        private static final int TYPE_INT = 2;
        private static final int TYPE_STRING = 3;
        private static final int TYPE_INTS = 7;

        /** Makes a whole number. */
        public static Attribute of(String name, long value) {
            return new Attribute(name, 0, value, "", null, null, TYPE_INT);
        }

        /** Makes a few whole numbers. */
        public static Attribute of(String name, long... values) {
            return new Attribute(name, 0, 0, "", null, OnnxTensor.ofLongs(values), TYPE_INTS);
        }

        /** Makes a number. */
        public static Attribute of(String name, float value) {
            return new Attribute(name, value, 0, "", null, null, TYPE_FLOAT);
        }

        /** Makes a word. */
        public static Attribute of(String name, String value) {
            return new Attribute(name, 0, 0, value, null, null, TYPE_STRING);
        }

        private static Attribute read(ByteString message) throws IOException {
            String name = "";
            float real = 0;
            long integer = 0;
            String text = "";
            OnnxTensor tensor = null;
            long type = 0;
            LongStream.Builder integers = LongStream.builder();
            ByteString.Output reals = ByteString.newOutput();
            for (ProtoReader field = new ProtoReader(message); field.next(); ) {
                switch (field.number()) {
                    case NAME -> name = field.string();
                    case F -> real = field.real();
                    case I -> integer = field.integer();
                    case S -> text = field.string();
                    case T -> tensor = OnnxTensor.read(field.bytes());
                    case FLOATS -> field.fixed(Float.BYTES).writeTo(reals);
                    case INTS -> field.integers(integers);
                    case TYPE -> type = field.integer();
                    default -> {}
                }
            }
            OnnxTensor numbers =
                    reals.size() > 0
                            ? OnnxTensor.of(ElementType.F32, reals.toByteString())
                            : OnnxTensor.ofLongs(integers.build().toArray());
            return new Attribute(name, real, integer, text, tensor, numbers, type);
        }

        private ProtoMessage message() {
            ProtoMessage message = new ProtoMessage().string(NAME, name);
            if (type == TYPE_FLOAT) {
                message.real(F, real);
            } else if (type == TYPE_INT) {
                message.integer(I, integer);
            } else if (type == TYPE_STRING) {
                message.string(S, text);
            } else if (type == TYPE_INTS) {
                try {
                    message.integers(INTS, numbers.longs());
                } catch (IOException e) {
                    throw new IllegalStateException(e); // they are few
                }
            } else {
                throw new IllegalStateException("Attribute %s is not written.".formatted(name));
            }
            return message.integer(TYPE, type);
        }
    }

    static OnnxNode read(ByteString message) throws IOException {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        String name = "";
        String type = "";
        String domain = "";
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case INPUT -> inputs.add(field.string());
                case OUTPUT -> outputs.add(field.string());
                case NAME -> name = field.string();
                case OP_TYPE -> type = field.string();
                case ATTRIBUTE -> {
                    Attribute attribute = Attribute.read(field.bytes());
                    attributes.put(attribute.name(), attribute);
                }
                case DOMAIN -> domain = field.string();
                default -> {}
            }
        }
        boolean own = domain.isEmpty() || domain.equals("ai.onnx");
        if (name.isEmpty() && !outputs.isEmpty()) {
            name = outputs.get(0);
        }
        return new OnnxNode(own ? type : domain + "::" + type, name, inputs, outputs, attributes);
    }

    /** The message of an operation of ONNX's own. */
    ProtoMessage message() {
        ProtoMessage message = new ProtoMessage();
        inputs.forEach(input -> message.string(INPUT, input));
        outputs.forEach(output -> message.string(OUTPUT, output));
        message.string(NAME, name).string(OP_TYPE, type);
        attributes.values().forEach(a -> message.message(ATTRIBUTE, a.message()));
        return message;
    }

    /** Returns the same operation with other inputs. */
    public OnnxNode withInputs(List<String> others) {
        return new OnnxNode(type, name, others, outputs, attributes);
    }

    /** Returns the same operation with another output. */
    public OnnxNode withOutput(String other) {
        return new OnnxNode(type, name, inputs, List.of(other), attributes);
    }

    /** Returns whether an input is given. */
    public boolean has(int input) {
        return input < inputs.size() && !inputs.get(input).isEmpty();
    }

    /** Returns whether an attribute is given. */
    public boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    /** Returns the first output; empty if there is none. */
    public String output() {
        return outputs.isEmpty() ? "" : outputs.get(0);
    }

    /** Returns an attribute that is a whole number, or what counts if it is not given. */
    public long integer(String attribute, long otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.integer();
    }

    /** Returns an attribute that is a number, or what counts if it is not given. */
    public float real(String attribute, float otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.real();
    }

    /** Returns an attribute that is a string, or what counts if it is not given. */
    public String text(String attribute, String otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.text();
    }

    /**
     * Returns whole numbers.
     *
     * @param attribute their name
     * @param otherwise what counts if they are not given
     * @return the numbers
     * @throws IOException if they are many
     */
    public long[] integers(String attribute, long... otherwise) throws IOException {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.numbers().longs();
    }

    /** Makes an error about this operation, to be thrown. */
    public IOException refuse(String why) {
        return new IOException("its node \"%s\" (%s) %s".formatted(name, type, why));
    }
}
