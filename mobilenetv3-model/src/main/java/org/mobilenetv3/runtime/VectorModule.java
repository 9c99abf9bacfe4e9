package org.mobilenetv3.runtime;

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
     * Adds the module if it is not there and may be added. Call it before a class is loaded that
     * uses the module.
     *
     * @return whether this JVM has the module
     */
    public static synchronized boolean load() {
        if (ModuleLayer.boot().findModule(NAME).isPresent()) {
            return true;
        }
        Module base = Object.class.getModule();
        if (!base.isExported("jdk.internal.module", VectorModule.class.getModule())) {
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
