package org.mobilenetv3.train.report;

import ai.djl.Device;
import ai.djl.engine.Engine;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.runtime.RuntimeReport;

/**
 * The machine that a run was computed on.
 *
 * @param facts names and values, in reading order
 */
public record Machine(Map<String, String> facts) {

    /** Copies the map, in its order. */
    public Machine {
        facts = new LinkedHashMap<>(facts);
    }

    /**
     * Describes this machine.
     *
     * @param runtime the engine's report, once it is started
     * @param device where the run computes
     * @return CPU, cores, memory, system, Java, DJL, libtorch, device, threads
     */
    public static Machine of(RuntimeReport runtime, Device device) {
        Map<String, String> facts = new LinkedHashMap<>();
        put(facts, "CPU", runtime, "CPU");
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", memory());
        put(facts, "system", runtime, "system");
        put(facts, "Java", runtime, "Java");
        facts.put("DJL", Engine.getDjlVersion());
        facts.put("libtorch", Engine.getEngine("PyTorch").getVersion());
        facts.put("device", device.toString());
        put(facts, "threads", runtime, "threads within an operation");
        return new Machine(facts);
    }

    private static void put(
            Map<String, String> facts, String name, RuntimeReport runtime, String line) {
        runtime.value(line).ifPresent(value -> facts.put(name, value));
    }

    private static String memory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? String.format(
                        Locale.ROOT, "%.1f GiB", system.getTotalMemorySize() / (double) (1L << 30))
                : "unknown";
    }
}
