package org.mobilenetv3.train.latency;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEnvironment.ThreadingOptions;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.mobilenetv3.trained.OnnxNet;

/**
 * Threads that all nets of a measurement share, as the layers of one net do. ONNX Runtime has one
 * environment in a process, so there is such a pool only if nothing else was run before.
 */
final class OnnxPool {

    private static final AtomicInteger THREADS = new AtomicInteger();

    private OnnxPool() {}

    /**
     * Starts ONNX Runtime, with a pool if that can still be chosen.
     *
     * @param threads of the pool
     * @return the one environment
     * @throws IOException if its library cannot be loaded
     */
    static OrtEnvironment environment(int threads) throws IOException {
        if (threads > 1 && THREADS.get() == 0) {
            try (ThreadingOptions options = new ThreadingOptions()) {
                options.setGlobalIntraOpNumThreads(threads);
                options.setGlobalInterOpNumThreads(1);
                options.setGlobalSpinControl(true);
                OrtEnvironment.getEnvironment(
                        OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "mobilenetv3", options);
                THREADS.set(threads);
            } catch (IllegalStateException e) {
                THREADS.set(-1); // the environment is there already
            } catch (LinkageError | OrtException e) {
                return OnnxNet.environment(); // says it in a sentence
            }
        }
        return OnnxNet.environment();
    }

    /** Whether there is a pool of so many threads. */
    static boolean isOf(int threads) {
        return THREADS.get() == threads;
    }
}
