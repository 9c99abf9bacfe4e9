package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Weight;

/** The values of a net's parameters as they follow from the layers of a file. */
final class LayerValues {

    private final Map<String, Supplier<float[]>> values = new LinkedHashMap<>();
    private int folded;
    private int epsilons;
    private boolean convolutionHead;

    /** By the names of the net. */
    Map<String, Supplier<float[]>> values() {
        return values;
    }

    /** Whether any batch norm of the net is not in the file. */
    boolean isFolded() {
        return folded > 0;
    }

    /** How many batch norms have another epsilon than the net's. */
    int epsilons() {
        return epsilons;
    }

    /** Whether a linear layer of the net is a convolution in the file. */
    boolean hasConvolutionHead() {
        return convolutionHead;
    }

    /** Takes the weights of a layer and its batch norm; gives null or what does not fit. */
    String add(Node layer, Node norm, Node fileLayer, Node fileNorm) {
        if (layer.op().weights().isEmpty()) {
            return null;
        }
        Weight weight = layer.op().weights().get(0);
        Weight bias = bias(layer.op());
        Weight fileBias = bias(fileLayer.op());
        values.put(weight.name(), fileLayer.op().weights().get(0).values());
        if (layer.op() instanceof Op.Linear && fileLayer.op() instanceof Op.Convolution) {
            convolutionHead = true;
        }
        if (norm == null) {
            if (bias == null && fileBias != null) {
                return "no bias is expected, but the file has one";
            }
            if (bias != null) {
                values.put(bias.name(), orZeros(fileBias, bias.shape()));
            }
            return null;
        }
        Op.BatchNorm own = (Op.BatchNorm) norm.op();
        if (fileNorm == null) {
            fold(own, fileBias);
            if (bias != null) {
                values.put(bias.name(), orZeros(null, bias.shape()));
            }
            return null;
        }
        if (bias != null) {
            values.put(bias.name(), orZeros(fileBias, bias.shape()));
            fileBias = null;
        }
        return add(own, (Op.BatchNorm) fileNorm.op(), fileBias);
    }

    /** A batch norm that changes nothing but adds the bias: {@code sqrt(1 + e) / sqrt(1 + e)}. */
    private void fold(Op.BatchNorm own, Weight fileBias) {
        folded++;
        Shape shape = own.weight().shape();
        float gamma = (float) Math.sqrt(1d + own.epsilon());
        values.put(own.weight().name(), () -> filled(shape, gamma));
        values.put(own.bias().name(), orZeros(fileBias, shape));
        values.put(own.mean().name(), orZeros(null, shape));
        values.put(own.variance().name(), () -> filled(shape, 1));
    }

    /**
     * A batch norm whose mean takes the layer's bias and whose variance the epsilon's difference.
     */
    private String add(Op.BatchNorm own, Op.BatchNorm file, Weight fileBias) {
        values.put(own.weight().name(), file.weight().values());
        values.put(own.bias().name(), file.bias().values());
        values.put(own.mean().name(), mean(file, fileBias));
        if (own.epsilon() == file.epsilon()) {
            values.put(own.variance().name(), file.variance().values());
            return null;
        }
        epsilons++;
        double more = (double) file.epsilon() - own.epsilon();
        UnaryOperator<float[]> shift =
                variance -> {
                    for (int i = 0; i < variance.length; i++) {
                        variance[i] = (float) (variance[i] + more);
                    }
                    return variance;
                };
        for (float variance : shift.apply(file.variance().values().get())) {
            if (!(variance > 0)) {
                return "batch norm adds %s to the variance where the net adds %s, and a variance of the file is too small to take the difference"
                        .formatted(file.epsilon(), own.epsilon());
            }
        }
        values.put(own.variance().name(), () -> shift.apply(file.variance().values().get()));
        return null;
    }

    private static Supplier<float[]> mean(Op.BatchNorm file, Weight fileBias) {
        if (fileBias == null) {
            return file.mean().values();
        }
        return () -> {
            float[] mean = file.mean().values().get();
            float[] bias = fileBias.values().get();
            for (int i = 0; i < mean.length; i++) {
                mean[i] -= bias[i];
            }
            return mean;
        };
    }

    private static Weight bias(Op op) {
        return op.weights().size() > 1 ? op.weights().get(1) : null;
    }

    private static Supplier<float[]> orZeros(Weight weight, Shape shape) {
        return weight == null ? () -> filled(shape, 0) : weight.values();
    }

    private static float[] filled(Shape shape, float value) {
        float[] values = new float[(int) shape.size()];
        Arrays.fill(values, value);
        return values;
    }
}
