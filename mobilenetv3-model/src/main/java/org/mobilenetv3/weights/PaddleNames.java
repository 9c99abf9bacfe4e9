package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;

/**
 * Names of a library on PaddlePaddle, and what else its state dicts have otherwise: a linear
 * layer's weight is (inputs, outputs).
 *
 * @param stem the first layer
 * @param convolution in a layer with batch norm
 * @param norm in a layer with batch norm
 * @param squeeze the first layer of a gate
 * @param excite the second layer of a gate
 * @param last the convolution after the blocks
 * @param hidden the layer after the pool
 * @param head the layer that gives the logits
 * @param evaluated what an evaluated net multiplies its features by before the head: the share that
 *     dropout keeps, where Paddle's {@code downscale_in_infer} does not enlarge it in training
 */
record PaddleNames(
        String stem,
        String convolution,
        String norm,
        String squeeze,
        String excite,
        String last,
        String hidden,
        String head,
        float evaluated) {

    /** ppcls/arch/backbone/legendary_models/mobilenet_v3.py. */
    static final PaddleNames CLAS =
            new PaddleNames(
                    "conv",
                    "conv",
                    "bn",
                    "conv1",
                    "conv2",
                    "last_second_conv",
                    "last_conv",
                    "fc",
                    0.8f);

    /** ppocr/modeling/backbones/rec_mobilenet_v3.py and heads/cls_head.py. */
    static final PaddleNames OCR =
            new PaddleNames("conv1", "conv", "bn", "conv1", "conv2", "conv2", "", "fc", 1);

    /** paddle/vision/models/mobilenetv3.py. */
    static final PaddleNames VISION =
            new PaddleNames(
                    "conv", "0", "1", "fc1", "fc2", "lastconv", "classifier.0", "classifier.3", 1);

    /** The weight of the first layer. */
    String first() {
        return stem + "." + convolution + ".weight";
    }

    /** What the first layer has in Paddle alone. */
    String mean() {
        return stem + "." + norm + "._mean";
    }

    /**
     * Translates a name.
     *
     * @param ours of {@code features.0.1.bias}, {@code features.4.block.2.fc1.weight} and their
     *     like
     * @param blocks of the net
     */
    String of(String ours, List<BlockSpec> blocks) {
        String[] parts = ours.split("\\.", -1);
        String leaf =
                switch (parts[parts.length - 1]) {
                    case "running_mean" -> "_mean";
                    case "running_var" -> "_variance";
                    default -> parts[parts.length - 1];
                };
        if ("classifier".equals(parts[0])) {
            return (!hidden.isEmpty() && "0".equals(parts[1]) ? hidden : head) + "." + leaf;
        }
        int index = Integer.parseInt(parts[1]);
        if (index == 0 || index > blocks.size()) {
            return (index == 0 ? stem : last) + "." + layer(parts[2]) + "." + leaf;
        }
        String block = "blocks." + (index - 1) + ".";
        return switch (parts[4]) {
            case "fc1" -> block + "mid_se." + squeeze + "." + leaf;
            case "fc2" -> block + "mid_se." + excite + "." + leaf;
            default -> {
                int depthwise = ((InvertedResidual.Spec) blocks.get(index - 1)).expand() ? 1 : 0;
                int k = Integer.parseInt(parts[3]);
                String which = k < depthwise ? "expand" : k == depthwise ? "bottleneck" : "linear";
                yield block + which + "_conv." + layer(parts[4]) + "." + leaf;
            }
        };
    }

    private String layer(String number) {
        return "0".equals(number) ? convolution : norm;
    }

    /**
     * Turns a state dict's linear layers to PyTorch's (outputs, inputs). Where Paddle multiplies an
     * evaluated net's features, the last layer's weight is multiplied instead.
     *
     * @param tensors by Paddle's names
     * @return by the same names; numbers are read when they are asked for
     */
    Map<String, Tensor> turned(Map<String, Tensor> tensors) {
        Map<String, Tensor> turned = new LinkedHashMap<>(tensors);
        turned.replaceAll(
                (name, tensor) ->
                        tensor.shape().dimension() == 2
                                ? turned(tensor, name.equals(head + ".weight") ? evaluated : 1)
                                : tensor);
        return turned;
    }

    private static Tensor turned(Tensor tensor, float factor) {
        int rows = (int) Math.min(Integer.MAX_VALUE, tensor.shape().get(0));
        int columns = (int) Math.min(Integer.MAX_VALUE, tensor.shape().get(1));
        return Tensor.of(
                new Shape(columns, rows),
                ElementType.F32,
                () -> {
                    float[] from = tensor.floats();
                    float[] to = new float[from.length];
                    for (int i = 0; i < from.length; i++) {
                        to[i % columns * rows + i / columns] = from[i] * factor;
                    }
                    return new ByteArrayInputStream(Tensor.littleEndian(to));
                });
    }
}
