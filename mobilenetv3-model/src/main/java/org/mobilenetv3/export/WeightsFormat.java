package org.mobilenetv3.export;

import java.util.Locale;
import org.mobilenetv3.Dialect;
import org.mobilenetv3.weights.NameScheme;

/** Whose state dict is written. */
public enum WeightsFormat {
    /** A safetensors file that says all about its net, under the names of its dialect. */
    SAFETENSORS,
    /** What torchvision's {@code mobilenet_v3_large} and {@code _small} load. */
    TORCHVISION,
    /** What timm's {@code mobilenetv3_large_100} and their like load. */
    TIMM;

    /**
     * Gives the usual end of a file's name.
     *
     * @return with the dot
     */
    public String extension() {
        return this == SAFETENSORS ? ".safetensors" : ".pth";
    }

    /** Names of a library mean its numbers: with timm's epsilon, the names are timm's. */
    NameScheme names(Dialect dialect) {
        return dialect == Dialect.TIMM ? NameScheme.TIMM : NameScheme.OURS;
    }

    /** Whose reading of the paper the other program has; its batch norm is another. */
    Dialect dialect(Dialect own) {
        return switch (this) {
            case SAFETENSORS -> own;
            case TORCHVISION -> Dialect.TORCHVISION;
            case TIMM -> Dialect.TIMM;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
