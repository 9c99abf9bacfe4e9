package org.mobilenetv3.nn;

/**
 * How batch normalization is set, in PyTorch's terms.
 *
 * @param epsilon added to the variance
 * @param momentum share of the new statistic in the running one
 */
public record Norm(float epsilon, float momentum) {
    /** The paper's nets as torchvision builds them: 1e-3 and 0.01. */
    public static final Norm PAPER = new Norm(1e-3f, 0.01f);

    /** PyTorch's defaults: 1e-5 and 0.1. */
    public static final Norm PYTORCH = new Norm(1e-5f, 0.1f);

    /**
     * Changes the momentum.
     *
     * @param other share of the new statistic, or 0 for none other
     * @return these settings but for the momentum
     */
    public Norm withMomentum(float other) {
        return other == 0 ? this : new Norm(epsilon, other);
    }
}
