package org.mobilenetv3.export;

import java.util.List;
import java.util.Map;
import org.mobilenetv3.export.OnnxModel.Attribute;
import org.mobilenetv3.export.OnnxModel.Constant;
import org.mobilenetv3.graph.Graph;

/**
 * Writes a graph as an ONNX {@code ModelProto}: input {@code (batch, C, height, width)}, output
 * {@code logits (batch, classes)}, batch, height and width free. Weights carry PyTorch's names.
 *
 * <p>Field numbers are those of onnx.proto (github.com/onnx/onnx).
 */
public final class OnnxWriter {

    /** The operator set: 17, which has HardSwish and which ONNX Runtime 1.12 and later run. */
    public static final int OPSET = 17;

    /** The version of the file format. */
    public static final int IR_VERSION = 8;

    private static final int TYPE_FLOAT = 1;
    private static final int TYPE_INT = 2;
    private static final int TYPE_STRING = 3;
    private static final int TYPE_INTS = 7;

    private OnnxWriter() {}

    /**
     * Writes a graph, with or without batch norm folded.
     *
     * @param graph any graph; its weights must have values
     * @param metadata goes into {@code metadata_props}
     * @return the file
     */
    public static byte[] write(Graph graph, Map<String, String> metadata) {
        return write(OnnxLowering.lower(graph), metadata, List.of());
    }

    /**
     * Writes a graph of ONNX operations.
     *
     * @param lowered the operations
     * @param metadata goes into {@code metadata_props}
     * @param watched values that become outputs, too, after {@code logits}
     * @return the file
     */
    static byte[] write(OnnxModel lowered, Map<String, String> metadata, List<String> watched) {
        String version = OnnxWriter.class.getPackage().getImplementationVersion();
        ProtoMessage model =
                new ProtoMessage()
                        .integer(1, IR_VERSION)
                        .string(2, "mobilenetv3-jvm")
                        .string(3, version == null ? "" : version)
                        .message(8, new ProtoMessage().string(1, "").integer(2, OPSET));
        metadata.forEach(
                (key, value) ->
                        model.message(14, new ProtoMessage().string(1, key).string(2, value)));
        return model.message(7, graph(lowered, watched)).toByteString().toByteArray();
    }

    private static ProtoMessage graph(OnnxModel model, List<String> watched) {
        ProtoMessage graph = new ProtoMessage();
        model.nodes().forEach(n -> graph.message(1, node(n)));
        graph.string(2, "mobilenetv3");
        model.constants().forEach(c -> graph.message(5, tensor(c)));
        graph.message(11, value(OnnxModel.INPUT, "batch", model.channels(), "height", "width"))
                .message(12, value(OnnxModel.OUTPUT, "batch", model.classes()));
        watched.forEach(name -> graph.message(12, value(name)));
        return graph;
    }

    private static ProtoMessage node(OnnxModel.Node node) {
        ProtoMessage message = new ProtoMessage();
        node.inputs().forEach(i -> message.string(1, i));
        message.string(2, node.output()).string(3, node.name()).string(4, node.type());
        node.attributes().forEach(a -> message.message(5, attribute(a)));
        return message;
    }

    private static ProtoMessage attribute(Attribute attribute) {
        ProtoMessage message = new ProtoMessage().string(1, attribute.name());
        if (attribute instanceof Attribute.Real real) {
            return message.real(2, real.value()).integer(20, TYPE_FLOAT);
        }
        if (attribute instanceof Attribute.Int integer) {
            return message.integer(3, integer.value()).integer(20, TYPE_INT);
        }
        if (attribute instanceof Attribute.Text text) {
            return message.string(4, text.value()).integer(20, TYPE_STRING);
        }
        return message.integers(8, longs(((Attribute.Ints) attribute).values()))
                .integer(20, TYPE_INTS);
    }

    private static ProtoMessage tensor(Constant constant) {
        return new ProtoMessage()
                .integers(1, longs(constant.shape()))
                .integer(2, constant.dataType())
                .string(8, constant.name())
                .bytes(9, constant.bytes().get());
    }

    /** A float32 input or output; names stand for sizes that are free, none for any shape. */
    private static ProtoMessage value(String name, Object... dimensions) {
        ProtoMessage shape = new ProtoMessage();
        for (Object dimension : dimensions) {
            shape.message(
                    1,
                    dimension instanceof Long size
                            ? new ProtoMessage().integer(1, size)
                            : new ProtoMessage().string(2, (String) dimension));
        }
        ProtoMessage tensor = new ProtoMessage().integer(1, Constant.FLOAT32);
        if (dimensions.length > 0) {
            tensor.message(2, shape);
        }
        return new ProtoMessage().string(1, name).message(2, new ProtoMessage().message(1, tensor));
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
