package org.mobilenetv3.runtime;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.util.Optional;

/** The few functions of the C library that the guards call, through JNA. */
final class LibC {

    private static final int READ_WRITE = 0x1 | 0x2;
    private static final int READ_EXECUTE = 0x1 | 0x4;
    private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;
    private static final long MAP_FAILED = -1;

    private LibC() {}

    /**
     * Sets a variable in this process's environment, where native code sees it; {@link
     * System#getenv} keeps showing what the process was started with.
     */
    static boolean setenv(String name, String value) {
        return function("setenv").invokeInt(new Object[] {name, value, 1}) == 0;
    }

    /** Tunes glibc's allocator (mallopt(3)); false where the C library refuses. */
    static boolean mallopt(int parameter, int value) {
        return function("mallopt").invokeInt(new Object[] {parameter, value}) == 1;
    }

    /** Returns glibc's version, or nothing where the C library is another one. */
    static Optional<String> glibcVersion() {
        try {
            return Optional.of(function("gnu_get_libc_version").invokeString(new Object[0], false));
        } catch (LinkageError | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Maps a page, writes the code into it and makes it executable; Linux only. */
    static Pointer mapCode(byte[] code) {
        Pointer page =
                function("mmap")
                        .invokePointer(
                                new Object[] {
                                    Pointer.NULL,
                                    new NativeLong(code.length),
                                    READ_WRITE,
                                    PRIVATE_ANONYMOUS,
                                    -1,
                                    new NativeLong(0)
                                });
        if (Pointer.nativeValue(page) == MAP_FAILED) {
            throw new IllegalStateException("mmap was refused");
        }
        page.write(0, code, 0, code.length);
        Object[] protect = {page, new NativeLong(code.length), READ_EXECUTE};
        if (function("mprotect").invokeInt(protect) != 0) {
            unmap(page, code.length);
            throw new IllegalStateException("mprotect refused to make a page executable");
        }
        return page;
    }

    /** Gives back what {@link #mapCode} mapped. */
    static void unmap(Pointer page, int length) {
        function("munmap").invokeInt(new Object[] {page, new NativeLong(length)});
    }

    // The process's own symbols: where another allocator is preloaded, they are the ones in use.
    private static Function function(String name) {
        return NativeLibrary.getProcess().getFunction(name);
    }
}
