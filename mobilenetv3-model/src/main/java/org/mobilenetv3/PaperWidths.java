package org.mobilenetv3;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.Architecture.Paper;
import org.mobilenetv3.Architecture.PaperRow;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.nn.InvertedResidual;

/**
 * The channel counts of a paper net, after the width multiplier and in its dialect.
 *
 * @param stem channels of the first convolution
 * @param blocks the inverted residuals
 * @param last channels of the last convolution
 * @param hidden width of the hidden layer; PaddleOCR's net has none
 */
public record PaperWidths(int stem, List<InvertedResidual.Spec> blocks, int last, int hidden) {

    /** timm scales the stem from here on; narrower nets keep it. */
    private static final double TIMM_SCALES_STEM = 0.75;

    /**
     * Computes them.
     *
     * @param config of a net in the paper variant
     * @return its channel counts
     */
    public static PaperWidths of(MobileNetV3Config config) {
        Paper table =
                config.size() == Size.LARGE ? Architecture.PAPER_LARGE : Architecture.PAPER_SMALL;
        boolean timm = config.dialect() == Dialect.TIMM;
        int stem =
                timm && config.width() < TIMM_SCALES_STEM
                        ? Architecture.STEM
                        : Architecture.width(config, Architecture.STEM);
        List<InvertedResidual.Spec> blocks = new ArrayList<>();
        int tableIn = Architecture.STEM;
        int in = stem;
        for (PaperRow row : table.rows()) {
            int expanded =
                    timm
                            ? Architecture.makeDivisible((double) in * row.expanded() / tableIn)
                            : Architecture.width(config, row.expanded());
            InvertedResidual.Spec spec = block(config, row, in, expanded);
            blocks.add(spec);
            in = Math.toIntExact(spec.out());
            tableIn = row.out();
        }
        int last =
                config.dialect() == Dialect.TORCHVISION
                        ? 6 * in
                        : Architecture.width(config, table.last());
        int hidden = timm ? table.hidden() : Architecture.width(config, table.hidden());
        return new PaperWidths(stem, List.copyOf(blocks), last, hidden);
    }

    private static InvertedResidual.Spec block(
            MobileNetV3Config config, PaperRow row, int in, int expanded) {
        boolean paddle = config.dialect() == Dialect.PADDLE_OCR;
        int quarter = Math.floorDiv(expanded, 4);
        int squeeze = paddle ? quarter : Architecture.makeDivisible(quarter);
        return new InvertedResidual.Spec(
                in,
                row.kernel(),
                expanded,
                Architecture.width(config, row.out()),
                row.se() ? squeeze : 0,
                row.activation(),
                row.stride(),
                paddle ? 1 : row.stride(),
                paddle || expanded != in,
                config.dialect().norm());
    }
}
