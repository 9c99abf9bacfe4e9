package org.mobilenetv3.cli;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.trained.WeightsNet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option {@code --engine}: what computes a trained net. */
public final class EngineOption {

    /** What the engines are, for the help. */
    public static final String ENGINES =
            "vector (in Java itself, on the CPU), onnxruntime or torch";

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            converter = Name.class,
            defaultValue = "auto",
            description =
                    "What computes: "
                            + ENGINES
                            + " (default: auto, which chooses by a fixed rule).")
    private NetEngine engine;

    /** Creates the option; picocli fills it in. */
    public EngineOption() {}

    /**
     * Returns what was asked for.
     *
     * @return an engine, or {@link NetEngine#AUTO}
     */
    public NetEngine engine() {
        return engine;
    }

    /**
     * Opens a trained net on the engine that was asked for.
     *
     * @param path a package directory, a zip of one, a file of weights or an exported file
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param compute device and threads
     * @param execution how libtorch computes; exported files have their own way
     * @param features whether feature maps are wanted, which ONNX Runtime does not give
     * @return the net; close it after use
     * @throws IOException if it cannot be used
     * @throws IllegalArgumentException in one sentence, if the options contradict each other or the
     *     file
     */
    public TrainedNet open(
            Path path,
            Architecture family,
            ComputeOptions compute,
            ExecutionOptions execution,
            boolean features)
            throws IOException {
        FileKind kind = FileKind.of(path);
        NetEngine chosen = engine;
        if (chosen == NetEngine.AUTO) {
            if (kind.isExport()) {
                compute.requireCpu("exported files such as %s run".formatted(path));
            }
            chosen =
                    NetEngine.choose(
                            kind,
                            NetEngine.Use.COMMAND,
                            () ->
                                    !(features && FullDistribution.hasTorch())
                                            && execution.isPlain()
                                            && compute.isOnCpu());
        } else if (chosen != NetEngine.TORCH) {
            requireNothingOfTorch(compute, execution, features);
        }
        requireHere(chosen, engine, path, kind, compute);
        return switch (chosen) {
            case VECTOR ->
                    features && !kind.isExport()
                            ? WeightsNet.open(path, family, compute.cores())
                            : GraphNet.open(
                                    path, family, compute.cores(), NetEngine.requireVector());
            case ONNXRUNTIME -> onnxRuntime(path, kind, family, compute.cores());
            default -> torch(path, kind, family, compute, execution);
        };
    }

    private void requireNothingOfTorch(
            ComputeOptions compute, ExecutionOptions execution, boolean features) {
        compute.requireCpu("--engine %s computes".formatted(engine));
        if (!execution.isPlain()) {
            throw new IllegalArgumentException(
                    "--no-compile and --precision need --engine torch, not %s; leave one of them out."
                            .formatted(engine));
        }
        if (features && engine == NetEngine.ONNXRUNTIME) {
            throw new IllegalArgumentException(
                    "--features needs --engine torch or vector, not onnxruntime; leave one of them out.");
        }
    }

    /**
     * Refuses an engine that is not on the class path.
     *
     * @param chosen what is to compute
     * @param asked what the user asked for, perhaps {@link NetEngine#AUTO}
     * @param path of the net
     * @param kind of the path
     * @param compute device and threads
     * @throws IllegalArgumentException in one sentence, which names what needs it
     */
    public static void requireHere(
            NetEngine chosen, NetEngine asked, Path path, FileKind kind, ComputeOptions compute) {
        String what =
                kind == FileKind.TORCHSCRIPT
                        ? path + ", which is TorchScript,"
                        : asked != NetEngine.AUTO
                                ? "--engine " + asked
                                : compute.isOnCpu()
                                        ? "--precision or --no-compile"
                                        : "--device " + compute.device();
        if (chosen == NetEngine.TORCH) {
            FullDistribution.requireTorch(what);
        } else if (chosen == NetEngine.ONNXRUNTIME) {
            FullDistribution.requireOnnxRuntime(what);
        }
    }

    /**
     * Opens a net on ONNX Runtime, which runs files only: what is none is exported for it.
     *
     * @param path a package directory, a zip of one, a file of weights or an exported file
     * @param kind what it is
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param threads within one operation
     * @return the net; close it after use
     * @throws IOException if it cannot be used
     * @throws IllegalArgumentException if it is TorchScript
     */
    public static OnnxNet onnxRuntime(Path path, FileKind kind, Architecture family, int threads)
            throws IOException {
        if (kind == FileKind.TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    path + " is TorchScript, which ONNX Runtime does not run; leave --engine out.");
        }
        if (kind == FileKind.ONNX_EXPORT) {
            WeightsFile.requireNoFamily(path, family);
            return OnnxNet.open(path, threads);
        }
        try (NetWithWeights net = NetWithWeights.open(path, family)) {
            return Exporter.toOnnxRuntime(net, threads);
        }
    }

    private static TrainedNet torch(
            Path path,
            FileKind kind,
            Architecture family,
            ComputeOptions compute,
            ExecutionOptions execution)
            throws IOException {
        if (kind == FileKind.TORCHSCRIPT) {
            WeightsFile.requireNoFamily(path, family);
            compute.requireCpu("exported files such as %s run".formatted(path));
            return TrainedNet.open(path, Device.cpu(), compute.cores());
        }
        Device where = compute.start();
        Execution how = execution.choose(where);
        PackageNet net = PackageNet.open(path, family, where);
        net.setExecution(how);
        return net;
    }

    /** Reads an engine's name. */
    public static final class Name implements ITypeConverter<NetEngine> {

        /** Creates the converter; picocli does. */
        public Name() {}

        @Override
        public NetEngine convert(String value) {
            String name = value.toLowerCase(Locale.ROOT);
            if (name.equals("onnx")) { // as it was called at first
                return NetEngine.ONNXRUNTIME;
            }
            for (NetEngine engine : NetEngine.values()) {
                if (engine.toString().equals(name)) {
                    return engine;
                }
            }
            throw new TypeConversionException(
                    "there is no engine '%s'; there are %s"
                            .formatted(
                                    value,
                                    Arrays.stream(NetEngine.values())
                                            .map(NetEngine::toString)
                                            .collect(Collectors.joining(", "))));
        }
    }
}
