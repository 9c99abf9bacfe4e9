package org.mobilenetv3.runtime;

import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import org.mobilenetv3.runtime.RuntimeReport.Line;

/**
 * Keeps oneDNN to its SSE4.1 kernels where the host hides its caches: the AVX2 and AVX-512 kernels
 * compute wrong convolutions there (docs/troubleshooting.md).
 */
final class CacheGuard {

    /** The variable that oneDNN reads when it is loaded. */
    static final String VARIABLE = "ONEDNN_MAX_CPU_ISA";

    /** The widest instruction set whose kernels stay right. */
    static final String SAFE = "SSE41";

    private static final String OLD_VARIABLE = "DNNL_MAX_CPU_ISA";
    private static final String NAME = "convolution guard";

    private CacheGuard() {}

    /** Sets the variable if it is needed and the user has not set it; returns what was done. */
    static Line apply(
            CpuCaches caches, Map<String, String> env, BiPredicate<String, String> setenv) {
        String users = usersSetting(env);
        if (!users.isEmpty()) {
            return new Line(NAME, "left to you", users + " is set in the environment");
        }
        if (caches.visibility() != CpuCaches.Visibility.HIDDEN) {
            return new Line(NAME, "off", "not needed on this host");
        }
        try {
            if (setenv.test(VARIABLE, SAFE)) {
                return new Line(
                        NAME, "on: " + VARIABLE + "=" + SAFE, "this host hides its CPU caches");
            }
        } catch (LinkageError | RuntimeException e) {
            return new Line(NAME, "could not be set", String.valueOf(e.getMessage()));
        }
        return new Line(NAME, "could not be set", "setenv failed");
    }

    /** What a user can do about wrong convolutions, given what is set already. */
    static String remedy(Map<String, String> env, boolean guarded) {
        String users = usersSetting(env);
        if (guarded || capped(env)) {
            return "use another libtorch (PYTORCH_LIBRARY_PATH) or another host, for "
                    + VARIABLE
                    + "="
                    + SAFE
                    + " is set already";
        }
        String instead = users.isEmpty() ? "" : " instead of " + users;
        return "set "
                + VARIABLE
                + "="
                + SAFE
                + instead
                + " in the environment before starting Java";
    }

    /** Whether the user keeps oneDNN to the safe kernels. */
    static boolean capped(Map<String, String> env) {
        return usersSetting(env)
                .toUpperCase(Locale.ROOT)
                .endsWith("=" + SAFE); // as oneDNN reads it
    }

    private static String usersSetting(Map<String, String> env) {
        for (String name : new String[] {VARIABLE, OLD_VARIABLE}) {
            if (env.containsKey(name)) {
                return name + "=" + env.get(name);
            }
        }
        return "";
    }
}
