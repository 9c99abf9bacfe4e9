package org.mobilenetv3.runtime;

import java.util.Map;
import java.util.Properties;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * Chooses libtorch's thread counts, through the properties that DJL reads as it loads it.
 *
 * @param intraOp the threads within an operation and who chose them
 * @param interOp the operations side by side and who chose them
 * @param usersOwn whether the user chose the threads within an operation
 */
record ThreadCounts(Line intraOp, Line interOp, boolean usersOwn) {

    /** DJL's property for the threads within an operation. */
    static final String INTRA_OP = "ai.djl.pytorch.num_threads";

    /** DJL's property for the operations side by side. */
    static final String INTER_OP = "ai.djl.pytorch.num_interop_threads";

    private static final String INTRA_NAME = "threads within an operation";
    private static final String INTER_NAME = "operations side by side";

    /**
     * Sets what the user has not: as many threads as this process has processors (a container's
     * limit counts), and one operation at a time, for a network's blocks follow one another.
     */
    static ThreadCounts apply(Map<String, String> env, Properties properties, int processors) {
        String interOp = (String) properties.putIfAbsent(INTER_OP, "1");
        Line inter =
                interOp == null
                        ? new Line(INTER_NAME, "1", "the default")
                        : new Line(INTER_NAME, interOp, "your " + INTER_OP + "=" + interOp);
        String intraOp = properties.getProperty(INTRA_OP);
        if (intraOp != null) {
            Line line = new Line(INTRA_NAME, intraOp, "your " + INTRA_OP + "=" + intraOp);
            return new ThreadCounts(line, inter, true);
        }
        for (String name : new String[] {"OMP_NUM_THREADS", "MKL_NUM_THREADS"}) {
            if (env.containsKey(name)) {
                Line line =
                        new Line(INTRA_NAME, env.get(name), "your " + name + "=" + env.get(name));
                return new ThreadCounts(line, inter, true);
            }
        }
        properties.setProperty(INTRA_OP, String.valueOf(processors));
        Line line = new Line(INTRA_NAME, String.valueOf(processors), "the processors available");
        return new ThreadCounts(line, inter, false);
    }

    /** The counts of an engine that was loaded before anything could be set. */
    static ThreadCounts tooLate() {
        String why = "the engine was loaded before TorchRuntime.prepare()";
        return new ThreadCounts(
                new Line(INTRA_NAME, "as they were", why),
                new Line(INTER_NAME, "as they were", why),
                false);
    }

    /** Returns the line for a count asked for in the program, unless the user's own stands. */
    Line asked(int threads) {
        return usersOwn
                ? new Line(
                        intraOp.name(),
                        intraOp.value(),
                        intraOp.source() + ", before the " + threads + " asked for")
                : new Line(intraOp.name(), String.valueOf(threads), "asked for");
    }
}
