package org.mobilenetv3.runtime;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Utils;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * The one place that starts DJL's PyTorch engine: it sets this process up before libtorch loads and
 * proves a few convolutions after it. What the user has set in the environment or by {@code -D}
 * stands (docs/troubleshooting.md).
 */
public final class TorchRuntime {

    // Initialized once, by whichever thread comes first, and never while holding our lock.
    private static final class Prepared {
        static final Guards GUARDS = Guards.apply(System.getenv(), CpuCaches.detect());
    }

    private static RuntimeReport started;
    private static String failure;

    private TorchRuntime() {}

    /**
     * Sets this process up for libtorch without loading it: right convolutions on hosts that hide
     * their caches, the allocator, the threads. Further calls do nothing, and so does the first if
     * the engine is loaded already, which the report then says.
     *
     * @return what was found and done
     */
    public static RuntimeReport prepare() {
        Guards guards = Prepared.GUARDS;
        List<Line> lines = new ArrayList<>(guards.lines());
        lines.add(guards.threads().intraOp());
        lines.add(guards.threads().interOp());
        return new RuntimeReport(lines);
    }

    /**
     * Starts the engine with as many threads as there are processors, or as the user has set.
     *
     * @return what was found and done
     * @throws IllegalStateException if convolutions are wrong on this host, now and in every later
     *     call
     */
    public static synchronized RuntimeReport start() {
        ensureStarted();
        return started;
    }

    /**
     * Starts the engine with this many threads within an operation; a count that the user has set
     * in the environment or by {@code -D} stands. On a started engine it changes the count for the
     * calling thread and for threads that have not used libtorch yet.
     *
     * @param threads the threads within an operation, at least 1
     * @return what was found and done
     * @throws IllegalStateException if convolutions are wrong on this host, now and in every later
     *     call
     */
    public static synchronized RuntimeReport start(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    "The number of threads is " + threads + ", expected at least 1.");
        }
        ensureStarted();
        ThreadCounts counts = Prepared.GUARDS.threads();
        if (!counts.usersOwn()) {
            JniUtils.setNumThreads(threads);
        }
        started = started.with(inUse(counts.asked(threads)));
        return started;
    }

    /**
     * Returns what was found and done so far: {@link #start()}'s report once the engine is started,
     * {@link #prepare()}'s before.
     *
     * @return the lines of a {@code doctor} command
     */
    public static synchronized RuntimeReport report() {
        return started == null ? prepare() : started;
    }

    /**
     * Returns whether oneDNN keeps to its slow but safe kernels in this process, so that other
     * kernels may be faster.
     *
     * @return whether {@code ONEDNN_MAX_CPU_ISA} is SSE41
     */
    public static boolean capped() {
        return Prepared.GUARDS.capped();
    }

    /**
     * Returns whether this processor computes in a 16-bit type itself; elsewhere than on Linux it
     * is not known and taken as no.
     *
     * @param type {@code bf16} or {@code fp16}
     * @return whether it has instructions for products of that type
     */
    public static boolean hasInstructions(String type) {
        return HostFacts.hasFeature("avx512_" + type, "amx_" + type);
    }

    private static void ensureStarted() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        if (started == null) {
            started = load();
        }
    }

    // libtorch has the last word: of OMP_NUM_THREADS it takes no more than MKL finds cores.
    private static Line inUse(Line threads) {
        return new Line(threads.name(), String.valueOf(JniUtils.getNumThreads()), threads.source());
    }

    private static RuntimeReport load() {
        Guards guards = Prepared.GUARDS;
        long start = System.nanoTime();
        Engine engine = engine();
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        List<Line> lines = new ArrayList<>(guards.lines());
        lines.add(inUse(guards.threads().intraOp()));
        lines.add(guards.threads().interOp());
        lines.add(
                new Line(
                        "libtorch",
                        engine.getVersion() + " in " + LibUtils.getLibtorchPath(),
                        "loaded in " + milliseconds + " ms"));
        lines.addAll(gpus(engine));
        lines.add(new Line("DJL cache", Utils.getCacheDir().toString(), ""));
        lines.add(selfCheck(guards));
        return new RuntimeReport(lines);
    }

    private static Engine engine() {
        try {
            return Engine.getEngine("PyTorch");
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException(
                    "libtorch cannot be loaded from %s (%s); give a directory that can be written and whose files can be executed, with room for 1 GB: DJL_CACHE_DIR=DIR."
                            .formatted(
                                    Utils.getEngineCacheDir("pytorch"),
                                    String.valueOf(FileErrors.sentence(FileErrors.root(e)))
                                            .replaceFirst("[.]$", "")),
                    e);
        }
    }

    /** Counts the GPUs and sets libtorch up for them. */
    private static List<Line> gpus(Engine engine) {
        int count = engine.getGpuCount();
        if (count == 0) {
            // DJL counts with CUDA's runtime library, not with libtorch.
            boolean unseen = engine.hasCapability(StandardCapabilities.CUDA);
            return List.of(
                    new Line(
                            "GPUs",
                            "0",
                            unseen
                                    ? "the CPU is used, though libtorch sees a GPU: DJL finds no libcudart; put its directory on LD_LIBRARY_PATH"
                                    : "the CPU is used"));
        }
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("GPUs", String.valueOf(count), ""));
        lines.addAll(Cuda.lines(count));
        lines.add(
                Cuda.settle()
                        .map(why -> new Line("GPU arithmetic", "as libtorch is set", why))
                        .orElse(new Line("GPU arithmetic", "32 bits, no TF32", "repeatable")));
        return lines;
    }

    private static Line selfCheck(Guards guards) {
        SelfCheck.Result result = SelfCheck.run();
        if (!result.passed()) {
            failure =
                    "libtorch computes wrong convolutions on this host, off by "
                            + result
                            + " where "
                            + SelfCheck.TOLERANCE
                            + " is allowed: "
                            + guards.remedy()
                            + ".";
            throw new IllegalStateException(failure);
        }
        return new Line(
                "self-check", "passed in " + result.milliseconds() + " ms", "off by " + result);
    }
}
