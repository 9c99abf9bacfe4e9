package org.mobilenetv3;

import static org.mobilenetv3.nn.Nonlinearity.HARD_SWISH;
import static org.mobilenetv3.nn.Nonlinearity.RELU;

import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import java.util.List;
import org.mobilenetv3.MobileNetV3.Size;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.nn.HardSwish;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Layers;
import org.mobilenetv3.nn.MaxPool;
import org.mobilenetv3.nn.Nonlinearity;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.ResidualBlock;

/** The tables of the two variants, at width 1, and the nets made of them. */
final class Architecture {

    static final int STEM = 16;

    private static final boolean SE = true;
    private static final boolean NO = false;

    private Architecture() {}

    /** A row of the paper: kernel, expansion width, output width, SE, activation, stride. */
    record PaperRow(
            int kernel, int expanded, int out, boolean se, Nonlinearity activation, int stride) {}

    /**
     * The published net.
     *
     * @param rows the inverted residuals
     * @param last output channels of the last convolution
     * @param hidden width of the hidden fully connected layer
     */
    record Paper(List<PaperRow> rows, int last, int hidden) {}

    /** A row of the article: input and output channels, kernel, stride, SE. */
    record ArticleRow(int in, int out, int kernel, int stride, boolean se) {}

    /**
     * The article's net.
     *
     * @param rows the residual blocks
     * @param last output channels of conv2
     * @param lastGroups groups of conv2
     * @param hidden width of the last hidden layer
     */
    record Article(List<ArticleRow> rows, int last, int lastGroups, int hidden) {}

    /** Table 1 of arXiv 1905.02244. */
    static final Paper PAPER_LARGE =
            new Paper(
                    List.of(
                            new PaperRow(3, 16, 16, NO, RELU, 1),
                            new PaperRow(3, 64, 24, NO, RELU, 2),
                            new PaperRow(3, 72, 24, NO, RELU, 1),
                            new PaperRow(5, 72, 40, SE, RELU, 2),
                            new PaperRow(5, 120, 40, SE, RELU, 1),
                            new PaperRow(5, 120, 40, SE, RELU, 1),
                            new PaperRow(3, 240, 80, NO, HARD_SWISH, 2),
                            new PaperRow(3, 200, 80, NO, HARD_SWISH, 1),
                            new PaperRow(3, 184, 80, NO, HARD_SWISH, 1),
                            new PaperRow(3, 184, 80, NO, HARD_SWISH, 1),
                            new PaperRow(3, 480, 112, SE, HARD_SWISH, 1),
                            new PaperRow(3, 672, 112, SE, HARD_SWISH, 1),
                            new PaperRow(5, 672, 160, SE, HARD_SWISH, 2),
                            new PaperRow(5, 960, 160, SE, HARD_SWISH, 1),
                            new PaperRow(5, 960, 160, SE, HARD_SWISH, 1)),
                    960,
                    1280);

    /** Table 2 of arXiv 1905.02244. */
    static final Paper PAPER_SMALL =
            new Paper(
                    List.of(
                            new PaperRow(3, 16, 16, SE, RELU, 2),
                            new PaperRow(3, 72, 24, NO, RELU, 2),
                            new PaperRow(3, 88, 24, NO, RELU, 1),
                            new PaperRow(5, 96, 40, SE, HARD_SWISH, 2),
                            new PaperRow(5, 240, 40, SE, HARD_SWISH, 1),
                            new PaperRow(5, 240, 40, SE, HARD_SWISH, 1),
                            new PaperRow(5, 120, 48, SE, HARD_SWISH, 1),
                            new PaperRow(5, 144, 48, SE, HARD_SWISH, 1),
                            new PaperRow(5, 288, 96, SE, HARD_SWISH, 2),
                            new PaperRow(5, 576, 96, SE, HARD_SWISH, 1),
                            new PaperRow(5, 576, 96, SE, HARD_SWISH, 1)),
                    576,
                    1024);

    /** MobileNetV3Large of the article (docs/article.md). */
    static final Article ARTICLE_LARGE =
            new Article(
                    List.of(
                            new ArticleRow(16, 16, 3, 1, NO),
                            new ArticleRow(16, 24, 3, 2, NO),
                            new ArticleRow(24, 24, 3, 1, NO),
                            new ArticleRow(24, 40, 5, 2, SE),
                            new ArticleRow(40, 40, 5, 1, SE),
                            new ArticleRow(40, 40, 5, 1, SE),
                            new ArticleRow(40, 80, 3, 2, NO),
                            new ArticleRow(80, 80, 3, 1, NO),
                            new ArticleRow(80, 80, 3, 1, NO),
                            new ArticleRow(80, 112, 5, 1, SE),
                            new ArticleRow(112, 112, 5, 1, SE),
                            new ArticleRow(112, 160, 5, 2, SE),
                            new ArticleRow(160, 160, 5, 1, SE),
                            new ArticleRow(160, 160, 5, 1, SE)),
                    960,
                    1,
                    1280);

    /** MobileNetV3Small of the article (docs/article.md). */
    static final Article ARTICLE_SMALL =
            new Article(
                    List.of(
                            new ArticleRow(16, 16, 3, 2, NO),
                            new ArticleRow(16, 72, 3, 2, NO),
                            new ArticleRow(72, 72, 3, 1, NO),
                            new ArticleRow(72, 72, 3, 1, SE),
                            new ArticleRow(72, 96, 3, 2, SE),
                            new ArticleRow(96, 96, 3, 1, SE),
                            new ArticleRow(96, 96, 3, 1, SE),
                            new ArticleRow(96, 240, 5, 2, SE),
                            new ArticleRow(240, 240, 5, 1, SE),
                            new ArticleRow(240, 240, 5, 1, SE),
                            new ArticleRow(240, 480, 5, 1, SE),
                            new ArticleRow(480, 480, 5, 1, SE),
                            new ArticleRow(480, 480, 5, 1, SE)),
                    576,
                    2,
                    1024);

    /** Adds torchvision's stages: features, avgpool, classifier. */
    static void paper(MobileNetV3 net, MobileNetV3Config config, float momentum) {
        PaperWidths widths = PaperWidths.of(config);
        Norm norm = config.dialect().norm().withMomentum(momentum);
        // Stem.
        Chain features = new Chain();
        features.add(
                ConvBlock.builder(config.inputChannels(), widths.stem(), 3)
                        .optTorchvision(norm)
                        .optStride(config.stemStride())
                        .build());
        // Inverted residuals.
        widths.blocks().forEach(spec -> features.add(new InvertedResidual(spec.withNorm(norm))));
        // Last convolution and classifier.
        int in = Math.toIntExact(widths.blocks().get(widths.blocks().size() - 1).out());
        features.add(ConvBlock.builder(in, widths.last(), 1).optTorchvision(norm).build());
        net.add("features", features);
        Chain classifier = new Chain();
        Block dropout = Dropout.builder().optRate(config.dropout()).build();
        if (config.dialect() == Dialect.PADDLE_OCR) {
            net.add("maxpool", new MaxPool());
            classifier.add(dropout).add(Layers.linear(widths.last(), config.classes()));
        } else {
            classifier
                    .add(Layers.linear(widths.last(), widths.hidden()))
                    .add(new HardSwish())
                    .add(dropout)
                    .add(Layers.linear(widths.hidden(), config.classes()));
        }
        net.add("avgpool", new GlobalAveragePool()).add("classifier", classifier);
    }

    /** Adds the article's stages: conv1, bottlenecks, conv2, then its head. */
    static void article(MobileNetV3 net, MobileNetV3Config config, float momentum) {
        boolean large = config.size() == Size.LARGE;
        Norm norm = Norm.PYTORCH.withMomentum(momentum);
        Article table = large ? ARTICLE_LARGE : ARTICLE_SMALL;
        net.add(
                "conv1",
                ConvBlock.builder(config.inputChannels(), width(config, STEM), 3)
                        .optStride(config.stemStride())
                        .optNorm(norm)
                        .build());
        Chain bottlenecks = new Chain();
        int in = 0;
        for (ArticleRow row : table.rows()) {
            in = width(config, row.out());
            bottlenecks.add(
                    new ResidualBlock(
                            width(config, row.in()),
                            in,
                            row.kernel(),
                            row.stride(),
                            row.se(),
                            norm));
        }
        int last = width(config, table.last());
        int hidden = width(config, table.hidden());
        net.add("bottlenecks", bottlenecks);
        net.add(
                "conv2",
                ConvBlock.builder(in, last, 1).optGroups(table.lastGroups()).optNorm(norm).build());
        if (large) {
            net.add("avgpool", new GlobalAveragePool());
            net.add(
                    "fc",
                    new Chain()
                            .add(Layers.linear(last, hidden))
                            .add(Layers.batchNorm(hidden, norm))
                            .add(new HardSwish())
                            .add(Layers.linear(hidden, config.classes())));
        } else {
            net.add("conv3", Layers.pointwise(last, hidden));
            net.add("bn", Layers.batchNorm(hidden, norm));
            net.add("hswish", new HardSwish());
            net.add("avgpool", new GlobalAveragePool());
            net.add("fc", Layers.linear(hidden, config.classes()));
        }
    }

    static int width(MobileNetV3Config config, int channels) {
        return makeDivisible(channels * config.width());
    }

    /**
     * Rounds a scaled width as torchvision's {@code _make_divisible}: to the nearest multiple of 8,
     * at least 8, never below 90 % of the value.
     *
     * @param channels a width, already multiplied
     * @return a multiple of 8
     */
    static int makeDivisible(double channels) {
        int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}
