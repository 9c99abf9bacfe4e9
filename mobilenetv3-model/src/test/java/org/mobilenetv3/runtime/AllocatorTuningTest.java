package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.AllocatorTuning.Setting;

class AllocatorTuningTest {

    // Above glibc's 32 MiB from which it always maps, below the 64 MiB heap of a Java thread.
    private static final long BIG = 48L << 20;

    @BeforeEach
    void needsGlibc() {
        assumeTrue(LibC.glibcVersion().isPresent(), "the C library is not glibc");
    }

    @Test
    void keepsTheMemoryOfALargeFreedArray() {
        assertThat(ChildJvm.of(Child.class).run("tuned")).contains("kept");
    }

    @Test
    void withoutItTheMemoryGoesBackToTheKernel() {
        assertThat(ChildJvm.of(Child.class).run("plain")).contains("given back");
    }

    @Test
    void leavesToTheUserWhatTheUserHasSet() {
        String out =
                ChildJvm.of(Child.class)
                        .environment("MALLOC_ARENA_MAX", "2")
                        .environment("MALLOC_MMAP_THRESHOLD_", "1048576")
                        .environment("THP_MEM_ALLOC_ENABLE", "0")
                        .run("tuned");
        assertThat(out)
                .contains("allocator M_ARENA_MAX: left to you (MALLOC_ARENA_MAX=2)")
                .contains("allocator M_MMAP_MAX: left to you (MALLOC_MMAP_THRESHOLD_=1048576)")
                .contains("allocator M_TRIM_THRESHOLD: 2147483647")
                .contains("huge pages: left to you (THP_MEM_ALLOC_ENABLE=0)")
                .contains("given back");
    }

    @Test
    void leavesAnotherAllocatorAlone() {
        Map<String, String> env = Map.of("LD_PRELOAD", "/opt/libjemalloc.so.2");
        assertThat(AllocatorTuning.apply(env))
                .extracting(RuntimeReport.Line::toString)
                .contains("allocator: left to you (LD_PRELOAD=/opt/libjemalloc.so.2)")
                .noneMatch(x -> x.contains("M_TRIM_THRESHOLD"));
    }

    @Test
    void seesTheTunablesOfGlibc() {
        Setting topPad = AllocatorTuning.SETTINGS.get(3);
        String tunables = "glibc.malloc.check=1:glibc.malloc.top_pad=4096";
        assertThat(AllocatorTuning.usersChoice(topPad, Map.of("GLIBC_TUNABLES", tunables)))
                .contains("GLIBC_TUNABLES=" + tunables);
        Setting arenas = AllocatorTuning.SETTINGS.get(0);
        assertThat(AllocatorTuning.usersChoice(arenas, Map.of("GLIBC_TUNABLES", tunables)))
                .isEmpty();
    }

    /** Touches a large array, frees it and says whether the process still holds the pages. */
    static final class Child {

        private Child() {}

        public static void main(String[] args) throws IOException {
            if (args[0].equals("tuned")) {
                AllocatorTuning.apply(System.getenv()).forEach(System.out::println);
            }
            long address = Native.malloc(BIG);
            for (long i = 0; i < BIG; i += 4096) {
                new Pointer(address).setByte(i, (byte) 1);
            }
            long before = residentKib();
            Native.free(address);
            long freed = before - residentKib();
            System.out.println(freed < BIG / 1024 / 4 ? "kept" : "given back");
        }

        private static long residentKib() throws IOException {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(x -> x.startsWith("VmRSS"))
                    .mapToLong(x -> Long.parseLong(x.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
