package org.mobilenetv3.runtime;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Locale;

/**
 * The x86-64 instruction CPUID, called from Java: the operating system's files tell what it made of
 * the answer, oneDNN asks the processor itself.
 */
final class Cpuid {

    /** What the instruction left in the four registers. */
    record Registers(int eax, int ebx, int ecx, int edx) {}

    /** Answers a leaf and sub-leaf as CPUID does. */
    @FunctionalInterface
    interface Source {
        Registers ask(int leaf, int subLeaf);
    }

    /** {@code void cpuid(int leaf, int subLeaf, int[4] out)} in the System V calling convention. */
    private static final int[] CODE = {
        0xF3, 0x0F, 0x1E, 0xFA, // endbr64        a legal target of an indirect call
        0x53, //                   push rbx       the caller's, and CPUID overwrites it
        0x49, 0x89, 0xD0, //       mov r8, rdx    out, for CPUID overwrites rdx too
        0x89, 0xF8, //             mov eax, edi   leaf
        0x89, 0xF1, //             mov ecx, esi   sub-leaf
        0x0F, 0xA2, //             cpuid
        0x41, 0x89, 0x00, //       mov [r8], eax
        0x41, 0x89, 0x58, 0x04, // mov [r8+4], ebx
        0x41, 0x89, 0x48, 0x08, // mov [r8+8], ecx
        0x41, 0x89, 0x50, 0x0C, // mov [r8+12], edx
        0x5B, //                   pop rbx
        0xC3, //                   ret
    };

    private Cpuid() {}

    /** Returns whether this process can execute the code: 64-bit x86 under Linux. */
    static boolean isSupported() {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return System.getProperty("os.name").startsWith("Linux")
                && (arch.equals("amd64") || arch.equals("x86_64"));
    }

    /** Executes the instruction; throws if the system refuses an executable page. */
    static Registers ask(int leaf, int subLeaf) {
        byte[] code = new byte[CODE.length];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) CODE[i];
        }
        Pointer page = LibC.mapCode(code);
        try (Memory out = new Memory(4 * Integer.BYTES)) {
            Function.getFunction(page).invokeVoid(new Object[] {leaf, subLeaf, out});
            return new Registers(out.getInt(0), out.getInt(4), out.getInt(8), out.getInt(12));
        } finally {
            LibC.unmap(page, code.length);
        }
    }
}
