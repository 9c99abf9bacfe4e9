package org.mobilenetv3.export;

import java.util.Locale;
import java.util.Optional;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.weights.NameScheme;

/** Whose state dict is written. */
public enum WeightsFormat {
    /** A safetensors file that says all about its net, under the names of its dialect. */
    SAFETENSORS,
    /** What torchvision's {@code mobilenet_v3_large}, {@code _small} and their like load. */
    TORCHVISION,
    /** What timm's {@code mobilenetv3_large_100} and their like load. */
    TIMM;

    /**
     * Returns the usual end of a file's name.
     *
     * @return with the dot
     */
    public String extension() {
        return this == SAFETENSORS ? ".safetensors" : ".pth";
    }

    /** Whose names the file has. */
    NameScheme names(Architecture net) {
        return switch (this) {
            case SAFETENSORS -> NameScheme.of(net);
            case TORCHVISION -> NameScheme.OURS;
            case TIMM -> NameScheme.TIMM;
        };
    }

    /** The other program's net with the same table, whose batch norm may be another. */
    Optional<Architecture> theirs(Architecture ours) {
        return switch (this) {
            case SAFETENSORS -> Optional.of(ours);
            case TORCHVISION ->
                    Presets.like(
                            ours,
                            name ->
                                    name.matches("(mobilenet_v|lraspp_|ssdlite320_).*")
                                            && !name.equals("mobilenet_v3_medium"));
            case TIMM -> Presets.like(ours, name -> name.contains("mobilenetv3_"));
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
