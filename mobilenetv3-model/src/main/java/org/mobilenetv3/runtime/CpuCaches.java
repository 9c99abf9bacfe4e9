package org.mobilenetv3.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The data caches as oneDNN reads them, and whether the host hides them.
 *
 * @param visibility what was found
 * @param description the caches, or the reason for the verdict, in words
 */
record CpuCaches(Visibility visibility, String description) {

    /** Whether the host tells its caches. */
    enum Visibility {
        /** The sizes are plausible. */
        REPORTED,
        /** CPUID answers nothing, which oneDNN reads as caches of one byte. */
        HIDDEN,
        /** Not a processor for which oneDNN asks in this way. */
        NOT_CONCERNED
    }

    private static final int VENDOR_LEAF = 0;
    // "cAMD", the end of AuthenticAMD: all that oneDNN looks at.
    private static final int AMD = 0x444D4163;
    private static final int CACHE_LEAF = 0x8000001D;
    // Sub-leaf 1 is the instruction cache.
    private static final int[] DATA_CACHES = {0, 2, 3};
    // The smallest first-level cache of any AMD processor with AVX is 16 KiB.
    private static final long PLAUSIBLE_L1 = 4096;

    /** Asks the processor; where that is refused, goes by the operating system's files. */
    static CpuCaches detect() {
        if (!Cpuid.isSupported()) {
            return new CpuCaches(
                    Visibility.NOT_CONCERNED, "not asked: CPUID is for x86-64 under Linux");
        }
        try {
            return parse(Cpuid::ask);
        } catch (LinkageError | RuntimeException e) {
            return fromFiles(Path.of("/"), e.getMessage());
        }
    }

    /**
     * Reads the answers as oneDNN 3.7 does (Xbyak, {@code Cpu::setCacheHierarchy}): on AMD always
     * leaf 0x8000001D, whatever the highest leaf is.
     */
    static CpuCaches parse(Cpuid.Source cpuid) {
        if (cpuid.ask(VENDOR_LEAF, 0).ecx() != AMD) {
            return new CpuCaches(
                    Visibility.NOT_CONCERNED, "not asked: oneDNN is misled on AMD only");
        }
        long[] sizes = new long[DATA_CACHES.length];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = size(cpuid.ask(CACHE_LEAF, DATA_CACHES[i]));
        }
        String words =
                String.format(
                        Locale.ROOT,
                        "L1 data %s, L2 %s, L3 %s",
                        inWords(sizes[0]),
                        inWords(sizes[1]),
                        inWords(sizes[2]));
        return new CpuCaches(
                sizes[0] < PLAUSIBLE_L1 ? Visibility.HIDDEN : Visibility.REPORTED, words);
    }

    /**
     * The size in bytes that one sub-leaf of 0x8000001D states: ways × partitions × line × sets.
     */
    static long size(Cpuid.Registers cache) {
        long ways = (cache.ebx() >>> 22) + 1L;
        long partitions = ((cache.ebx() >>> 12) & 0x3FF) + 1L;
        long line = (cache.ebx() & 0xFFF) + 1L;
        long sets = Integer.toUnsignedLong(cache.ecx()) + 1;
        return ways * partitions * line * sets;
    }

    /** The cheap sign: Linux lists no caches for an AMD processor under a hypervisor. */
    static CpuCaches fromFiles(Path root, String reason) {
        List<String> cpu;
        try {
            cpu = Files.readAllLines(root.resolve("proc/cpuinfo"));
        } catch (IOException e) {
            cpu = List.of();
        }
        boolean amd = cpu.stream().anyMatch(x -> x.matches("vendor_id\\s*:\\s*AuthenticAMD\\s*"));
        boolean guest = cpu.stream().anyMatch(x -> x.matches("flags\\s*:.*\\bhypervisor\\b.*"));
        boolean listed =
                Files.isDirectory(root.resolve("sys/devices/system/cpu/cpu0/cache/index0"));
        String because = " (CPUID could not be executed: " + reason + ")";
        if (!amd) {
            return new CpuCaches(Visibility.NOT_CONCERNED, "not an AMD processor" + because);
        }
        return guest && !listed
                ? new CpuCaches(Visibility.HIDDEN, "/sys lists none on this guest" + because)
                : new CpuCaches(Visibility.REPORTED, "not read" + because);
    }

    private static String inWords(long bytes) {
        return bytes < 1024 ? bytes + " byte" + (bytes == 1 ? "" : "s") : bytes / 1024 + " KiB";
    }
}
