package org.mobilenetv3.nn;

import java.util.Locale;

/** Whose names the parameters of a net have: those of its state dict in PyTorch. */
public enum ParameterNames {
    /** torchvision's {@code mobilenetv3.py}: {@code features.4.block.2.fc1.weight}. */
    MOBILENET_V3,
    /** torchvision's {@code mobilenetv2.py}: {@code features.4.conv.1.0.weight}. */
    MOBILENET_V2,
    /** The article's: {@code bottlenecks.3.conv1.bn.weight}. */
    ARTICLE;

    /**
     * Returns whether a parameter is one of batch norm's running statistics, which do not learn.
     *
     * @param parameter its name in the state dict
     * @return whether it is a running mean or variance
     */
    public static boolean isStatistic(String parameter) {
        return parameter.endsWith(".running_mean") || parameter.endsWith(".running_var");
    }

    /** The name in an architecture's JSON. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
