package org.mobilenetv3.export;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.export.ExportReport.Difference;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.InferenceGraph;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * Exports a package to one file. The file is written beside its place, opened again and compared
 * with the package's net, which DJL computes without the graph; only then is it moved into place.
 *
 * @param format of the file
 * @param normalize whether the exported net normalizes its input itself
 * @param trainable whether batch norm and dropout stay as they are, for PyTorch to train further;
 *     otherwise batch norm is folded and functions are fused, which is faster
 * @param suppression what of a net's {@link Answers} an ONNX file takes for an object; null if it
 *     gives the answers only, or the net does not detect
 */
public record Exporter(
        ExportFormat format, boolean normalize, boolean trainable, PostProcessing suppression) {

    /** Refuses what cannot be written. */
    public Exporter {
        if (trainable && format != ExportFormat.TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "Only torchscript files can be trained further, not %s.".formatted(format));
        }
        if (suppression != null && format != ExportFormat.ONNX) {
            throw new IllegalArgumentException(
                    "Only onnx files can find the objects themselves (--nms), not %s."
                            .formatted(format));
        }
    }

    /**
     * Exports nets whose answers are for others to read.
     *
     * @param format of the file
     * @param normalize whether the exported net normalizes its input itself
     * @param trainable whether batch norm and dropout stay as they are
     */
    public Exporter(ExportFormat format, boolean normalize, boolean trainable) {
        this(format, normalize, trainable, null);
    }

    /** Makes a file's content. */
    @FunctionalInterface
    interface Writer {
        byte[] write(Graph graph, NetDescription description);
    }

    /**
     * Exports trained weights.
     *
     * @param modelPackage a package directory, a zip of one, or a file of weights
     * @param target the file to make or to replace
     * @return what was written and how close it is
     * @throws IOException in one sentence, if the package cannot be used, the file cannot be
     *     written or its net answers otherwise than the package's; what stood at the target then
     *     stays
     */
    public ExportReport export(Path modelPackage, Path target) throws IOException {
        try (NetWithWeights net = NetWithWeights.open(modelPackage, null)) {
            return export(net, target);
        }
    }

    /**
     * Exports an open net, which computes operation by operation from then on.
     *
     * @param net the net
     * @param target the file to make or to replace
     * @return what was written and how close it is
     * @throws IOException as {@link #export(Path, Path)}
     */
    public ExportReport export(NetWithWeights net, Path target) throws IOException {
        if (format == ExportFormat.TORCHSCRIPT) {
            FullDistribution.requireTorch("--format torchscript");
        }
        if (suppression != null) {
            FullDistribution.requireOnnxRuntime("--nms");
        }
        boolean detects = net.description().architecture().task() == Task.DETECT;
        if (detects && trainable) {
            throw new IllegalArgumentException(
                    "A net that detects is exported with boxes and probabilities, from which it cannot learn; leave out --trainable, or export its weights (--format torchvision).");
        }
        if (!detects && suppression != null) {
            throw new IllegalArgumentException(
                    "--nms is for nets that detect, but %s %s."
                            .formatted(
                                    net.description().architecture().name(),
                                    net.description().architecture().task().verb()));
        }
        return export(net, target, (graph, of) -> format.write(graph, of, trainable, suppression));
    }

    /**
     * Opens a net on ONNX Runtime, by a temporary file.
     *
     * @param net the net, which computes operation by operation from then on
     * @param threads within one operation, at least 1
     * @return the same net; close it after use
     * @throws IOException as {@link #export(Path, Path)}
     */
    public static OnnxNet toOnnxRuntime(NetWithWeights net, int threads) throws IOException {
        Path file = Files.createTempFile("mobilenetv3-", ".onnx");
        try {
            new Exporter(ExportFormat.ONNX, true, false).export(net, file);
            return OnnxNet.open(file, threads, net.notes());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    ExportReport export(NetWithWeights net, Path target, Writer writer) throws IOException {
        NetDescription description = net.description().withNormalizes(normalize);
        byte[] content = writer.write(graph(net), description);
        int cores = Runtime.getRuntime().availableProcessors();
        Difference difference =
                Verified.write(
                        target,
                        net,
                        beside -> Files.write(beside, content),
                        beside -> open(beside, description, cores));
        return new ExportReport(
                target,
                format.toString(),
                format.version(),
                content.length,
                description,
                difference);
    }

    /** On the format's own runtime, or else as our engine reads it. */
    private TrainedNet open(Path written, NetDescription of, int threads) throws IOException {
        if (format == ExportFormat.ONNX && !FullDistribution.hasOnnxRuntime()) {
            if (of.architecture().task() == Task.CLASSIFY) {
                OnnxReader.read(written).close(); // which compares all operations with the net's
            }
            return GraphNet.open(written, threads);
        }
        return TrainedNet.open(written, Device.cpu(), threads);
    }

    /**
     * Traces the net as it is written.
     *
     * @param net the net
     * @return its operations, folded unless they stay trainable
     */
    public Graph graph(NetWithWeights net) {
        Graph graph =
                InferenceGraph.trace(
                        net.description().withNormalizes(normalize), net.block(), null);
        return trainable ? graph : Passes.forInference(graph);
    }
}
