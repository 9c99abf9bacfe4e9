package org.mobilenetv3.runtime;

import java.lang.module.ModuleFinder;

/**
 * The JDK's module {@value #NAME}, which no JVM has unless it is asked for. {@code --add-modules
 * jdk.incubator.vector} adds it when the JVM starts and prints a warning; {@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED}, as the launcher has it, permits to add it here: the
 * same module, by the JDK's own means for modules of its tools, without a warning, and only where
 * it is used. A JVM without the module, or without either option, stays as it is.
 */
public final class VectorModule {

    /** The module's name. */
    public static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /**
     * Returns whether {@link #load} would succeed, which takes less time than to do it.
     *
     * @return whether this JVM has the module or may add it
     */
    public static boolean isAvailable() {
        return isThere() || (isPermitted() && ModuleFinder.ofSystem().find(NAME).isPresent());
    }

    private static boolean isThere() {
        return ModuleLayer.boot().findModule(NAME).isPresent();
    }

    private static boolean isPermitted() {
        Module base = Object.class.getModule();
        return base.isExported("jdk.internal.module", VectorModule.class.getModule());
    }

    /**
     * Adds the module if it is not there and may be added. Call it before a class is loaded that
     * uses the module.
     *
     * @return whether this JVM has the module
     */
    public static synchronized boolean load() {
        if (isThere()) {
            return true;
        }
        if (!isPermitted()) {
            return false;
        }
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            return true;
        } catch (ReflectiveOperationException e) { // this Java has no such module
            return false;
        }
    }
}
