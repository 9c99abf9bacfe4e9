package org.mobilenetv3.vector.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Sums of products, rounded once where the processor does so. x86 processors before 2013 and some
 * virtual machines cannot; there {@link Math#fma} computes with {@code BigDecimal}, a thousand
 * times slower, and these sums are rounded twice.
 */
public final class Fused {

    /** Whether the processor rounds once. */
    public static final boolean SUPPORTED = isSupported();

    private Fused() {}

    static float multiplyAdd(float x, float w, float sum) {
        return SUPPORTED ? Math.fma(x, w, sum) : x * w + sum;
    }

    private static boolean isSupported() {
        String processor = System.getProperty("os.arch");
        if (!processor.equals("amd64") && !processor.equals("x86_64")) {
            return true;
        }
        try {
            HotSpotDiagnosticMXBean java =
                    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return java == null || Boolean.parseBoolean(java.getVMOption("UseFMA").getValue());
        } catch (IllegalArgumentException | LinkageError e) {
            return true; // a Java that does not tell
        }
    }
}
