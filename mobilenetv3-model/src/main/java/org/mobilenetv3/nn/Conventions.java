package org.mobilenetv3.nn;

/**
 * What all blocks of a net have in common.
 *
 * @param norm batch normalization
 * @param padding of the convolutions
 * @param gate of squeeze and excitation
 * @param names of the parameters
 */
public record Conventions(Norm norm, Padding padding, Gate gate, ParameterNames names) {

    /** torchvision's MobileNetV3. */
    public static final Conventions TORCHVISION =
            new Conventions(Norm.PAPER, Padding.SYMMETRIC, Gate.PAPER, ParameterNames.MOBILENET_V3);

    /** The article's. */
    public static final Conventions ARTICLE =
            new Conventions(Norm.PYTORCH, Padding.SYMMETRIC, Gate.ARTICLE, ParameterNames.ARTICLE);

    /**
     * Changes batch norm.
     *
     * @param other epsilon and momentum
     * @return these conventions but for batch norm
     */
    public Conventions withNorm(Norm other) {
        return new Conventions(other, padding, gate, names);
    }

    /**
     * Changes the gate.
     *
     * @param other of squeeze and excitation
     * @return these conventions but for the gate
     */
    public Conventions withGate(Gate other) {
        return new Conventions(norm, padding, other, names);
    }
}
