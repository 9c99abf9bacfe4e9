package org.mobilenetv3.train.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.util.concurrent.TimeUnit;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One layer in inference, compiled and operation by operation: 16 images, 120 channels, 28×28. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class LayerBenchmark {

    private static final int CHANNELS = 120;

    /** Which convolution, with batch norm and h-swish after it. */
    public enum Layer {
        /** 5×5, one group for each channel. */
        DEPTHWISE(5, CHANNELS),
        /** 1×1. */
        POINTWISE(1, 1);

        private final int kernel;
        private final int groups;

        Layer(int kernel, int groups) {
            this.kernel = kernel;
            this.groups = groups;
        }
    }

    @Param private Layer layer;

    private NDManager manager;
    private Block block;
    private CompiledNet compiled;
    private ParameterStore store;
    private NDArray x;

    /** Starts the engine and makes the layer. */
    @Setup
    public void make() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
        block =
                ConvBlock.builder(CHANNELS, CHANNELS, layer.kernel)
                        .optGroups(layer.groups)
                        .optConventions(Conventions.TORCHVISION)
                        .build();
        Shape shape = new Shape(16, CHANNELS, 28, 28);
        block.initialize(manager, DataType.FLOAT32, shape);
        compiled = new CompiledNet(block, null);
        store = new ParameterStore(manager, false);
        x = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
    }

    /** One native call, batch norm folded. */
    @Benchmark
    public void compiled() {
        compiled.forward(store, x, false).close();
    }

    /** One native call per operation. */
    @Benchmark
    public void opByOp() {
        block.forward(store, new NDList(x), false).singletonOrThrow().close();
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        manager.close();
    }
}
