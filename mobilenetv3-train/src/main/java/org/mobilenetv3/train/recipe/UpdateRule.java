package org.mobilenetv3.train.recipe;

import java.util.Locale;

/**
 * How an optimizer moves a weight θ against its gradient g at the learning rate η, with weight
 * decay λ, at step t counted from 1. States begin at 0 where nothing else is said.
 */
public enum UpdateRule {
    /**
     * Adam (Kingma and Ba 2015), β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
     *
     * <pre>
     * g ← g + λθ
     * m ← β₁m + (1 − β₁)g
     * v ← β₂v + (1 − β₂)g²
     * θ ← θ − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
     * </pre>
     */
    ADAM,
    /**
     * AdamW (Loshchilov and Hutter 2019): as {@link #ADAM}, but decay acts on the weight itself.
     *
     * <pre>
     * θ ← θ − ηλθ
     * then ADAM's step with λ = 0
     * </pre>
     */
    ADAMW,
    /**
     * Stochastic gradient descent with momentum 0.9, without dampening.
     *
     * <pre>
     * g ← g + λθ
     * b ← 0.9b + g
     * θ ← θ − ηb
     * </pre>
     */
    SGD,
    /**
     * {@link #SGD} with Nesterov's momentum.
     *
     * <pre>
     * g ← g + λθ
     * b ← 0.9b + g
     * θ ← θ − η(g + 0.9b)
     * </pre>
     */
    NESTEROV,
    /**
     * PyTorch's RMSProp as torchvision trains MobileNetV3, ε = 0.0316.
     *
     * <pre>
     * g ← g + λθ
     * v ← 0.9v + 0.1g²
     * b ← 0.9b + g / (√v + ε)
     * θ ← θ − ηb
     * </pre>
     */
    RMSPROP,
    /**
     * TensorFlow's RMSProp as timm trains MobileNetV3, ε = 0.001; v begins at 1.
     *
     * <pre>
     * g ← g + λθ
     * v ← 0.9v + 0.1g²
     * b ← 0.9b + ηg / √(v + ε)
     * θ ← θ − b
     * </pre>
     */
    RMSPROP_TF;

    /** The name in a recipe, for instance {@code rmsprop-tf}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
