package org.mobilenetv3.weights.onnx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The parts of an ONNX file that a net is made of. Field numbers are those of onnx.proto
 * (github.com/onnx/onnx).
 *
 * @param nodes those that the output depends on, in running order
 * @param constants by name
 * @param input name of the image
 * @param inputShape its dimensions, -1 where they are free
 * @param inputType its data type, as TensorProto numbers them; 0 if the file does not say
 * @param output name of the result
 * @param metadata the file's {@code metadata_props}
 */
record OnnxFile(
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> constants,
        String input,
        List<Long> inputShape,
        long inputType,
        String output,
        Map<String, String> metadata) {

    /** A value that the graph takes or gives. */
    private record Port(String name, List<Long> shape, long type) {}

    static OnnxFile read(ByteString bytes) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        ByteString graph = null;
        for (ProtoReader field = new ProtoReader(bytes); field.next(); ) {
            switch (field.number()) {
                case 7 -> graph = field.bytes();
                case 14 -> readEntry(field.bytes(), metadata);
                default -> {}
            }
        }
        if (graph == null) {
            throw new IOException("it is damaged or no ONNX file: it has no graph");
        }
        return readGraph(graph, metadata);
    }

    private static void readEntry(ByteString message, Map<String, String> metadata)
            throws IOException {
        String key = "";
        String value = "";
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> key = field.string();
                case 2 -> value = field.string();
                default -> {}
            }
        }
        metadata.put(key, value);
    }

    private static OnnxFile readGraph(ByteString message, Map<String, String> metadata)
            throws IOException {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> constants = new HashMap<>();
        List<Port> inputs = new ArrayList<>();
        List<Port> outputs = new ArrayList<>();
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> nodes.add(OnnxNode.read(field.bytes()));
                case 5 -> {
                    OnnxTensor tensor = OnnxTensor.read(field.bytes());
                    constants.put(tensor.name(), tensor);
                }
                case 11 -> inputs.add(readPort(field.bytes()));
                case 12 -> outputs.add(readPort(field.bytes()));
                case 15 -> throw new IOException("it has sparse weights, which are not read");
                default -> {}
            }
        }
        // Up to IR version 3 initialisers are inputs as well.
        inputs.removeIf(i -> constants.containsKey(i.name()));
        if (inputs.size() != 1 || outputs.size() != 1) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it has %d inputs and %d outputs, but a classifier has one of each",
                            inputs.size(),
                            outputs.size()));
        }
        Port input = inputs.get(0);
        String output = outputs.get(0).name();
        return new OnnxFile(
                needed(nodes, output),
                constants,
                input.name(),
                input.shape(),
                input.type(),
                output,
                Collections.unmodifiableMap(metadata));
    }

    /** A ValueInfoProto: name, type.tensor_type.elem_type, and its shape.dim.dim_value. */
    private static Port readPort(ByteString message) throws IOException {
        String name = "";
        List<Long> shape = new ArrayList<>();
        long type = 0;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case 1 -> name = field.string();
                case 2 -> {
                    ByteString tensor = inner(field.bytes(), 1);
                    type = readType(tensor);
                    readShape(inner(tensor, 2), shape);
                }
                default -> {}
            }
        }
        return new Port(name, shape, type);
    }

    private static long readType(ByteString tensor) throws IOException {
        long type = 0;
        for (ProtoReader field = new ProtoReader(tensor); field.next(); ) {
            type = field.number() == 1 ? field.integer() : type;
        }
        return type;
    }

    private static ByteString inner(ByteString message, int number) throws IOException {
        ByteString found = ByteString.EMPTY;
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            if (field.number() == number) {
                found = field.bytes();
            }
        }
        return found;
    }

    private static void readShape(ByteString message, List<Long> shape) throws IOException {
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            if (field.number() == 1) {
                long size = -1;
                for (ProtoReader d = new ProtoReader(field.bytes()); d.next(); ) {
                    size = d.number() == 1 ? d.integer() : size;
                }
                shape.add(size > 0 ? size : -1);
            }
        }
    }

    private static List<OnnxNode> needed(List<OnnxNode> nodes, String output) {
        Set<String> read = new HashSet<>(Set.of(output));
        List<OnnxNode> needed = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            OnnxNode node = nodes.get(i);
            if (node.outputs().stream().anyMatch(read::contains)) {
                read.addAll(node.inputs());
                needed.add(node);
            }
        }
        Collections.reverse(needed);
        return List.copyOf(needed);
    }
}
