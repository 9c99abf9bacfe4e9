package org.mobilenetv3.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/** What the report tells about the machine and needs no guard. */
public final class HostFacts {

    private HostFacts() {}

    /**
     * Returns what is known without libtorch.
     *
     * @return Java, the operating system and the processor
     */
    public static RuntimeReport report() {
        return new RuntimeReport(lines());
    }

    /** Describes Java, the operating system and the processor. */
    static List<Line> lines() {
        return List.of(
                new Line("Java", Runtime.version().toString(), System.getProperty("java.home")),
                new Line(
                        "system",
                        System.getProperty("os.name") + " " + System.getProperty("os.version"),
                        System.getProperty("os.arch")),
                new Line(
                        "CPU",
                        cpuModel(),
                        Runtime.getRuntime().availableProcessors() + " available to Java"));
    }

    /** Returns whether libtorch is in this process already; outside Linux that cannot be seen. */
    static boolean isLibtorchLoaded() {
        return anyLine(Path.of("/proc/self/maps"), "libtorch_cpu");
    }

    /**
     * Returns whether the processor names one of these features; outside Linux it names none.
     *
     * @param names as in /proc/cpuinfo, for instance {@code avx512_vnni}
     * @return whether it has one of them for certain
     */
    public static boolean hasFeature(String... names) {
        for (String name : names) {
            if (anyLine(Path.of("/proc/cpuinfo"), " " + name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether this host may have a GPU that libtorch computes on, without asking its
     * driver.
     *
     * @return whether a driver of NVIDIA's is installed
     */
    public static boolean mayHaveGpu() {
        String windows = System.getenv("SystemRoot");
        return Files.exists(Path.of("/dev/nvidiactl"))
                || Files.exists(Path.of("/dev/dxg")) // Windows' Linux
                || (windows != null && Files.exists(Path.of(windows, "System32", "nvcuda.dll")));
    }

    private static boolean anyLine(Path file, String part) {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(x -> x.contains(part));
        } catch (IOException e) {
            return false;
        }
    }

    private static String cpuModel() {
        Path file = Path.of("/proc/cpuinfo");
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.filter(x -> x.startsWith("model name"))
                    .map(x -> x.substring(x.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
