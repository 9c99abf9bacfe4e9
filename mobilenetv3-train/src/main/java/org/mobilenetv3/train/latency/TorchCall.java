package org.mobilenetv3.train.latency;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet;

/** A net that libtorch runs, compiled. */
final class TorchCall implements NetCall {

    private final NDManager manager;
    private final CompiledNet compiled;
    private final ParameterStore store;
    private final NDArray input;

    private TorchCall(NDManager manager, Block net, Shape shape) {
        this.manager = manager;
        net.initialize(manager, DataType.FLOAT32, shape);
        compiled = new CompiledNet(net, null);
        store = new ParameterStore(manager, false);
        input = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
    }

    static TorchCall open(Block net, Shape shape, int threads) {
        TorchRuntime.start(threads);
        return new TorchCall(NDManager.newBaseManager(Device.cpu(), "PyTorch"), net, shape);
    }

    @Override
    public void run() {
        JniUtils.setGradMode(false);
        try (NDArray result = compiled.forward(store, input, false)) {
            result.toFloatArray();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
