package org.mobilenetv3.weights.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;

/**
 * A net that came in an ONNX file.
 *
 * @param config the net; its dropout is the default, which no file holds
 * @param state a value for every parameter of {@code MobileNetV3.of(config)}, in its order and by
 *     its names
 * @param metadata the file's {@code metadata_props}
 * @param folded whether the file has batch norm in the weights before it: running statistics are
 *     then stand-ins, with which the net computes the same, and batch norm must stand still in
 *     fine-tuning
 * @param normalization what the file does to its input first and the net does not, for pixels in
 *     [0, 1] whichever the file takes
 * @param facts what else there is to know, in sentences
 */
public record OnnxImport(
        MobileNetV3Config config,
        Map<String, Tensor> state,
        Map<String, String> metadata,
        boolean folded,
        Optional<Normalization> normalization,
        List<String> facts) {

    /** Copies what could change. */
    public OnnxImport {
        state = Collections.unmodifiableMap(new LinkedHashMap<>(state));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        facts = List.copyOf(facts);
    }
}
