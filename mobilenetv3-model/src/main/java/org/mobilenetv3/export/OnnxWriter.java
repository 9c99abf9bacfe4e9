package org.mobilenetv3.export;

import java.util.List;
import java.util.Map;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.graph.Graph;

/**
 * Writes a graph as an ONNX {@code ModelProto}: input {@code (batch, C, height, width)}, output
 * {@code logits (batch, classes)}, batch, height and width free. Weights carry PyTorch's names.
 *
 * <p>The answers of a net that detects ({@link org.mobilenetv3.detection.Answers}) are two outputs,
 * for images of the traced size: {@code boxes (batch, anchors, 4)} and {@code scores (batch,
 * anchors, 1 + classes)}. With settings of post-processing, the file takes one image and finds its
 * objects: {@code detection_boxes (objects, 4)}, {@code detection_scores (objects)} and {@code
 * detection_labels (objects)}, 64-bit classes from 0, the likeliest first.
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
        return write(graph, metadata, null);
    }

    /** The same, with outputs for the objects that a net detects, unless the settings are null. */
    static byte[] write(Graph graph, Map<String, String> metadata, PostProcessing suppression) {
        return OnnxLowering.lower(graph, suppression).withMetadata(metadata).write(List.of());
    }
}
