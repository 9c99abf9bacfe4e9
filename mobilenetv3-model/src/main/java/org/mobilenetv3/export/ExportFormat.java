package org.mobilenetv3.export;

import ai.djl.engine.Engine;
import ai.djl.util.JsonUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.torchscript.TorchScriptWriter;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TorchScriptNet;

/**
 * The formats that nets are exported to. A further one is a constant here with its four answers.
 */
public enum ExportFormat {
    /** Open Neural Network Exchange, for ONNX Runtime and many others. */
    ONNX,
    /** TorchScript, for libtorch: PyTorch in Python and C++, and DJL. */
    TORCHSCRIPT;

    /** For who reads a detector's file elsewhere. */
    private static final String OUTPUTS =
            "boxes, detection_boxes: left, top, right and bottom as shares of the image's width and height; scores: probabilities of the background, then of the classes; detection_labels: classes from 0, without the background";

    /**
     * Returns the usual end of a file's name.
     *
     * @return with the dot
     */
    public String extension() {
        return switch (this) {
            case ONNX -> ".onnx";
            case TORCHSCRIPT -> ".pt";
        };
    }

    /**
     * Returns what a reader of the file must support.
     *
     * @return for people
     */
    public String version() {
        return switch (this) {
            case ONNX ->
                    String.format(
                            Locale.ROOT,
                            "opset %d, IR version %d",
                            OnnxModel.OPSET,
                            OnnxModel.IR_VERSION);
            case TORCHSCRIPT -> "libtorch 2.7";
        };
    }

    /**
     * Names the library that runs files of this format here.
     *
     * @return with its version
     */
    public String runtime() {
        return switch (this) {
            case ONNX -> "ONNX Runtime " + OnnxNet.version();
            case TORCHSCRIPT -> "PyTorch " + Engine.getEngine("PyTorch").getVersion();
        };
    }

    /**
     * Writes a graph as a file's content; {@link Exporter} also checks it.
     *
     * @param graph traced with images of 224 pixels or more
     * @param description what goes into the file beside the net
     * @param trainable whether a TorchScript file must obey {@code train()}
     * @return the file
     */
    public byte[] write(Graph graph, NetDescription description, boolean trainable) {
        return write(graph, description, trainable, null);
    }

    /**
     * Writes a graph as a file's content, which may find a net's objects.
     *
     * @param graph traced with images of 224 pixels or more
     * @param description what goes into the file beside the net
     * @param trainable whether a TorchScript file must obey {@code train()}
     * @param suppression what an ONNX file takes for an object, or null
     * @return the file
     */
    byte[] write(
            Graph graph,
            NetDescription description,
            boolean trainable,
            PostProcessing suppression) {
        Map<String, String> metadata = new LinkedHashMap<>(description.toMetadata());
        if (description.architecture().task() == Task.DETECT) {
            metadata.put("outputs", JsonUtils.GSON.toJson(OUTPUTS));
        }
        return switch (this) {
            case ONNX -> OnnxWriter.write(graph, metadata, suppression);
            case TORCHSCRIPT -> {
                String json = JsonUtils.GSON.toJson(metadata);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try {
                    TorchScriptWriter.write(
                            graph, trainable, Map.of(TorchScriptNet.DESCRIPTION, json), out);
                } catch (IOException e) {
                    throw new UncheckedIOException(e); // memory does not fail
                }
                yield out.toByteArray();
            }
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
