package org.mobilenetv3.format.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A {@code ModelProto} with one input and one output, or several where this project detects: the
 * parts that a net is made of.
 *
 * @param nodes in running order; of a file, those that the output depends on
 * @param constants weights and other numbers, by name
 * @param input the image
 * @param output the result
 * @param others further results, of files written
 * @param metadata {@code metadata_props}
 */
public record OnnxModel(
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> constants,
        Port input,
        Port output,
        List<Port> others,
        Map<String, String> metadata) {

    /**
     * Returns the operator set of files written: 17, which has HardSwish (ONNX Runtime 1.12 and
     * later).
     */
    public static final int OPSET = 17;

    /** The version of the file format of files written. */
    public static final int IR_VERSION = 8;

    /** Name of the input of files written. */
    public static final String INPUT = "input";

    /** Name of the output of files written. */
    public static final String OUTPUT = "logits";

    /** A dimension that is as large as what is fed. */
    public static final long FREE = -1;

    /** A dimension that is as large as what is found. */
    public static final long FOUND = -2;

    /** What the free dimensions of files written are called, by their place. */
    private static final List<String> DIMENSIONS = List.of("batch", "channels", "height", "width");

    // ModelProto's fields, and those of its two lists' entries.
    private static final int MODEL_IR_VERSION = 1;
    private static final int PRODUCER_NAME = 2;
    private static final int PRODUCER_VERSION = 3;
    private static final int GRAPH = 7;
    private static final int OPSET_IMPORT = 8;
    private static final int METADATA_PROPS = 14;
    private static final int OPSET_DOMAIN = 1;
    private static final int OPSET_VERSION = 2;
    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    // GraphProto's fields.
    private static final int NODE = 1;
    private static final int GRAPH_NAME = 2;
    private static final int INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int SPARSE_INITIALIZER = 15;

    /**
     * A {@code ValueInfoProto}: a value that the graph takes or gives.
     *
     * @param name its own
     * @param shape its dimensions, −1 where they are free; empty if nothing is said of it
     * @param type its data type, as {@code TensorProto} numbers them; 0 if nothing is said of it
     */
    public record Port(String name, List<Long> shape, long type) {

        private static final int NAME = 1;
        private static final int TYPE = 2;
        private static final int TENSOR_TYPE = 1;
        private static final int ELEM_TYPE = 1;
        private static final int SHAPE = 2;
        private static final int DIM = 1;
        private static final int DIM_VALUE = 1;
        private static final int DIM_PARAM = 2;
        private static final int FLOAT = 1;
        private static final int INT64 = 7;

        /** Makes a value of 32-bit floats. */
        public static Port floats(String name, Long... shape) {
            return new Port(name, List.of(shape), FLOAT);
        }

        /** Makes a value of 64-bit whole numbers. */
        public static Port longs(String name, Long... shape) {
            return new Port(name, List.of(shape), INT64);
        }

        private static Port read(ByteString message) throws IOException {
            String name = "";
            List<Long> shape = new ArrayList<>();
            long type = 0;
            for (ProtoReader field = new ProtoReader(message); field.next(); ) {
                switch (field.number()) {
                    case NAME -> name = field.string();
                    case TYPE -> {
                        ByteString tensor = ProtoReader.message(field.bytes(), TENSOR_TYPE);
                        type = ProtoReader.integer(tensor, ELEM_TYPE, 0);
                        readShape(ProtoReader.message(tensor, SHAPE), shape);
                    }
                    default -> {}
                }
            }
            return new Port(name, shape, type);
        }

        private static void readShape(ByteString message, List<Long> shape) throws IOException {
            for (ProtoReader field = new ProtoReader(message); field.next(); ) {
                if (field.number() == DIM) {
                    long size = ProtoReader.integer(field.bytes(), DIM_VALUE, FREE);
                    shape.add(size > 0 ? size : FREE);
                }
            }
        }

        private ProtoMessage message() {
            ProtoMessage tensor = new ProtoMessage().integer(ELEM_TYPE, type);
            if (!shape.isEmpty()) {
                ProtoMessage dimensions = new ProtoMessage();
                for (int i = 0; i < shape.size(); i++) {
                    ProtoMessage dimension = new ProtoMessage();
                    long size = shape.get(i);
                    dimensions.message(
                            DIM,
                            size >= 0
                                    ? dimension.integer(DIM_VALUE, size)
                                    : dimension.string(
                                            DIM_PARAM,
                                            size == FREE ? DIMENSIONS.get(i) : "objects"));
                }
                tensor.message(SHAPE, dimensions);
            }
            return new ProtoMessage()
                    .string(NAME, name)
                    .message(TYPE, new ProtoMessage().message(TENSOR_TYPE, tensor));
        }
    }

    /**
     * Makes the model of a net for images of any size, without metadata.
     *
     * @param nodes in running order; they read {@value #INPUT} and make {@value #OUTPUT}
     * @param constants by name, in the order in which they are written
     * @param channels of the input {@code (batch, channels, height, width)}
     * @param output {@code (N, classes)} or {@code (N, classes, H, W)}, of which N, H and W are
     *     free
     * @return the model
     */
    public static OnnxModel of(
            List<OnnxNode> nodes, Map<String, OnnxTensor> constants, long channels, Shape output) {
        Long[] sizes = new Long[output.dimension()];
        Arrays.fill(sizes, FREE);
        sizes[1] = output.get(1);
        return new OnnxModel(
                List.copyOf(nodes),
                Collections.unmodifiableMap(new LinkedHashMap<>(constants)),
                Port.floats(INPUT, FREE, channels, FREE, FREE),
                Port.floats(OUTPUT, sizes),
                List.of(),
                Map.of());
    }

    /**
     * Reads a file.
     *
     * @param bytes all of it
     * @return the model
     * @throws IOException if it is damaged, or has several inputs or outputs; the message says so
     *     of "it"
     */
    public static OnnxModel read(ByteString bytes) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        ByteString graph = null;
        for (ProtoReader field = new ProtoReader(bytes); field.next(); ) {
            switch (field.number()) {
                case GRAPH -> graph = field.bytes();
                case METADATA_PROPS -> readEntry(field.bytes(), metadata);
                default -> {}
            }
        }
        if (graph == null) {
            throw new IOException("it is damaged or no ONNX file: it has no graph");
        }
        return readGraph(graph, metadata);
    }

    /**
     * Reads the numbers of a file, and nothing of what is computed.
     *
     * @param bytes all of it
     * @return its initializers by their names
     * @throws IOException if it is damaged; the message says so of "it"
     */
    public static Map<String, OnnxTensor> readConstants(ByteString bytes) throws IOException {
        Map<String, OnnxTensor> constants = new LinkedHashMap<>();
        ByteString graph = ProtoReader.message(bytes, GRAPH);
        for (ProtoReader field = new ProtoReader(graph); field.next(); ) {
            if (field.number() == INITIALIZER) {
                OnnxTensor tensor = OnnxTensor.read(field.bytes());
                constants.put(tensor.name(), tensor);
            }
        }
        return constants;
    }

    private static void readEntry(ByteString message, Map<String, String> metadata)
            throws IOException {
        metadata.put(
                ProtoReader.message(message, ENTRY_KEY).toStringUtf8(),
                ProtoReader.message(message, ENTRY_VALUE).toStringUtf8());
    }

    private static OnnxModel readGraph(ByteString message, Map<String, String> metadata)
            throws IOException {
        List<OnnxNode> nodes = new ArrayList<>();
        Map<String, OnnxTensor> constants = new LinkedHashMap<>();
        List<Port> inputs = new ArrayList<>();
        List<Port> outputs = new ArrayList<>();
        for (ProtoReader field = new ProtoReader(message); field.next(); ) {
            switch (field.number()) {
                case NODE -> nodes.add(OnnxNode.read(field.bytes()));
                case INITIALIZER -> {
                    OnnxTensor tensor = OnnxTensor.read(field.bytes());
                    constants.put(tensor.name(), tensor);
                }
                case GRAPH_INPUT -> inputs.add(Port.read(field.bytes()));
                case GRAPH_OUTPUT -> outputs.add(Port.read(field.bytes()));
                case SPARSE_INITIALIZER ->
                        throw new IOException("it has sparse weights, which are not read");
                default -> {}
            }
        }
        // Up to IR version 3 initializers are inputs as well.
        inputs.removeIf(i -> constants.containsKey(i.name()));
        if (inputs.size() != 1 || outputs.size() != 1) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it has %d inputs and %d outputs, but a classifier has one of each",
                            inputs.size(),
                            outputs.size()));
        }
        Port output = outputs.get(0);
        return new OnnxModel(
                needed(nodes, output.name()),
                constants,
                inputs.get(0),
                output,
                List.of(),
                Collections.unmodifiableMap(metadata));
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

    /** Returns the same model with other metadata. */
    public OnnxModel withMetadata(Map<String, String> other) {
        return new OnnxModel(nodes, constants, input, output, others, other);
    }

    /**
     * Writes a model of ONNX's own operations.
     *
     * @param watched values that become outputs, too, after the model's own
     * @return the file
     */
    public byte[] write(List<String> watched) {
        String version = OnnxModel.class.getPackage().getImplementationVersion();
        ProtoMessage opset =
                new ProtoMessage().string(OPSET_DOMAIN, "").integer(OPSET_VERSION, OPSET);
        ProtoMessage model =
                new ProtoMessage()
                        .integer(MODEL_IR_VERSION, IR_VERSION)
                        .string(PRODUCER_NAME, "mobilenetv3-jvm")
                        .string(PRODUCER_VERSION, version == null ? "" : version)
                        .message(OPSET_IMPORT, opset);
        metadata.forEach(
                (key, value) ->
                        model.message(
                                METADATA_PROPS,
                                new ProtoMessage()
                                        .string(ENTRY_KEY, key)
                                        .string(ENTRY_VALUE, value)));
        return model.message(GRAPH, graph(watched)).toByteArray();
    }

    private ProtoMessage graph(List<String> watched) {
        ProtoMessage graph = new ProtoMessage();
        nodes.forEach(node -> graph.message(NODE, node.message()));
        graph.string(GRAPH_NAME, "mobilenetv3");
        constants.values().forEach(tensor -> graph.message(INITIALIZER, tensor.message()));
        graph.message(GRAPH_INPUT, input.message()).message(GRAPH_OUTPUT, output.message());
        others.forEach(other -> graph.message(GRAPH_OUTPUT, other.message()));
        watched.forEach(name -> graph.message(GRAPH_OUTPUT, Port.floats(name).message()));
        return graph;
    }
}
