package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.CpuCaches.Visibility;

class TorchRuntimeTest {

    @Test
    void preparesWithoutLoadingTheEngine() {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "only Linux shows what is loaded");
        String out = ChildJvm.of(Child.class).run("prepare", "maps", "start", "maps");
        assertThat(out.lines().filter(x -> x.startsWith("libtorch mapped")))
                .containsExactly("libtorch mapped: false", "libtorch mapped: true");
        assertThat(out).contains("self-check: passed in").contains("libtorch: 2.7.1 in ");
    }

    @Test
    void admitsThatItCameTooLate() {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")), "only Linux shows what is loaded");
        String out = ChildJvm.of(Child.class).run("engine", "start");
        assertThat(out)
                .contains("guards: not applied (the engine was loaded before")
                .contains("self-check: passed")
                .doesNotContain("convolution guard");
    }

    @Test
    void usesTheThreadsAskedForAndChangesThemLater() {
        String out = ChildJvm.of(Child.class).run("start 1", "start 3", "start");
        assertThat(out.lines().filter(x -> x.startsWith("libtorch uses")))
                .containsExactly("libtorch uses 1", "libtorch uses 3", "libtorch uses 3");
        assertThat(out).contains("threads within an operation: 3 (asked for)");
    }

    @Test
    void leavesTheThreadsThatTheUserHasSet() {
        String out = ChildJvm.of(Child.class).environment("OMP_NUM_THREADS", "1").run("start 3");
        assertThat(out).contains("libtorch uses 1");
        out =
                ChildJvm.of(Child.class)
                        .option("-Dai.djl.pytorch.num_threads=4")
                        .option("-Dai.djl.pytorch.num_interop_threads=2")
                        .run("start 1");
        assertThat(out).contains("libtorch uses 4").contains("operations side by side: 2 (your");
    }

    @Test
    void refusesCountsThatAreNoCounts() {
        assertThatThrownBy(() -> TorchRuntime.start(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The number of threads is 0, expected at least 1.");
    }

    @Test
    void theGuardMakesConvolutionsRightOnAHostThatHidesItsCaches() {
        String out = onHidingHost().run("start");
        assertThat(out)
                .contains("hidden by the host")
                .contains("convolution guard: on: ONEDNN_MAX_CPU_ISA=SSE41")
                .contains("self-check: passed");
    }

    @Test
    void withoutTheGuardItRefusesSuchAHostForGood() {
        String out = onHidingHost().environment("ONEDNN_MAX_CPU_ISA", "ALL").run("start", "start");
        assertThat(out.lines().filter(x -> x.startsWith("refused: libtorch computes wrong")))
                .hasSize(2)
                .allMatch(x -> x.contains("set ONEDNN_MAX_CPU_ISA=SSE41 instead of"));
        assertThat(out).doesNotContain("self-check: passed");
    }

    // The host itself, or QEMU with a processor that answers leaf 0x8000001D with zeros.
    private static ChildJvm onHidingHost() {
        ChildJvm child = ChildJvm.of(Child.class);
        if (CpuCaches.detect().visibility() == Visibility.HIDDEN) {
            return child;
        }
        assumeTrue(
                Cpuid.isSupported() && isInPath("qemu-x86_64"),
                "this host does not hide its caches, and qemu-x86_64 (package qemu-user), which"
                        + " could stand in for one that does, is not installed");
        return child.under("qemu-x86_64", "-cpu", "EPYC,level=0xc,xlevel=0x8000001c");
    }

    private static boolean isInPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(x -> Files.isExecutable(Path.of(x, program)));
    }

    /** Does what its arguments say, one after the other, and prints what came of it. */
    static final class Child {

        private Child() {}

        public static void main(String[] args) throws IOException {
            for (String step : args) {
                try {
                    System.out.println(act(step));
                } catch (IllegalStateException e) {
                    System.out.println("refused: " + e.getMessage());
                    System.out.println(TorchRuntime.report());
                }
            }
        }

        private static String act(String step) {
            return switch (step) {
                case "engine" -> Engine.getEngine("PyTorch").getEngineName();
                case "prepare" -> TorchRuntime.prepare().toString();
                case "maps" -> "libtorch mapped: " + HostFacts.isLibtorchLoaded();
                case "start" -> TorchRuntime.start() + threads();
                default -> TorchRuntime.start(Integer.parseInt(step.substring(6))) + threads();
            };
        }

        private static String threads() {
            return "\nlibtorch uses " + JniUtils.getNumThreads();
        }
    }
}
