package org.mobilenetv3.serve.http;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Opens nets with the chosen engine.
 *
 * @param engine what computes
 * @param compute device and threads
 */
record NetLoader(EngineChoice engine, ComputeOptions compute) {

    private static final int VERSION_DIGITS = 12;

    /**
     * A net and the version of its weights.
     *
     * @param net close it after use
     * @param version the first digits of the weights' SHA-256
     * @param workers batches that it computes at once
     */
    record Loaded(TrainedNet net, String version, int workers) {}

    Loaded load(Path path) throws IOException {
        FileKind kind = FileKind.of(path);
        TrainedNet net = open(path, kind);
        try {
            WeightNotes.tell(net);
            // A batch on a thread needs no other thread; libtorch's are the whole process's.
            return new Loaded(net, version(path, kind), net instanceof OnnxNet ? threads() : 1);
        } catch (IOException | RuntimeException | Error e) {
            net.close();
            throw e;
        }
    }

    private TrainedNet open(Path path, FileKind kind) throws IOException {
        boolean script = kind == FileKind.TORCHSCRIPT;
        if (engine == EngineChoice.TORCH && !script) {
            return PackageNet.open(path, compute.start());
        }
        if (engine == EngineChoice.ONNX && script) {
            throw new IllegalArgumentException(
                    path + " is TorchScript, which ONNX Runtime does not run; leave --engine out.");
        }
        if (kind.isExport()) {
            return TrainedNet.open(path, Device.cpu(), script ? threads() : 1);
        }
        // ONNX Runtime is faster, and runs files only.
        Path onnx = Files.createTempFile("mobilenetv3-", ".onnx");
        try {
            new Exporter(ExportFormat.ONNX, true, false).export(path, onnx);
            return TrainedNet.open(onnx, Device.cpu(), 1);
        } finally {
            Files.deleteIfExists(onnx);
        }
    }

    private int threads() {
        return compute.threads() == null
                ? Runtime.getRuntime().availableProcessors()
                : compute.threads();
    }

    private static String version(Path path, FileKind kind) throws IOException {
        String sum =
                kind.isPackage()
                        ? ModelPackage.find(path).parametersSha256()
                        : Checksums.sha256(path);
        return sum.substring(0, VERSION_DIGITS);
    }
}
