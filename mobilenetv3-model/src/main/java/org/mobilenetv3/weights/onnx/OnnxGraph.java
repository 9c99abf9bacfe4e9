package org.mobilenetv3.weights.onnx;

import java.io.IOException;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.weights.onnx.Term.Constant;
import org.mobilenetv3.weights.onnx.Term.Image;

/**
 * Reads an ONNX graph as the operations that nets here are made of, whichever exporter wrote it.
 */
final class OnnxGraph {

    private final Scope scope;
    private final Elementwise elementwise;
    private final LayerPatterns layers;
    private final Pools pools;
    private final Reshapes reshapes;

    private OnnxGraph(OnnxModel file) throws IOException {
        scope = new Scope(file);
        elementwise = new Elementwise(scope);
        layers = new LayerPatterns(scope);
        pools = new Pools(scope);
        reshapes = new Reshapes(scope);
    }

    static NetGraph read(OnnxModel file) throws IOException {
        OnnxGraph reader = new OnnxGraph(file);
        for (OnnxNode node : file.nodes()) {
            reader.scope.put(node, reader.term(node));
        }
        return reader.scope.finish();
    }

    private Term term(OnnxNode node) throws IOException {
        return ofSizes(node) ? new Term.Sizes() : computed(node);
    }

    /** Whether only sizes and constants go in. */
    private boolean ofSizes(OnnxNode node) throws IOException {
        boolean sizes = false;
        for (int i = 0; i < node.inputs().size(); i++) {
            Term term = node.has(i) ? scope.term(node, i) : null;
            sizes |= term instanceof Term.Sizes;
            if (term != null && !(term instanceof Term.Sizes) && !(term instanceof Constant)) {
                return false;
            }
        }
        return sizes;
    }

    private Term computed(OnnxNode node) throws IOException {
        return switch (node.type()) {
            case "Constant" -> constant(node);
            case "Identity", "Dropout" -> scope.term(node, 0);
            case "Cast" -> cast(node);
            case "Conv" -> layers.convolution(node);
            case "Gemm" -> layers.gemm(node);
            case "MatMul" -> layers.linear(node, true);
            case "BatchNormalization" -> layers.batchNorm(node);
            case "GlobalAveragePool" -> pools.global(node, 4);
            case "ReduceMean" -> pools.mean(node);
            case "AveragePool" -> pools.window(node, false);
            case "MaxPool" -> pools.window(node, true);
            case "Add", "Sub", "Mul", "Div", "Min", "Max" -> elementwise.pair(node);
            case "Relu" -> elementwise.relu(node);
            case "Clip" -> elementwise.clip(node);
            case "HardSigmoid" -> elementwise.hardSigmoid(node);
            case "HardSwish" -> elementwise.hardSwish(node);
            case "Sigmoid" -> elementwise.function(node, Nonlinearity.SIGMOID);
            case "Tanh" -> elementwise.function(node, Nonlinearity.TANH);
            case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> reshapes.reshape(node);
            case "Transpose" -> reshapes.transpose(node);
            case "Shape" -> new Term.Sizes();
            case "Softmax", "LogSoftmax" -> softmax(node);
            case "Pad" ->
                    throw node.refuse(
                            "pads images on its own, as nets with TensorFlow's SAME padding do; these compute something else than PyTorch's and cannot be read");
            default -> throw node.refuse("is an operation that no MobileNetV3 here has");
        };
    }

    private static Term constant(OnnxNode node) throws IOException {
        OnnxTensor tensor = null;
        for (var attribute : node.attributes().entrySet()) {
            OnnxNode.Attribute value = attribute.getValue();
            switch (attribute.getKey()) {
                case "value" -> tensor = value.tensor();
                case "value_float" -> tensor = OnnxTensor.ofFloats(value.real()).withShape();
                case "value_int" -> tensor = OnnxTensor.ofLongs(value.integer()).withShape();
                case "value_floats", "value_ints" -> tensor = value.numbers();
                default -> {}
            }
        }
        if (tensor == null) {
            throw node.refuse("has no numbers that can be read");
        }
        return new Constant(tensor.named(node.output()).requireNumbers());
    }

    /** From one type of floats to another, or of a constant, whose type does not matter here. */
    private Term cast(OnnxNode node) throws IOException {
        Term x = scope.term(node, 0);
        long to = node.integer("to", 0);
        if (!(x instanceof Constant) && !OnnxTensor.isFloat(to)) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "makes integers of what the net computes (data type %d)",
                            to));
        }
        return x;
    }

    private Term softmax(OnnxNode node) throws IOException {
        Image x = scope.image(node, 0);
        long axis = node.integer("axis", -1);
        if (x.rank() != 2 || (axis != 1 && axis != -1)) {
            throw node.refuse("is expected only over the classes, at the end");
        }
        return new Term.Probabilities(x);
    }
}
