package org.mobilenetv3.weights.onnx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An operation of the file.
 *
 * @param type ONNX's name, with its domain where that is not ONNX's own
 * @param name for error messages
 * @param inputs names of values; empty where one is left out
 * @param outputs names of values
 * @param attributes by name
 */
record OnnxNode(
        String type,
        String name,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes) {

    /** An attribute's value; which field counts, the operation knows. */
    record Attribute(
            float real, long integer, String text, OnnxTensor tensor, OnnxTensor numbers) {}

    static OnnxNode read(ByteString message) throws IOException {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, Attribute> attributes = new HashMap<>();
        String name = "";
        String type = "";
        String domain = "";
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> inputs.add(field.string());
                case 2 -> outputs.add(field.string());
                case 3 -> name = field.string();
                case 4 -> type = field.string();
                case 5 -> readAttribute(field.bytes(), attributes);
                case 7 -> domain = field.string();
                default -> {}
            }
        }
        boolean own = domain.isEmpty() || domain.equals("ai.onnx");
        if (name.isEmpty() && !outputs.isEmpty()) {
            name = outputs.get(0);
        }
        return new OnnxNode(own ? type : domain + "::" + type, name, inputs, outputs, attributes);
    }

    private static void readAttribute(ByteString message, Map<String, Attribute> attributes)
            throws IOException {
        String name = "";
        float real = 0;
        long integer = 0;
        String text = "";
        OnnxTensor tensor = null;
        LongList integers = new LongList();
        ByteString.Output reals = ByteString.newOutput();
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> name = field.string();
                case 2 -> real = field.real();
                case 3 -> integer = field.integer();
                case 4 -> text = field.string();
                case 5 -> tensor = OnnxTensor.read(field.bytes());
                case 7 -> (field.packed() ? field.bytes() : field.fixed(4)).writeTo(reals);
                case 8 -> field.integers(integers);
                default -> {}
            }
        }
        OnnxTensor numbers =
                reals.size() > 0
                        ? OnnxTensor.ofFloats(floats(reals.toByteString()))
                        : OnnxTensor.ofLongs(integers.toArray());
        attributes.put(name, new Attribute(real, integer, text, tensor, numbers));
    }

    private static float[] floats(ByteString bytes) {
        float[] values = new float[bytes.size() / Float.BYTES];
        bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    boolean has(int input) {
        return input < inputs.size() && !inputs.get(input).isEmpty();
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    String output() {
        return outputs.isEmpty() ? "" : outputs.get(0);
    }

    long integer(String attribute, long otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.integer();
    }

    float real(String attribute, float otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.real();
    }

    String text(String attribute, String otherwise) {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.text();
    }

    long[] integers(String attribute, long... otherwise) throws IOException {
        Attribute a = attributes.get(attribute);
        return a == null ? otherwise : a.numbers().longs();
    }

    /** An error about this node. */
    IOException refuse(String why) {
        return new IOException("its node \"%s\" (%s) %s".formatted(name, type, why));
    }
}
