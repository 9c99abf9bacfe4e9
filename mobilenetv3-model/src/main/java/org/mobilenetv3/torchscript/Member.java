package org.mobilenetv3.torchscript;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What an attribute of a TorchScript module holds. */
sealed interface Member {

    /**
     * A nested or the outermost module.
     *
     * @param className its class, without {@code __torch__.}
     * @param members by name, in order
     */
    record Module(String className, Map<String, Member> members) implements Member {
        Module(String className) {
            this(className, new LinkedHashMap<>());
        }
    }

    /**
     * 32-bit floats.
     *
     * @param shape the tensor's
     * @param values in C order
     * @param trainable whether it is a parameter; otherwise a buffer
     */
    record Tensor(Shape shape, Supplier<float[]> values, boolean trainable) implements Member {}

    /**
     * A truth value.
     *
     * @param value the value
     */
    record Flag(boolean value) implements Member {}

    /** An empty list, to be filled by a method. */
    record EmptyList() implements Member {}
}
