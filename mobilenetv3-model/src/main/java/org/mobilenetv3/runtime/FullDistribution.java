package org.mobilenetv3.runtime;

/**
 * What is here beside our own engine. A distribution or an application may leave libtorch and ONNX
 * Runtime out; what needs them then says so in one sentence.
 */
public final class FullDistribution {

    private FullDistribution() {}

    /**
     * Returns whether both engines are on the class path.
     *
     * @return whether nothing is left out
     */
    public static boolean isHere() {
        return hasTorch() && hasOnnxRuntime();
    }

    /**
     * Returns whether DJL's PyTorch engine is on the class path; it is not loaded for that.
     *
     * @return false in the small jar
     */
    public static boolean hasTorch() {
        return isHere("ai/djl/pytorch/engine/PtEngine.class");
    }

    /**
     * Returns whether ONNX Runtime is on the class path; it is not loaded for that.
     *
     * @return false in the small jar
     */
    public static boolean hasOnnxRuntime() {
        return isHere("ai/onnxruntime/OrtEnvironment.class");
    }

    private static boolean isHere(String file) {
        return FullDistribution.class.getResource("/" + file) != null;
    }

    /**
     * Refuses libtorch's work where there is none.
     *
     * @param what was asked for, for instance {@code --engine torch}
     * @throws IllegalArgumentException in one sentence, if libtorch is not on the class path
     */
    public static void requireTorch(String what) {
        if (!hasTorch()) {
            throw needed(what);
        }
    }

    /**
     * Refuses ONNX Runtime's work where there is none.
     *
     * @param what was asked for, for instance {@code --engine onnxruntime}
     * @throws IllegalArgumentException in one sentence, if ONNX Runtime is not on the class path
     */
    public static void requireOnnxRuntime(String what) {
        if (!hasOnnxRuntime()) {
            throw needed(what);
        }
    }

    /**
     * Says what an engine is missing for.
     *
     * @param what was asked for
     * @return to be thrown
     */
    public static IllegalArgumentException needed(String what) {
        return new IllegalArgumentException(
                "%s needs the full distribution of MobileNetV3, which has libtorch and ONNX Runtime; this one computes on the vector engine only."
                        .formatted(what));
    }
}
