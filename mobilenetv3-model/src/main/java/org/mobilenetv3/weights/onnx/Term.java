package org.mobilenetv3.weights.onnx;

import java.util.List;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Value;

/** What a name in the file stands for. */
sealed interface Term {

    /** Numbers that do not depend on the image. */
    record Constant(OnnxTensor tensor) implements Term {}

    /**
     * A value that depends on the image.
     *
     * @param value the same for {@code (N, C)} and {@code (N, C, 1, 1)}
     * @param rank which of the two, or 4 for images
     */
    record Image(Value value, int rank) implements Term {}

    /**
     * The image times and plus constants, one for all channels or one for each: normalization.
     *
     * @param image the file's input
     * @param scale what it was multiplied by
     * @param shift what was added after that
     */
    record Input(Image image, List<Double> scale, List<Double> shift) implements Term {}

    /** The beginning of an activation, for instance {@code clip(x + 3, 0, 6)}. */
    record Partial(Image image, Ramp ramp) implements Term {}

    /** Sizes of a value, for reshaping another. */
    record Sizes() implements Term {}

    /** Class probabilities; nothing may follow. */
    record Probabilities(Image logits) implements Term {}
}
