package org.mobilenetv3.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * Everything that has to happen before libtorch loads.
 *
 * @param lines what was found and done, but for the threads
 * @param threads the thread counts, which {@link TorchRuntime#start(int)} may still change
 * @param remedy what helps if convolutions turn out wrong all the same
 * @param capped whether oneDNN keeps to SSE4.1
 */
record Guards(List<Line> lines, ThreadCounts threads, String remedy, boolean capped) {

    /** Applies the guards to this process, as far as its environment leaves them to us. */
    static Guards apply(Map<String, String> env, CpuCaches caches) {
        List<Line> lines = new ArrayList<>(HostFacts.lines());
        lines.add(new Line("CPU caches", caches.description(), inWords(caches.visibility())));
        if (HostFacts.isLibtorchLoaded()) {
            lines.add(
                    new Line(
                            "guards",
                            "not applied",
                            "the engine was loaded before TorchRuntime.prepare()"));
            String remedy = "call TorchRuntime.prepare() before the engine loads, or ";
            return new Guards(
                    lines,
                    ThreadCounts.tooLate(),
                    remedy + CacheGuard.remedy(env, false),
                    CacheGuard.capped(env));
        }
        lines.add(tracking(env));
        if (env.containsKey("PYTORCH_LIBRARY_PATH")) {
            Cuda.findRuntime(env.get("PYTORCH_LIBRARY_PATH"));
        }
        Line guard = CacheGuard.apply(caches, env, LibC::setenv);
        lines.add(guard);
        lines.addAll(allocator(env));
        ThreadCounts threads =
                ThreadCounts.apply(
                        env, System.getProperties(), Runtime.getRuntime().availableProcessors());
        boolean on = guard.value().startsWith("on");
        return new Guards(lines, threads, CacheGuard.remedy(env, on), on || CacheGuard.capped(env));
    }

    /** DJL reports each start of its engine to Amazon unless told not to. */
    private static Line tracking(Map<String, String> env) {
        String name = "OPT_OUT_TRACKING";
        if (env.containsKey(name) || System.getProperty(name) != null) {
            return new Line("DJL's usage reports", "left to you", name + " is set");
        }
        System.setProperty(name, "true");
        return new Line("DJL's usage reports", "off", "OPT_OUT_TRACKING=true");
    }

    private static List<Line> allocator(Map<String, String> env) {
        try {
            return AllocatorTuning.apply(env);
        } catch (LinkageError | RuntimeException e) {
            return List.of(new Line("allocator", "left alone", String.valueOf(e.getMessage())));
        }
    }

    private static String inWords(CpuCaches.Visibility visibility) {
        return switch (visibility) {
            case REPORTED -> "reported by the host";
            case HIDDEN -> "hidden by the host";
            case NOT_CONCERNED -> "";
        };
    }
}
