package org.mobilenetv3.serve.http;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TorchScriptNet;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Opens nets with the chosen engine.
 *
 * @param engine what computes
 * @param compute device and threads
 */
record NetLoader(NetEngine engine, ComputeOptions compute) {

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
            return new Loaded(net, version(path, kind), isLibtorchs(net) ? 1 : compute.cores());
        } catch (IOException | RuntimeException | Error e) {
            net.close();
            throw e;
        }
    }

    private static boolean isLibtorchs(TrainedNet net) {
        return net instanceof PackageNet || net instanceof TorchScriptNet;
    }

    private TrainedNet open(Path path, FileKind kind) throws IOException {
        NetEngine chosen =
                engine == NetEngine.AUTO
                        ? NetEngine.choose(kind, NetEngine.Use.SERVER, compute::isOnCpu)
                        : engine;
        EngineOption.requireHere(chosen, engine, path, kind, compute);
        return switch (chosen) {
            case VECTOR -> GraphNet.open(path, null, 1, NetEngine.requireVector());
            case ONNXRUNTIME -> EngineOption.onnxRuntime(path, kind, null, 1);
            default ->
                    kind == FileKind.TORCHSCRIPT
                            ? TrainedNet.open(path, Device.cpu(), compute.cores())
                            : PackageNet.open(path, compute.start());
        };
    }

    private static String version(Path path, FileKind kind) throws IOException {
        String sum =
                kind.isPackage()
                        ? ModelPackage.find(path).parametersSha256()
                        : Checksums.sha256(path);
        return sum.substring(0, VERSION_DIGITS);
    }
}
