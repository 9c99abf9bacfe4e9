package org.mobilenetv3.export;

import java.util.List;
import java.util.Map;
import org.mobilenetv3.graph.Graph;

/**
 * Writes a graph as an ONNX {@code ModelProto}: input {@code (batch, C, height, width)}, output
 * {@code logits (batch, classes)}, batch, height and width free. Weights carry PyTorch's names.
 */
public final class OnnxWriter {

    private OnnxWriter() {}

    /**
     * Writes a graph, with or without batch norm folded.
     *
     * @param graph any graph; its weights must have values
     * @param metadata goes into {@code metadata_props}
     * @return the file
     */
    public static byte[] write(Graph graph, Map<String, String> metadata) {
        return OnnxLowering.lower(graph).withMetadata(metadata).write(List.of());
    }
}
