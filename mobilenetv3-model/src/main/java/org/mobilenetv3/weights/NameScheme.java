package org.mobilenetv3.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.Padding;
import org.mobilenetv3.nn.ParameterNames;

/** Whose names a state dict uses. */
public enum NameScheme {
    /** The architecture's own: torchvision's, or the article's. */
    OURS,
    /** timm's: {@code conv_stem}, {@code blocks.S.B.conv_pw} ... */
    TIMM,
    /** PaddleClas': {@code conv.conv}, {@code blocks.N.expand_conv.conv} ... */
    PADDLE_CLAS,
    /** PaddleOCR's text-direction classifier: {@code conv1.conv}, otherwise as PaddleClas'. */
    PADDLE_OCR,
    /** Those of {@code paddle.vision}: {@code conv.0}, {@code blocks.N.expand_conv.0} ... */
    PADDLE_VISION;

    /** The first layer of a net, by the names of schemes that need no more to be known by. */
    static final List<String> STEMS =
            List.of(
                    "features.0.0.weight",
                    "conv_stem.weight",
                    "conv1.conv.weight",
                    NetFinder.LR_ASPP_STEM,
                    NetFinder.SSD_LITE_STEM);

    /** The first layer of a net on Paddle, and what beside it is Paddle's alone. */
    static final Map<String, String> PADDLE_STEMS =
            Map.of(
                    PaddleNames.CLAS.first(), PaddleNames.CLAS.mean(),
                    PaddleNames.VISION.first(), PaddleNames.VISION.mean());

    /** The first layer of a net, by every scheme's name. */
    static List<String> stems() {
        return Stream.concat(STEMS.stream(), PADDLE_STEMS.keySet().stream()).toList();
    }

    /**
     * Recognizes names.
     *
     * @param names of a state dict
     * @return empty if they are of no known MobileNet
     */
    public static Optional<NameScheme> of(Set<String> names) {
        if (names.contains("conv_stem.weight")) {
            return Optional.of(TIMM);
        }
        for (NameScheme scheme : List.of(PADDLE_CLAS, PADDLE_OCR, PADDLE_VISION)) {
            PaddleNames paddle = scheme.paddle().orElseThrow();
            if (names.contains(paddle.first()) && names.contains(paddle.mean())) {
                return Optional.of(scheme);
            }
        }
        return STEMS.stream().anyMatch(names::contains) ? Optional.of(OURS) : Optional.empty();
    }

    /** Names of a library on Paddle; empty for others. */
    Optional<PaddleNames> paddle() {
        return Optional.ofNullable(
                switch (this) {
                    case PADDLE_CLAS -> PaddleNames.CLAS;
                    case PADDLE_OCR -> PaddleNames.OCR;
                    case PADDLE_VISION -> PaddleNames.VISION;
                    case OURS, TIMM -> null;
                });
    }

    /**
     * Returns whose names a file has that says all about its net: torchvision's names mean its
     * batch norm and padding, so a net with others has timm's, if timm has such layers.
     *
     * @param net the architecture
     * @return the scheme
     */
    public static NameScheme of(Architecture net) {
        boolean torchvision =
                net.conventions().norm().equals(Norm.PAPER)
                        && net.conventions().padding() == Padding.SYMMETRIC;
        boolean paddle = net.conventions().gate().equals(Gate.PADDLE);
        return !torchvision && !paddle && isTimms(net) ? TIMM : OURS;
    }

    private static boolean isTimms(Architecture net) {
        return net.head() instanceof Classifier head
                && head.hidden() != null
                && isPaddlesOrTimms(net, head);
    }

    private static boolean isPaddles(Architecture net) {
        return net.head() instanceof Classifier head
                && net.last().repeats() == 1
                && isPaddlesOrTimms(net, head);
    }

    private static boolean isPaddlesOrTimms(Architecture net, Classifier head) {
        Hidden hidden = head.hidden();
        return net.conventions().names() == ParameterNames.MOBILENET_V3
                && (hidden == null || (hidden.pooled() && !hidden.norm()))
                && net.blocks().stream()
                        .allMatch(row -> row instanceof InvertedResidual.Spec s && !s.spatial());
    }

    /**
     * Translates a net's names.
     *
     * @param net the architecture
     * @param ours the net's own names
     * @return by our name, the name in this scheme, in the order given
     * @throws IllegalArgumentException if the scheme has no names for such a net
     */
    public Map<String, String> of(Architecture net, List<String> ours) {
        Map<String, String> translated = new LinkedHashMap<>();
        if (this == OURS) {
            ours.forEach(name -> translated.put(name, name));
            return translated;
        }
        Optional<PaddleNames> paddle = paddle();
        if (paddle.isPresent()) {
            if (!isPaddles(net)) {
                throw new IllegalArgumentException(
                        "Paddle has no names for a net like %s.".formatted(net.name()));
            }
            ours.forEach(name -> translated.put(name, paddle.get().of(name, net.blocks())));
            return translated;
        }
        if (!isTimms(net)) {
            throw new IllegalArgumentException(
                    "timm has no names for a net like %s; use safetensors.".formatted(net.name()));
        }
        Timm timm = new Timm(net.blocks());
        ours.forEach(name -> translated.put(name, timm.name(name)));
        return translated;
    }

    /** timm's names of one net: a block that does not add its input begins a stage. */
    private static final class Timm {
        private static final List<String> TABLES =
                List.of("mobilenetv3_small_100", "mobilenetv3_large_100", "mobilenetv3_large_150d");

        private final List<BlockSpec> blocks;

        /** Whose stages the net has: where it is narrow, more of its blocks add their input. */
        private final List<BlockSpec> table;

        Timm(List<BlockSpec> blocks) {
            this.blocks = blocks;
            table =
                    TABLES.stream()
                            .map(name -> Presets.of(name).blocks())
                            .filter(rows -> rows.size() == blocks.size())
                            .findFirst()
                            .orElse(blocks);
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
                String layer = "0".equals(parts[2]) ? ".conv." : ".bn1.";
                String at = "." + (index - blocks.size() - 1);
                return "blocks." + (stage(blocks.size() - 1) + 1) + at + layer + leaf;
            }
            return block(index - 1) + layer(spec(index - 1), parts) + "." + leaf;
        }

        private InvertedResidual.Spec spec(int index) {
            return (InvertedResidual.Spec) blocks.get(index);
        }

        private boolean begins(int index) {
            return index == 0 || !((InvertedResidual.Spec) table.get(index)).residual();
        }

        private int stage(int index) {
            int stage = -1;
            for (int i = 0; i <= index; i++) {
                stage += begins(i) ? 1 : 0;
            }
            return stage;
        }

        private String block(int index) {
            int first = index;
            while (!begins(first)) {
                first--;
            }
            return "blocks." + stage(index) + "." + (index - first) + ".";
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
