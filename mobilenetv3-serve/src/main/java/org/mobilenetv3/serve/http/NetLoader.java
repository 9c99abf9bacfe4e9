package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.ExportedNet;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.export.OnnxNet;
import org.mobilenetv3.export.PackageNet;
import org.mobilenetv3.export.TrainedNet;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.TrainedWeights;

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
     * @param lanes batches that it computes at once
     */
    record Loaded(TrainedNet net, String version, int lanes) {}

    Loaded load(Path path) throws IOException {
        TrainedNet net = open(path);
        try {
            WeightNotes.tell(path, net);
            // A batch on a thread needs no other thread; libtorch's are the whole process's.
            return new Loaded(net, version(path), net instanceof OnnxNet ? threads() : 1);
        } catch (IOException | RuntimeException | Error e) {
            net.close();
            throw e;
        }
    }

    private TrainedNet open(Path path) throws IOException {
        boolean exported = ExportedNet.isAt(path);
        if (engine == EngineChoice.TORCH && !(exported && isScript(path))) {
            return PackageNet.open(path, compute.start());
        }
        if (exported) {
            if (engine == EngineChoice.ONNX && isScript(path)) {
                throw new IllegalArgumentException(
                        path
                                + " is TorchScript, which ONNX Runtime does not run; leave --engine out.");
            }
            return ExportedNet.open(path, isScript(path) ? threads() : 1);
        }
        Path onnx = Files.createTempFile("mobilenetv3-", ".onnx");
        try {
            new Exporter(ExportFormat.ONNX, true, false).export(path, onnx);
            return ExportedNet.open(onnx, 1);
        } finally {
            Files.deleteIfExists(onnx);
        }
    }

    private int threads() {
        return compute.threads() == null
                ? Runtime.getRuntime().availableProcessors()
                : compute.threads();
    }

    private static boolean isScript(Path path) throws IOException {
        return ExportFormat.of(path).filter(f -> f == ExportFormat.TORCHSCRIPT).isPresent();
    }

    private static String version(Path path) throws IOException {
        boolean file = ExportedNet.isAt(path) || TrainedWeights.isFile(path);
        String sum =
                file
                        ? Checksums.sha256(path)
                        : ModelPackage.find(path).description().parametersSha256();
        return sum.substring(0, VERSION_DIGITS);
    }
}
