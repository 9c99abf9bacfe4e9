package org.mobilenetv3.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.MobileNetV3.Variant;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.PaperWidths;
import org.mobilenetv3.nn.InvertedResidual;

/** Whose names a state dict uses. */
public enum NameScheme {
    /** This project's: torchvision's for the paper's nets, the article's for its own. */
    OURS,
    /** timm's, of the paper's nets: {@code conv_stem}, {@code blocks.S.B.conv_pw} ... */
    TIMM;

    /** The first layer of a net, by every scheme's name. */
    static final List<String> STEMS =
            List.of("features.0.0.weight", "conv_stem.weight", "conv1.conv.weight");

    /** Blocks in each of timm's stages (timm/models/mobilenetv3.py, _gen_mobilenet_v3). */
    private static final List<Integer> LARGE_STAGES = List.of(1, 2, 3, 4, 2, 3);

    private static final List<Integer> SMALL_STAGES = List.of(1, 2, 3, 2, 3);

    /**
     * Recognises names.
     *
     * @param names of a state dict
     * @return empty if they are of no known MobileNetV3
     */
    public static Optional<NameScheme> of(Set<String> names) {
        if (names.contains("conv_stem.weight")) {
            return Optional.of(TIMM);
        }
        boolean ours = names.contains("features.0.0.weight") || names.contains("conv1.conv.weight");
        return ours ? Optional.of(OURS) : Optional.empty();
    }

    /**
     * Translates a net's names.
     *
     * @param config of the net
     * @param ours the net's own names
     * @return by our name, the name in this scheme, in the order given
     * @throws IllegalArgumentException if the scheme has no names for such a net
     */
    public Map<String, String> of(MobileNetV3Config config, List<String> ours) {
        Map<String, String> translated = new LinkedHashMap<>();
        if (this == OURS) {
            ours.forEach(name -> translated.put(name, name));
            return translated;
        }
        if (config.variant() != Variant.PAPER) {
            throw new IllegalArgumentException(
                    "timm has no names for the article's nets; use safetensors.");
        }
        Timm timm = new Timm(config);
        ours.forEach(name -> translated.put(name, timm.name(name)));
        return translated;
    }

    /** timm's names of one net. */
    private static final class Timm {
        private final List<Integer> stages;
        private final List<InvertedResidual.Spec> blocks;

        Timm(MobileNetV3Config config) {
            stages = config.size() == Size.LARGE ? LARGE_STAGES : SMALL_STAGES;
            blocks = PaperWidths.of(config).blocks();
        }

        /** Of {@code features.0.1.bias}, {@code features.4.block.2.fc1.weight} and their like. */
        String name(String ours) {
            String[] parts = ours.split("\\.");
            String leaf = parts[parts.length - 1];
            if ("classifier".equals(parts[0])) {
                return ("0".equals(parts[1]) ? "conv_head." : "classifier.") + leaf;
            }
            int index = Integer.parseInt(parts[1]);
            if (index == 0) {
                return ("0".equals(parts[2]) ? "conv_stem." : "bn1.") + leaf;
            }
            if (index > blocks.size()) {
                String layer = "0".equals(parts[2]) ? ".0.conv." : ".0.bn1.";
                return "blocks." + stages.size() + layer + leaf;
            }
            return block(index - 1) + layer(blocks.get(index - 1), parts) + "." + leaf;
        }

        private String block(int index) {
            int stage = 0;
            int first = 0;
            while (index >= first + stages.get(stage)) {
                first += stages.get(stage++);
            }
            return "blocks." + stage + "." + (index - first) + ".";
        }

        /** Of {@code features.N.block.K.0.weight}, or {@code features.N.block.K.fc1.weight}. */
        private static String layer(InvertedResidual.Spec spec, String... parts) {
            return switch (parts[4]) {
                case "fc1" -> "se.conv_reduce";
                case "fc2" -> "se.conv_expand";
                default -> {
                    int k = Integer.parseInt(parts[3]);
                    int depthwise = spec.expand() ? 1 : 0;
                    boolean projects = k > depthwise;
                    if ("1".equals(parts[4])) {
                        yield "bn" + (projects ? depthwise + 2 : k + 1);
                    }
                    String pointwise = projects && spec.expand() ? "conv_pwl" : "conv_pw";
                    yield k == depthwise ? "conv_dw" : pointwise;
                }
            };
        }
    }
}
