package org.mobilenetv3.train.latency;

import ai.djl.engine.Engine;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.util.Locale;
import org.mobilenetv3.runtime.TorchRuntime;

/** What runs a net. */
public enum NetRuntime {
    /** ONNX Runtime with an exported file. */
    @SerializedName("onnxruntime")
    ONNXRUNTIME,
    /** libtorch with a compiled net. */
    @SerializedName("libtorch")
    LIBTORCH;

    /**
     * Returns the usual one.
     *
     * @return ONNX Runtime where it is on the class path
     */
    public static NetRuntime usual() {
        return NetRuntime.class.getResource("/ai/onnxruntime/OrtEnvironment.class") == null
                ? LIBTORCH
                : ONNXRUNTIME;
    }

    /**
     * Starts the runtime and returns its version.
     *
     * @param threads that nets will run with
     * @return for instance {@code 1.28.0}
     * @throws IOException if it cannot be loaded
     */
    String version(int threads) throws IOException {
        if (this == ONNXRUNTIME) {
            return OnnxPool.environment(threads).getVersion();
        }
        TorchRuntime.start();
        return Engine.getEngine("PyTorch").getVersion();
    }

    /**
     * Prepares a net of any weights.
     *
     * @param net the net, not initialized
     * @param input {@code (N, C, H, W)}
     * @param threads within one operation
     * @return the net, to be called
     * @throws IOException if the runtime refuses it
     */
    NetCall open(Block net, Shape input, int threads) throws IOException {
        return this == ONNXRUNTIME
                ? OnnxCall.open(net, input, threads)
                : TorchCall.open(net, input, threads);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
