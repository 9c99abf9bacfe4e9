package org.mobilenetv3.export;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.export.ExportReport.Difference;
import org.mobilenetv3.files.WholeFile;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;

/**
 * Exports a package to one file. The file is written beside its place, opened again and compared
 * with the package's net, which DJL computes without the graph; only then is it moved into place.
 *
 * @param format of the file
 * @param normalize whether the exported net normalises its input itself
 * @param trainable whether batch norm and dropout stay as they are, for PyTorch to train further;
 *     otherwise batch norm is folded and functions are fused, which is faster
 */
public record Exporter(ExportFormat format, boolean normalize, boolean trainable) {

    /** Images on which no layer before the last pool sees a single pixel. */
    private static final int LARGE = 224;

    /** Refuses what cannot be written. */
    public Exporter {
        if (trainable && format != ExportFormat.TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "Only torchscript files can be trained further, not %s.".formatted(format));
        }
    }

    /** The largest difference allowed, as a share of the largest logit. */
    public static final double TOLERANCE = 1e-4;

    private static final int[] BATCHES = {1, 3};

    /** Makes a file's content. */
    @FunctionalInterface
    interface Writer {
        byte[] write(Graph graph, ExportedDescription description);
    }

    /**
     * Exports a package.
     *
     * @param modelPackage a package directory or a zip of one
     * @param target the file to make or to replace
     * @return what was written and how close it is
     * @throws IOException in one sentence, if the package cannot be used, the file cannot be
     *     written or its net answers otherwise than the package's; what stood at the target then
     *     stays
     */
    public ExportReport export(Path modelPackage, Path target) throws IOException {
        return export(modelPackage, target, (graph, of) -> format.write(graph, of, trainable));
    }

    ExportReport export(Path modelPackage, Path target, Writer writer) throws IOException {
        if (Files.isDirectory(target)) {
            throw new IllegalArgumentException(
                    "%s is a directory; give the name of a file.".formatted(target));
        }
        try (PackageNet net = PackageNet.open(modelPackage, Device.cpu())) {
            ExportedDescription description = ExportedDescription.of(net.modelPackage(), normalize);
            net.setExecution(Execution.OP_BY_OP);
            byte[] content = writer.write(graph(net), description);
            Difference[] difference = new Difference[1];
            WholeFile.write(
                    target,
                    beside -> {
                        Files.write(beside, content);
                        difference[0] = verify(net, beside, target);
                    });
            return new ExportReport(target, format, content.length, description, difference[0]);
        }
    }

    private Graph graph(PackageNet net) {
        int size = net.description().preprocessing().size();
        int channels = net.description().preprocessing().channels();
        int traced = Math.max(size, LARGE);
        Graph whole = Graph.trace(net.block(), new Shape(1, channels, traced, traced));
        Graph graph = normalize ? whole : Passes.withoutNormalization(whole);
        return trainable ? graph : Passes.forInference(graph);
    }

    /** Compares two batch sizes of two image sizes, one of them not square. */
    private Difference verify(PackageNet net, Path file, Path target) throws IOException {
        int size = net.description().preprocessing().size();
        Difference difference = Difference.NONE;
        try (ExportedNet exported = format.open(file, Runtime.getRuntime().availableProcessors())) {
            for (int batch : BATCHES) {
                difference = compare(net, exported, batch, size, size, difference);
                difference = compare(net, exported, batch, size + 32, size + 16, difference);
            }
        }
        if (!(difference.relative() <= TOLERANCE)) { // NaN is refused as well
            throw new IOException(
                    "The %s file computes other logits than %s (off by %.2g, %.2g of the largest where %s is allowed), so %s was not written."
                            .formatted(
                                    format,
                                    net.modelPackage().directory(),
                                    difference.absolute(),
                                    difference.relative(),
                                    TOLERANCE,
                                    target));
        }
        return difference;
    }

    private static Difference compare(
            PackageNet net, ExportedNet exported, int n, int h, int w, Difference soFar)
            throws IOException {
        Normalization expected = exported.description().inputNormalization();
        float[] mean = expected.mean();
        float[] std = expected.std();
        int c = expected.channels();
        FloatBuffer raw = floats(n * c * h * w);
        FloatBuffer fed = floats(n * c * h * w);
        Random random = new Random(31L * n + h);
        for (int i = 0; i < raw.capacity(); i++) {
            int channel = i / (h * w) % c;
            float pixel = random.nextFloat();
            raw.put(i, pixel);
            fed.put(i, (pixel - mean[channel]) / std[channel]);
        }
        return soFar.and(net.logits(raw, n, c, h, w), exported.logits(fed, n, c, h, w));
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
