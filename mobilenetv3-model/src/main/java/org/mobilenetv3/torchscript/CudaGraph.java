package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.List;
import org.mobilenetv3.runtime.Cuda;

/**
 * Work for a GPU that is captured once and given to it again and again in one piece, which takes
 * the CPU microseconds where giving it hundreds of kernels one by one takes milliseconds.
 *
 * <p>This is libtorch's {@code at::cuda::CUDAGraph}, PyTorch's {@code torch.cuda.CUDAGraph}: the
 * memory of what the capture allocates is kept for it, and dropout draws anew in each replay.
 * Neither DJL nor TorchScript passes it on; it is called through JNA by its C++ names, which are
 * the same in libtorch 2.7 to 2.11 on Linux.
 */
public final class CudaGraph implements AutoCloseable {

    private static final String CLASS = "_ZN2at4cuda9CUDAGraph";

    /** More than the object's size, about 130 bytes in libtorch 2.11. */
    private static final long BYTES = 4096;

    /** cudaStreamCaptureModeThreadLocal: what other threads do meanwhile is their own affair. */
    private static final int THREAD_LOCAL = 1;

    private static final String STREAMS =
            """
              def aside(self: __torch__.Net, x: Tensor) -> Tensor:
                d = ops.prim.device(x)
                ops.cuda.synchronize(d)
                s = __torch__.torch.classes.cuda.Stream.__new__(__torch__.torch.classes.cuda.Stream)
                _0 = (s).__init__(d, 0, )
                ops.cuda.set_stream(s)
                return x
              def back(self: __torch__.Net, x: Tensor) -> Tensor:
                d = ops.prim.device(x)
                ops.cuda.synchronize(d)
                ops.cuda.set_stream(ops.cuda.default_stream(d))
                return x
              def wait(self: __torch__.Net, x: Tensor) -> Tensor:
                ops.cuda.synchronize(ops.prim.device(x))
                return x
            """;

    private final NativeLibrary torch = Cuda.library("torch_cuda");
    private final Memory object = new Memory(BYTES);

    private CudaGraph() {
        object.clear();
        if (has(CLASS + "C1Eb")) {
            call("C1Eb", 0); // do not keep the graph beside its executable form
        } else {
            call("C1Ev"); // before libtorch 2.8
        }
    }

    /**
     * Returns whether graphs can be captured in this process. {@code -Dmobilenetv3.cudaGraph=false}
     * switches them off.
     *
     * @return whether the engine's libtorch has them under the names that are known here
     */
    public static boolean isAvailable() {
        if (!Platform.isLinux() || "false".equals(System.getProperty("mobilenetv3.cudaGraph"))) {
            return false;
        }
        try {
            Cuda.library("torch_cuda").getFunction(CLASS + "6replayEv");
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /**
     * Does some work once and captures it on the way a second time, without doing it.
     *
     * @param manager of the GPU
     * @param work gives kernels to the GPU and neither reads results nor makes arrays of Java's
     *     numbers; it must have run before, so that nothing in it is compiled or allocated for the
     *     first time
     * @return the graph
     * @throws IllegalStateException if the work cannot be captured; the GPU is then of no use to
     *     this process
     */
    public static CudaGraph capture(NDManager manager, Runnable work) {
        try (Script streams = new Script(manager, List.of(), STREAMS);
                NDArray x = manager.create(0f)) {
            streams.call("aside", x);
            try {
                work.run(); // on this stream, for libraries keep a workspace for each
                streams.call("wait", x);
                JniUtils.emptyCudaCache();
            } catch (RuntimeException e) {
                streams.call("back", x);
                throw e;
            }
            CudaGraph graph = captured(work);
            streams.call("back", x);
            return graph;
        }
    }

    private static CudaGraph captured(Runnable work) {
        CudaGraph graph = new CudaGraph();
        graph.call("13capture_beginESt4pairIyyE21cudaStreamCaptureMode", 0L, 0L, THREAD_LOCAL);
        try {
            work.run();
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "The net could not be captured as a CUDA graph (%s); start again with JAVA_OPTS=-Dmobilenetv3.cudaGraph=false."
                            .formatted(
                                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
                    e);
        }
        graph.call("11capture_endEv");
        return graph;
    }

    /** Gives the captured work to the GPU; returns before it is done. */
    public void replay() {
        call("6replayEv");
    }

    private boolean has(String symbol) {
        try {
            torch.getFunction(symbol);
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    private void call(String method, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = object;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        torch.getFunction(CLASS + method).invokeVoid(all);
    }

    /** Gives the graph's memory back; the GPU must have done the last replay. */
    @Override
    public void close() {
        call("D1Ev");
        object.close();
    }
}
