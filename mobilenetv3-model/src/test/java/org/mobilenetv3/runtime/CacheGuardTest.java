package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.runtime.CpuCaches.Visibility;
import org.mobilenetv3.runtime.RuntimeReport.Line;

class CacheGuardTest {

    private static final CpuCaches HIDDEN = new CpuCaches(Visibility.HIDDEN, "");
    private static final CpuCaches REPORTED = new CpuCaches(Visibility.REPORTED, "");

    private final Map<String, String> set = new HashMap<>();

    private Line apply(CpuCaches caches, Map<String, String> env) {
        return CacheGuard.apply(caches, env, (name, value) -> set.put(name, value) == null);
    }

    @Test
    void restrictsOneDnnWhereCachesAreHidden() {
        assertThat(apply(HIDDEN, Map.of()).value()).isEqualTo("on: ONEDNN_MAX_CPU_ISA=SSE41");
        assertThat(set).containsExactly(Map.entry("ONEDNN_MAX_CPU_ISA", "SSE41"));
    }

    @Test
    void doesNothingWhereCachesAreReported() {
        assertThat(apply(REPORTED, Map.of()).value()).isEqualTo("off");
        assertThat(set).isEmpty();
    }

    @Test
    void leavesEitherNameOfTheVariableToTheUser() {
        for (String name : new String[] {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"}) {
            Line line = apply(HIDDEN, Map.of(name, "AVX2"));
            assertThat(line.value()).isEqualTo("left to you");
            assertThat(line.source()).isEqualTo(name + "=AVX2 is set in the environment");
        }
        assertThat(set).isEmpty();
    }

    @Test
    void saysWhenTheVariableCannotBeSet() {
        Line refused = CacheGuard.apply(HIDDEN, Map.of(), (name, value) -> false);
        assertThat(refused.toString()).contains("could not be set (setenv failed)");
        Line missing =
                CacheGuard.apply(
                        HIDDEN,
                        Map.of(),
                        (name, value) -> {
                            throw new UnsatisfiedLinkError("no JNA here");
                        });
        assertThat(missing.toString()).contains("could not be set (no JNA here)");
    }

    @Test
    void namesARemedyThatIsNotInPlaceAlready() {
        assertThat(CacheGuard.remedy(Map.of(), false))
                .isEqualTo("set ONEDNN_MAX_CPU_ISA=SSE41 in the environment before starting Java");
        assertThat(CacheGuard.remedy(Map.of("DNNL_MAX_CPU_ISA", "ALL"), false))
                .contains("ONEDNN_MAX_CPU_ISA=SSE41 instead of DNNL_MAX_CPU_ISA=ALL");
        assertThat(CacheGuard.remedy(Map.of(), true)).startsWith("use another libtorch");
        assertThat(CacheGuard.remedy(Map.of("ONEDNN_MAX_CPU_ISA", "SSE41"), false))
                .startsWith("use another libtorch");
    }
}
