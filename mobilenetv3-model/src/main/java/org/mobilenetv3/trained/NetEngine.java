package org.mobilenetv3.trained;

import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.runtime.HostFacts;
import org.mobilenetv3.runtime.VectorModule;

/** What computes a trained net. */
public enum NetEngine {
    /** Whichever {@link #choose} chooses. */
    AUTO,
    /** Our own, in Java, on the Vector API; of the module mobilenetv3-vector. */
    VECTOR,
    /** ONNX Runtime, on the CPU. */
    ONNXRUNTIME,
    /** libtorch, through DJL. */
    TORCH;

    /** What the net is opened for. */
    public enum Use {
        /** To answer a few images and end, or one batch after the other. */
        COMMAND,
        /** To answer many requests side by side. */
        SERVER
    }

    /**
     * Chooses for {@link #AUTO}. The rule is fixed, so that a host always computes a net in the
     * same way:
     *
     * <ol>
     *   <li>TorchScript is run by libtorch.
     *   <li>The vector engine computes what it can, if it is here and pays ({@link #vectorPays}),
     *       or libtorch is not here.
     *   <li>Exported ONNX files are run by ONNX Runtime, and so is everything in a server.
     *   <li>The rest is computed by libtorch.
     * </ol>
     *
     * @param kind of what holds the net
     * @param use what it is opened for
     * @param possible whether nothing that was asked for is in the vector engine's way, such as a
     *     GPU, 16 bits or feature maps
     * @return any but {@link #AUTO}
     */
    public static NetEngine choose(FileKind kind, Use use, BooleanSupplier possible) {
        if (kind == FileKind.TORCHSCRIPT) {
            return TORCH;
        }
        if ((vectorPays() || !FullDistribution.hasTorch())
                && possible.getAsBoolean()
                && vector().isPresent()) {
            return VECTOR;
        }
        return kind == FileKind.ONNX_EXPORT || use == Use.SERVER ? ONNXRUNTIME : TORCH;
    }

    /**
     * Where it was measured to be at least as fast as the others: on x86-64 with AVX2 or AVX-512,
     * in a JVM that has the Vector API. On Linux alone: elsewhere Java does not tell what the
     * processor has.
     */
    private static boolean vectorPays() {
        return System.getProperty("os.arch").equals("amd64")
                && HostFacts.hasFeature("avx2")
                && VectorModule.isAvailable();
    }

    /**
     * Finds the vector engine.
     *
     * @return empty if it is not on the class path
     */
    public static Optional<GraphRunner.Provider> vector() {
        return ServiceLoader.load(GraphRunner.Provider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(VECTOR.toString()))
                .findFirst();
    }

    /**
     * Finds the vector engine.
     *
     * @return what makes its nets
     * @throws IllegalArgumentException in one sentence, if it is not on the class path
     */
    public static GraphRunner.Provider requireVector() {
        return vector().orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "There is no vector engine here; put org.mobilenetv3:mobilenetv3-vector on the class path, or choose onnxruntime or torch."));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
