package org.mobilenetv3.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.export.OnnxModel.Attribute;
import org.mobilenetv3.export.OnnxModel.Constant;
import org.mobilenetv3.export.OnnxModel.Node;

/**
 * Rewrites a net so that a runtime computes it with bytes: what an operation reads and makes goes
 * through {@code QuantizeLinear} and {@code DequantizeLinear}, which ONNX Runtime merges into
 * {@code QLinearConv} and its like. Weights become int8, symmetric, one scale per output channel;
 * biases int32; values uint8, one scale per tensor. Functions other than the rectifiers, the
 * input's normalisation and the logits stay in float.
 */
final class OnnxQuantizer {

    private static final String BACK = "/dequantized";

    private final QuantizedValues values;
    private final Map<String, QuantizedRange> ranges;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Constant> constants = new LinkedHashMap<>();

    private OnnxQuantizer(QuantizedValues values, Map<String, QuantizedRange> ranges) {
        this.values = values;
        this.ranges = ranges;
    }

    /**
     * Quantises.
     *
     * @param model a net in float
     * @param ranges one for each of {@link QuantizedValues#names}
     * @return the same input and output
     */
    static OnnxModel quantize(OnnxModel model, Map<String, QuantizedRange> ranges) {
        OnnxQuantizer quantizer = new OnnxQuantizer(new QuantizedValues(model), ranges);
        quantizer.throughBytes(OnnxModel.INPUT);
        model.nodes().forEach(quantizer::add);
        return new OnnxModel(
                List.copyOf(quantizer.nodes),
                List.copyOf(quantizer.constants.values()),
                model.channels(),
                model.classes());
    }

    private void add(Node node) {
        List<String> inputs = new ArrayList<>();
        boolean bytes = values.onBytes(node);
        for (String input : node.inputs()) {
            if (values.contains(input)) {
                inputs.add(input + BACK);
            } else if (values.constant(input) == null) {
                inputs.add(input);
            } else if (!bytes) {
                inputs.add(keep(values.constant(input)));
            }
        }
        if (bytes) {
            inputs.addAll(weights(node));
        }
        nodes.add(node.withInputs(List.copyOf(inputs)));
        throughBytes(node.output());
    }

    /** Rounds a value to bytes and back, if it is one that becomes bytes. */
    private void throughBytes(String value) {
        if (!values.contains(value)) {
            return;
        }
        QuantizedRange range = ranges.get(value);
        float[] step = {range.scale()};
        String scale = keep(Constant.floats(value + "/scale", List.of(), () -> step));
        byte zero = (byte) range.zero();
        String point = keep(Constant.bytes(value + "/zero", Constant.UINT8, List.of(), zero));
        String bytes = emit("QuantizeLinear", value + "/quantized", value, scale, point);
        emit("DequantizeLinear", value + BACK, bytes, scale, point);
    }

    /** A layer's weight and bias in integers, under the layer's name; none for other operations. */
    private List<String> weights(Node node) {
        List<String> names = QuantizedValues.weights(node);
        if (names.isEmpty()) {
            return List.of();
        }
        Constant weight = values.constant(names.get(0));
        int channels = Math.toIntExact(weight.shape().get(0));
        boolean biased = names.size() > 1;
        float[] bias = biased ? values.constant(names.get(1)).toFloats() : new float[channels];
        float step = ranges.get(node.inputs().get(0)).scale();
        QuantizedWeights integers = QuantizedWeights.of(weight.toFloats(), bias, step);
        List<String> inputs = new ArrayList<>();
        inputs.add(
                perChannel(
                        Constant.bytes(
                                node.name() + ".weight",
                                Constant.INT8,
                                weight.shape(),
                                integers.weights()),
                        integers.scales(),
                        zero ->
                                Constant.bytes(
                                        zero,
                                        Constant.INT8,
                                        List.of((long) channels),
                                        new byte[channels])));
        if (biased) {
            inputs.add(
                    perChannel(
                            Constant.integers32(node.name() + ".bias", integers.bias()),
                            integers.biasScales(),
                            zero -> Constant.integers32(zero, new int[channels])));
        }
        return inputs;
    }

    /** Scales the numbers of each output channel back. */
    private String perChannel(
            Constant numbers, float[] scales, java.util.function.Function<String, Constant> zeros) {
        String name = keep(numbers);
        List<Long> shape = List.of((long) scales.length);
        String scale = keep(Constant.floats(name + "/scale", shape, () -> scales));
        String zero = keep(zeros.apply(name + "/zero"));
        nodes.add(
                new Node(
                        name + BACK,
                        "DequantizeLinear",
                        List.of(name, scale, zero),
                        name + BACK,
                        List.of(Attribute.of("axis", 0))));
        return name + BACK;
    }

    private String emit(String type, String name, String... inputs) {
        nodes.add(new Node(name, type, List.of(inputs), name, List.of()));
        return name;
    }

    private String keep(Constant constant) {
        constants.putIfAbsent(constant.name(), constant);
        return constant.name();
    }
}
