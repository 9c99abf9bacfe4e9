package org.mobilenetv3.export.int8;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;

/**
 * Finds which operations of a net run on bytes, and which values become bytes for them: those that
 * they read and make, or what a rectifier makes of them. The logits stay in float.
 */
final class QuantizedValues {

    /** Operations for which ONNX Runtime has kernels for bytes. */
    private static final Set<String> BYTES =
            Set.of("Conv", "Gemm", "Add", "Mul", "GlobalAveragePool");

    /** Functions that the operation before applies when it rounds its result. */
    private static final Set<String> RECTIFIERS = Set.of("Relu", "Clip");

    private final Map<String, OnnxTensor> constants;
    private final Map<String, Set<String>> readers = new HashMap<>();
    private final LinkedHashSet<String> names = new LinkedHashSet<>();

    QuantizedValues(OnnxModel model) {
        constants = model.constants();
        for (OnnxNode node : model.nodes()) {
            for (String input : node.inputs()) {
                readers.computeIfAbsent(input, name -> new HashSet<>()).add(node.type());
            }
        }
        Set<String> rectified = new HashSet<>();
        for (OnnxNode node : model.nodes()) {
            if (!onBytes(node) && !rectified.contains(node.inputs().get(0))) {
                continue;
            }
            if (onBytes(node)) {
                names.addAll(activations(node));
            }
            if (rectifiedOnly(node.output())) {
                rectified.add(node.output());
            } else {
                names.add(node.output());
            }
        }
        names.remove(OnnxModel.OUTPUT);
    }

    /** The values that become bytes, in running order. */
    List<String> names() {
        return List.copyOf(names);
    }

    boolean contains(String value) {
        return names.contains(value);
    }

    /** A weight or another number; null for what the net computes. */
    OnnxTensor constant(String name) {
        return constants.get(name);
    }

    /** Whether an operation runs on bytes. */
    boolean onBytes(OnnxNode node) {
        return BYTES.contains(node.type())
                && activations(node).stream().noneMatch(constants::containsKey)
                && constants.keySet().containsAll(weights(node));
    }

    /** The weight and perhaps the bias of a layer; none for other operations. */
    static List<String> weights(OnnxNode node) {
        return hasWeights(node) ? node.inputs().subList(1, node.inputs().size()) : List.of();
    }

    private static List<String> activations(OnnxNode node) {
        return hasWeights(node) ? node.inputs().subList(0, 1) : node.inputs();
    }

    private static boolean hasWeights(OnnxNode node) {
        return node.type().equals("Conv") || node.type().equals("Gemm");
    }

    private boolean rectifiedOnly(String value) {
        Set<String> types = readers.getOrDefault(value, Set.of());
        return !types.isEmpty() && RECTIFIERS.containsAll(types);
    }

    /**
     * Chooses the bytes' range of a value. What no reader tells apart is left out: below −3,
     * hard-swish is 0; the gates are constant below −3 and above 3.
     *
     * @param value its name
     * @param low smallest number seen
     * @param high largest number seen
     */
    QuantizedRange range(String value, float low, float high) {
        Set<String> types = readers.getOrDefault(value, Set.of());
        boolean gates = types.equals(Set.of("HardSigmoid")); // its slope is 1/6 here
        boolean swish = types.equals(Set.of("HardSwish"));
        return QuantizedRange.of(
                gates || swish ? Math.max(low, -3) : low, gates ? Math.min(high, 3) : high);
    }
}
