package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.util.function.IntSupplier;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TrainedNet;

/** One version of a model's weights: it stays open while a request holds it, even once replaced. */
final class ModelVersion {

    private final String id;
    private final TrainedNet net;
    private final Batcher batcher;
    private int holders = 1; // the model itself

    ModelVersion(
            NetLoader.Loaded loaded,
            Batching batching,
            String model,
            Batcher.Listener listener,
            IntSupplier inFlight)
            throws IOException {
        this.id = loaded.version();
        this.net = loaded.net();
        try {
            this.batcher = new Batcher(loaded, batching, model, listener, inFlight);
        } catch (RuntimeException | Error e) {
            loaded.rungs().close();
            throw e;
        }
        try {
            batcher.warmUp();
        } catch (IOException | RuntimeException | Error e) {
            batcher.close();
            throw e;
        }
    }

    String id() {
        return id;
    }

    /** Returns Triton's name of the engine. */
    String platform() {
        if (net instanceof GraphNet) {
            return "mobilenetv3_vector";
        }
        return net instanceof OnnxNet ? "onnxruntime_onnx" : "pytorch_libtorch";
    }

    NetDescription description() {
        return net.description();
    }

    Batcher batcher() {
        return batcher;
    }

    /** Keeps the net open until {@link #release}; returns false if it is closed already. */
    synchronized boolean hold() {
        if (holders == 0) {
            return false;
        }
        holders++;
        return true;
    }

    /** Releases the net; after the last holder it is closed, by its own thread. */
    synchronized void release() {
        holders--;
        if (holders == 0) {
            batcher.stop();
        }
    }

    /** Releases the net and waits until it is closed. */
    void close() {
        release();
        batcher.close();
    }
}
