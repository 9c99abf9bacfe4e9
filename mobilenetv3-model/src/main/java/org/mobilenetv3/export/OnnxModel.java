package org.mobilenetv3.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;

/**
 * The parts of an ONNX graph.
 *
 * @param nodes in running order
 * @param constants weights and other numbers
 * @param channels of the input
 * @param classes of the output
 */
record OnnxModel(List<Node> nodes, List<Constant> constants, long channels, long classes) {

    /** Name of the input. */
    static final String INPUT = "input";

    /** Name of the output. */
    static final String OUTPUT = "logits";

    /** One operation; every operation used here has one output. */
    record Node(
            String name,
            String type,
            List<String> inputs,
            String output,
            List<Attribute> attributes) {

        Node withInputs(List<String> others) {
            return new Node(name, type, others, output, attributes);
        }

        Node withOutput(String other) {
            return new Node(name, type, inputs, other, attributes);
        }
    }

    /** A constant of an operation. */
    sealed interface Attribute {
        String name();

        record Int(String name, long value) implements Attribute {}

        record Ints(String name, List<Long> values) implements Attribute {}

        record Real(String name, float value) implements Attribute {}

        record Text(String name, String value) implements Attribute {}

        static Attribute of(String name, long value) {
            return new Int(name, value);
        }

        static Attribute of(String name, Long... values) {
            return new Ints(name, List.of(values));
        }

        static Attribute of(String name, float value) {
            return new Real(name, value);
        }

        static Attribute of(String name, String value) {
            return new Text(name, value);
        }
    }

    /** An initialiser; its bytes are made when it is written. */
    record Constant(String name, int dataType, List<Long> shape, Supplier<byte[]> bytes) {

        /** ONNX's numbers for types of data. */
        static final int FLOAT32 = 1;

        static final int UINT8 = 2;
        static final int INT8 = 3;
        static final int INT32 = 6;
        static final int INT64 = 7;

        static Constant floats(String name, List<Long> shape, Supplier<float[]> values) {
            return new Constant(
                    name,
                    FLOAT32,
                    shape,
                    () -> {
                        float[] numbers = values.get();
                        byte[] bytes = new byte[numbers.length * Float.BYTES];
                        littleEndian(bytes).asFloatBuffer().put(numbers);
                        return bytes;
                    });
        }

        static Constant integers(String name, long... values) {
            return new Constant(
                    name,
                    INT64,
                    List.of((long) values.length),
                    () -> {
                        byte[] bytes = new byte[values.length * Long.BYTES];
                        littleEndian(bytes).asLongBuffer().put(values);
                        return bytes;
                    });
        }

        /** Numbers of 8 bits, of either kind. */
        static Constant bytes(String name, int dataType, List<Long> shape, byte... values) {
            return new Constant(name, dataType, shape, () -> values);
        }

        static Constant integers32(String name, int... values) {
            return new Constant(
                    name,
                    INT32,
                    List.of((long) values.length),
                    () -> {
                        byte[] bytes = new byte[values.length * Integer.BYTES];
                        littleEndian(bytes).asIntBuffer().put(values);
                        return bytes;
                    });
        }

        /** The numbers of a constant that {@link #floats} made. */
        float[] toFloats() {
            byte[] content = bytes.get();
            float[] numbers = new float[content.length / Float.BYTES];
            littleEndian(content).asFloatBuffer().get(numbers);
            return numbers;
        }

        private static ByteBuffer littleEndian(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
