package org.mobilenetv3.serve.http;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.serve.http.Rungs.Rung;
import org.mobilenetv3.trained.ElasticPackage;
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
 * @param degrade whether an elastic package's subnets are opened, too
 */
record NetLoader(NetEngine engine, ComputeOptions compute, Optional<Degrade> degrade) {

    private static final int VERSION_DIGITS = 12;

    /**
     * A net and the version of its weights.
     *
     * @param rungs the net, and what may take its place; close them after use
     * @param version the first digits of the weights' SHA-256
     * @param workers batches that it computes at once
     */
    record Loaded(Rungs rungs, String version, int workers) {
        TrainedNet net() {
            return rungs.largest();
        }
    }

    Loaded load(Path path) throws IOException {
        FileKind kind = FileKind.of(path);
        Rungs rungs = rungs(path, kind);
        try {
            TrainedNet net = rungs.largest();
            WeightNotes.tell(net);
            // A batch on a thread needs no other thread; libtorch's are the whole process's.
            return new Loaded(rungs, version(path, kind), isLibtorchs(net) ? 1 : compute.cores());
        } catch (IOException | RuntimeException | Error e) {
            rungs.close();
            throw e;
        }
    }

    private Rungs rungs(Path path, FileKind kind) throws IOException {
        if (degrade.isEmpty() || !kind.isPackage() || ElasticPackage.isSubnet(path)) {
            return Rungs.of(open(path, kind));
        }
        List<ElasticPackage.Net> nets = degrade.get().choose(ElasticPackage.read(path));
        List<Rung> opened = new ArrayList<>();
        try {
            for (ElasticPackage.Net one : nets) {
                String name = nets.size() == 1 ? null : one.name();
                opened.add(new Rung(name, open(one.path(), kind)));
            }
        } catch (IOException | RuntimeException | Error e) {
            opened.forEach(rung -> rung.net().close());
            throw e;
        }
        return new Rungs(opened, degrade.get().target());
    }

    private static boolean isLibtorchs(TrainedNet net) {
        return net instanceof PackageNet || net instanceof TorchScriptNet;
    }

    TrainedNet open(Path path, FileKind kind) throws IOException {
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
