package org.mobilenetv3.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * Makes glibc keep the memory of freed tensors: by default it returns each large one to the kernel,
 * and faulting the pages in again costs more than the arithmetic.
 */
final class AllocatorTuning {

    /**
     * One parameter of mallopt(3).
     *
     * @param name its name in {@code malloc.h}
     * @param parameter its number there
     * @param value what to set; an int in mallopt
     * @param users what a user sets it by: environment variables and glibc tunables
     */
    record Setting(String name, int parameter, int value, List<String> users) {}

    /** Huge pages for tensors of 2 MiB and more; libtorch reads it at the first allocation. */
    static final String HUGE_PAGES = "THP_MEM_ALLOC_ENABLE";

    /** What is set, in this order. */
    static final List<Setting> SETTINGS =
            List.of(
                    // One heap, so that what one thread frees another can use.
                    new Setting(
                            "M_ARENA_MAX",
                            -8,
                            1,
                            List.of(
                                    "MALLOC_ARENA_MAX",
                                    "MALLOC_ARENA_TEST",
                                    "glibc.malloc.arena_max",
                                    "glibc.malloc.arena_test")),
                    // No mapping of its own for a large tensor: that is unmapped when freed.
                    new Setting(
                            "M_MMAP_MAX",
                            -4,
                            0,
                            List.of(
                                    "MALLOC_MMAP_MAX_",
                                    "MALLOC_MMAP_THRESHOLD_",
                                    "glibc.malloc.mmap_max",
                                    "glibc.malloc.mmap_threshold")),
                    // The top of the heap goes back to the kernel only beyond this.
                    new Setting(
                            "M_TRIM_THRESHOLD",
                            -1,
                            Integer.MAX_VALUE,
                            List.of("MALLOC_TRIM_THRESHOLD_", "glibc.malloc.trim_threshold")),
                    // The heap grows in steps of this.
                    new Setting(
                            "M_TOP_PAD",
                            -2,
                            64 << 20,
                            List.of("MALLOC_TOP_PAD_", "glibc.malloc.top_pad")));

    private static final String NAME = "allocator";

    private AllocatorTuning() {}

    /** Tunes what the user has not set in the environment; returns what was done. */
    static List<Line> apply(Map<String, String> env) {
        Optional<String> glibc = LibC.glibcVersion();
        if (glibc.isEmpty()) {
            return List.of(new Line(NAME, "left alone", "the C library is not glibc"));
        }
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("C library", "glibc " + glibc.get(), ""));
        String preload = env.getOrDefault("LD_PRELOAD", "");
        if (preload.contains("malloc")) {
            lines.add(new Line(NAME, "left to you", "LD_PRELOAD=" + preload));
        } else {
            SETTINGS.forEach(x -> lines.add(set(x, env)));
        }
        lines.add(hugePages(env));
        return lines;
    }

    /** Returns by what the user has set this, if by anything. */
    static Optional<String> usersChoice(Setting setting, Map<String, String> env) {
        String tunables = env.getOrDefault("GLIBC_TUNABLES", "");
        return setting.users.stream()
                .filter(x -> env.containsKey(x) || tunables.contains(x + "="))
                .map(x -> env.containsKey(x) ? x + "=" + env.get(x) : "GLIBC_TUNABLES=" + tunables)
                .findFirst();
    }

    private static Line set(Setting setting, Map<String, String> env) {
        String name = NAME + " " + setting.name;
        return usersChoice(setting, env)
                .map(x -> new Line(name, "left to you", x))
                .orElseGet(
                        () ->
                                LibC.mallopt(setting.parameter, setting.value)
                                        ? new Line(name, String.valueOf(setting.value), "")
                                        : new Line(name, "unchanged", "mallopt refused it"));
    }

    private static Line hugePages(Map<String, String> env) {
        String name = "huge pages";
        if (env.containsKey(HUGE_PAGES)) {
            return new Line(name, "left to you", HUGE_PAGES + "=" + env.get(HUGE_PAGES));
        }
        return LibC.setenv(HUGE_PAGES, "1")
                ? new Line(name, "on", HUGE_PAGES + "=1")
                : new Line(name, "unchanged", "setenv failed");
    }
}
