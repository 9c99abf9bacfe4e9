package org.mobilenetv3.nn;

import org.mobilenetv3.graph.Nonlinearity;

/**
 * How squeeze and excitation computes its gate: {@code function(fc2(squeeze(fc1(pool(x)))))}.
 *
 * @param function of the second convolution
 * @param squeeze of the first; null for the activation of the block that has the gate
 */
public record Gate(Nonlinearity function, Nonlinearity squeeze) {
    /** The paper's, as torchvision and timm build it: ReLU and h-sigmoid. */
    public static final Gate PAPER = new Gate(Nonlinearity.HARD_SIGMOID, Nonlinearity.RELU);

    /** The article's: ReLU and sigmoid. */
    public static final Gate ARTICLE = new Gate(Nonlinearity.SIGMOID, Nonlinearity.RELU);

    /** PaddleClas' and PaddleOCR's: ReLU and h-sigmoid with slope 0.2. */
    public static final Gate PADDLE = new Gate(Nonlinearity.PADDLE_HARD_SIGMOID, Nonlinearity.RELU);

    /** The gate of a block whose activation is {@code activation}. */
    Gate within(Nonlinearity activation) {
        return squeeze == null ? new Gate(function, activation) : this;
    }
}
