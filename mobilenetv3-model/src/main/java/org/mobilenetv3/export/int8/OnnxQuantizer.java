package org.mobilenetv3.export.int8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxNode.Attribute;
import org.mobilenetv3.format.onnx.OnnxTensor;

/**
 * Rewrites a net so that a runtime computes it with bytes: what an operation reads and makes goes
 * through {@code QuantizeLinear} and {@code DequantizeLinear}, which ONNX Runtime merges into
 * {@code QLinearConv} and its like. Weights become int8, symmetric, one scale per output channel;
 * biases int32; values uint8, one scale per tensor. Functions other than the rectifiers, the
 * input's normalization and the logits stay in float.
 */
final class OnnxQuantizer {

    private static final String BACK = "/dequantized";

    private final QuantizedValues values;
    private final Map<String, QuantizedRange> ranges;
    private final List<OnnxNode> nodes = new ArrayList<>();
    private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();

    private OnnxQuantizer(QuantizedValues values, Map<String, QuantizedRange> ranges) {
        this.values = values;
        this.ranges = ranges;
    }

    /**
     * Quantizes.
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
                quantizer.nodes,
                quantizer.constants,
                model.input(),
                model.output(),
                model.others(),
                model.metadata());
    }

    private void add(OnnxNode node) {
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
        String scale = keep(OnnxTensor.ofFloats(range.scale()).withShape().named(value + "/scale"));
        OnnxTensor zero = OnnxTensor.of(ElementType.U8, (byte) range.zero());
        String point = keep(zero.withShape().named(value + "/zero"));
        String bytes = emit("QuantizeLinear", value + "/quantized", value, scale, point);
        emit("DequantizeLinear", value + BACK, bytes, scale, point);
    }

    /** A layer's weight and bias in integers, under the layer's name; none for other operations. */
    private List<String> weights(OnnxNode node) {
        List<String> names = QuantizedValues.weights(node);
        if (names.isEmpty()) {
            return List.of();
        }
        OnnxTensor weight = values.constant(names.get(0));
        int channels = Math.toIntExact(weight.shape().get(0));
        boolean biased = names.size() > 1;
        float[] bias = biased ? values.constant(names.get(1)).floats() : new float[channels];
        float step = ranges.get(node.inputs().get(0)).scale();
        QuantizedWeights integers = QuantizedWeights.of(weight.floats(), bias, step);
        List<String> inputs = new ArrayList<>();
        inputs.add(
                perChannel(
                        OnnxTensor.of(ElementType.I8, integers.weights())
                                .withShape(weight.shape().getShape())
                                .named(node.name() + ".weight"),
                        integers.scales(),
                        OnnxTensor.of(ElementType.I8, new byte[channels])));
        if (biased) {
            inputs.add(
                    perChannel(
                            OnnxTensor.ofInts(integers.bias()).named(node.name() + ".bias"),
                            integers.biasScales(),
                            OnnxTensor.ofInts(new int[channels])));
        }
        return inputs;
    }

    /** Scales the numbers of each output channel back. */
    private String perChannel(OnnxTensor numbers, float[] scales, OnnxTensor zeros) {
        String name = keep(numbers);
        String scale = keep(OnnxTensor.ofFloats(scales).named(name + "/scale"));
        String zero = keep(zeros.named(name + "/zero"));
        nodes.add(
                OnnxNode.of(
                        name + BACK,
                        "DequantizeLinear",
                        List.of(name, scale, zero),
                        name + BACK,
                        Attribute.of("axis", 0)));
        return name + BACK;
    }

    private String emit(String type, String name, String... inputs) {
        nodes.add(OnnxNode.of(name, type, List.of(inputs), name));
        return name;
    }

    private String keep(OnnxTensor constant) {
        constants.putIfAbsent(constant.name(), constant);
        return constant.name();
    }
}
