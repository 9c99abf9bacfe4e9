package org.mobilenetv3.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.runtime.CpuCaches.Visibility;
import org.mobilenetv3.runtime.Cpuid.Registers;

class CpuCachesTest {

    private static final Registers NOTHING = new Registers(0, 0, 0, 0);
    private static final Registers AMD = new Registers(16, 0x68747541, 0x444D4163, 0x69746E65);
    private static final Registers INTEL = new Registers(22, 0x756E6547, 0x6C65746E, 0x49656E69);

    /** An EPYC 7003's answers: 32 KiB, instructions, 512 KiB, 32 MiB. */
    private static final List<Registers> EPYC =
            List.of(
                    new Registers(0x121, 0x01C0003F, 0x3F, 0),
                    new Registers(0x122, 0x01C0003F, 0x3F, 0),
                    new Registers(0x143, 0x01C0003F, 0x3FF, 2),
                    new Registers(0x4163, 0x03C0003F, 0x7FFF, 1));

    private static CpuCaches parse(Registers vendor, List<Registers> caches) {
        return CpuCaches.parse((leaf, sub) -> leaf == 0 ? vendor : caches.get(sub));
    }

    @Test
    void readsTheSizesThatAProcessorStates() {
        CpuCaches caches = parse(AMD, EPYC);
        assertThat(caches.visibility()).isEqualTo(Visibility.REPORTED);
        assertThat(caches.description()).isEqualTo("L1 data 32 KiB, L2 512 KiB, L3 32768 KiB");
    }

    @Test
    void takesAnEmptyAnswerForHiddenCaches() {
        CpuCaches caches = parse(AMD, List.of(NOTHING, NOTHING, NOTHING, NOTHING));
        assertThat(caches.visibility()).isEqualTo(Visibility.HIDDEN);
        assertThat(caches.description()).isEqualTo("L1 data 1 byte, L2 1 byte, L3 1 byte");
    }

    @Test
    void takesAMissingThirdLevelForWhatItIs() {
        CpuCaches caches = parse(AMD, List.of(EPYC.get(0), EPYC.get(1), EPYC.get(2), NOTHING));
        assertThat(caches.visibility()).isEqualTo(Visibility.REPORTED);
    }

    @Test
    void leavesOtherVendorsAlone() {
        CpuCaches caches = parse(INTEL, List.of(NOTHING, NOTHING, NOTHING, NOTHING));
        assertThat(caches.visibility()).isEqualTo(Visibility.NOT_CONCERNED);
    }

    @Test
    void readsFieldsThatFillTheirBits() {
        long size = CpuCaches.size(new Registers(0, 0xFFC00FFF, -1, 0));
        assertThat(size).isEqualTo(1024L * 4096 * (1L << 32));
    }

    @Test
    void executesTheInstruction() throws IOException {
        assumeTrue(Cpuid.isSupported(), "CPUID is executed on x86-64 under Linux only");
        Registers r = Cpuid.ask(0, 0);
        StringBuilder vendor = new StringBuilder();
        for (int register : new int[] {r.ebx(), r.edx(), r.ecx()}) {
            for (int shift = 0; shift < 32; shift += 8) {
                vendor.append((char) ((register >>> shift) & 0xFF));
            }
        }
        assertThat(Files.readString(Path.of("/proc/cpuinfo"))).contains(": " + vendor);
    }

    @Test
    void goesByTheFilesWhereTheInstructionIsRefused(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Path info = root.resolve("proc/cpuinfo");
        Files.writeString(info, "vendor_id\t: AuthenticAMD\nflags\t\t: fpu hypervisor avx2\n");
        assertThat(CpuCaches.fromFiles(root, "refused"))
                .isEqualTo(
                        new CpuCaches(
                                Visibility.HIDDEN,
                                "/sys lists none on this guest"
                                        + " (CPUID could not be executed: refused)"));

        Files.writeString(info, "vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2\n");
        assertThat(visibility(root)).isEqualTo(Visibility.REPORTED);

        Files.writeString(info, "vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor avx2\n");
        assertThat(visibility(root)).isEqualTo(Visibility.NOT_CONCERNED);

        Files.writeString(info, "vendor_id\t: AuthenticAMD\nflags\t\t: fpu hypervisor avx2\n");
        Files.createDirectories(root.resolve("sys/devices/system/cpu/cpu0/cache/index0"));
        assertThat(visibility(root)).isEqualTo(Visibility.REPORTED);
    }

    private static Visibility visibility(Path root) {
        return CpuCaches.fromFiles(root, "refused").visibility();
    }
}
