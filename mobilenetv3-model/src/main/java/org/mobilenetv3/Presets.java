package org.mobilenetv3;

import static org.mobilenetv3.graph.Nonlinearity.HARD_SWISH;
import static org.mobilenetv3.graph.Nonlinearity.RELU;
import static org.mobilenetv3.graph.Nonlinearity.RELU6;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.Architecture.Last;
import org.mobilenetv3.Architecture.Stem;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.Head.LrAspp;
import org.mobilenetv3.Head.SsdLite;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.Padding;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * The architectures of the well-known libraries and one of ours by name, with 3 input channels and
 * 1000 classes; 21 where they segment, 90 where they detect. Implementations of one paper agree on
 * its tables but not on every number that it leaves open, so each one's weights need its own.
 */
public final class Presets {

    /** The net that is taken where none is named. */
    public static final String DEFAULT = "mobilenet_v3_small";

    private static final boolean SE = true;
    private static final boolean NO = false;

    private static final Conventions TORCHVISION = Conventions.TORCHVISION;

    /** timm's nets have PyTorch's defaults of batch norm. */
    private static final Conventions TIMM = TORCHVISION.withNorm(Norm.PYTORCH);

    /** The nets that timm took from TensorFlow (timm/models/mobilenetv3.py, tf_mobilenetv3_*). */
    private static final Conventions TF =
            new Conventions(
                    new Norm(1e-3f, 0.1f), Padding.SAME, Gate.PAPER, ParameterNames.MOBILENET_V3);

    /** PaddleClas and PaddleOCR: batch norm's defaults of Paddle are PyTorch's. */
    private static final Conventions PADDLE =
            new Conventions(
                    Norm.PYTORCH, Padding.SYMMETRIC, Gate.PADDLE, ParameterNames.MOBILENET_V3);

    /** The paper's, for libraries too that leave it to the trainer (timm, PaddleOCR). */
    private static final float DROPOUT = 0.2f;

    /** Pascal VOC's classes and the background, those of torchvision's nets that segment. */
    private static final int PASCAL_VOC = 21;

    /** The numbers that COCO's 80 classes have, those of torchvision's nets that detect. */
    private static final int COCO = 90;

    /** What torchvision's SSDLite trains with. */
    private static final Norm DETECTOR = new Norm(1e-3f, 0.03f);

    private Presets() {}

    /** A row of the paper: kernel, expansion, output, SE, activation, stride. */
    private record Row(
            int kernel, int expanded, int out, boolean se, Nonlinearity activation, int stride) {
        Row minimal() {
            return new Row(3, expanded, out, NO, RELU, stride);
        }
    }

    /** A table of the paper, at width 1: the blocks, the last convolution, the hidden layer. */
    private record Table(List<Row> rows, int last, int hidden) {

        /** "Minimalistic" in TensorFlow's words: 3×3 kernels, no gates, ReLU. */
        Table minimal() {
            return new Table(rows.stream().map(Row::minimal).toList(), last, hidden);
        }
    }

    /** Table 1 of arXiv 1905.02244. */
    private static final Table LARGE =
            new Table(
                    List.of(
                            new Row(3, 16, 16, NO, RELU, 1),
                            new Row(3, 64, 24, NO, RELU, 2),
                            new Row(3, 72, 24, NO, RELU, 1),
                            new Row(5, 72, 40, SE, RELU, 2),
                            new Row(5, 120, 40, SE, RELU, 1),
                            new Row(5, 120, 40, SE, RELU, 1),
                            new Row(3, 240, 80, NO, HARD_SWISH, 2),
                            new Row(3, 200, 80, NO, HARD_SWISH, 1),
                            new Row(3, 184, 80, NO, HARD_SWISH, 1),
                            new Row(3, 184, 80, NO, HARD_SWISH, 1),
                            new Row(3, 480, 112, SE, HARD_SWISH, 1),
                            new Row(3, 672, 112, SE, HARD_SWISH, 1),
                            new Row(5, 672, 160, SE, HARD_SWISH, 2),
                            new Row(5, 960, 160, SE, HARD_SWISH, 1),
                            new Row(5, 960, 160, SE, HARD_SWISH, 1)),
                    960,
                    1280);

    /** Table 2 of arXiv 1905.02244. */
    private static final Table SMALL =
            new Table(
                    List.of(
                            new Row(3, 16, 16, SE, RELU, 2),
                            new Row(3, 72, 24, NO, RELU, 2),
                            new Row(3, 88, 24, NO, RELU, 1),
                            new Row(5, 96, 40, SE, HARD_SWISH, 2),
                            new Row(5, 240, 40, SE, HARD_SWISH, 1),
                            new Row(5, 240, 40, SE, HARD_SWISH, 1),
                            new Row(5, 120, 48, SE, HARD_SWISH, 1),
                            new Row(5, 144, 48, SE, HARD_SWISH, 1),
                            new Row(5, 288, 96, SE, HARD_SWISH, 2),
                            new Row(5, 576, 96, SE, HARD_SWISH, 1),
                            new Row(5, 576, 96, SE, HARD_SWISH, 1)),
                    576,
                    1024);

    /** Ours, found by bench/search/medium.sh (docs/search.md). */
    private static final Table MEDIUM =
            new Table(
                    List.of(
                            new Row(3, 16, 16, NO, RELU, 1),
                            new Row(3, 32, 24, NO, RELU, 2),
                            new Row(3, 40, 24, NO, RELU, 1),
                            new Row(5, 40, 40, SE, RELU, 2),
                            new Row(3, 88, 40, SE, RELU, 1),
                            new Row(3, 120, 40, SE, RELU, 1),
                            new Row(3, 120, 80, SE, HARD_SWISH, 2),
                            new Row(5, 104, 80, SE, HARD_SWISH, 1),
                            new Row(5, 96, 80, SE, HARD_SWISH, 1),
                            new Row(3, 136, 80, SE, HARD_SWISH, 1),
                            new Row(3, 240, 112, NO, HARD_SWISH, 1),
                            new Row(3, 336, 112, NO, HARD_SWISH, 1),
                            new Row(3, 336, 160, NO, HARD_SWISH, 2),
                            new Row(3, 480, 160, NO, HARD_SWISH, 1),
                            new Row(5, 480, 160, SE, HARD_SWISH, 1)),
                    480,
                    1280);

    /** A row of the article: kernel, output channels, SE, stride. */
    private record Dense(int kernel, int out, boolean se, int stride) {}

    /** MobileNetV3Large of the article (docs/article.md). */
    private static final List<Dense> ARTICLE_LARGE =
            List.of(
                    new Dense(3, 16, NO, 1),
                    new Dense(3, 24, NO, 2),
                    new Dense(3, 24, NO, 1),
                    new Dense(5, 40, SE, 2),
                    new Dense(5, 40, SE, 1),
                    new Dense(5, 40, SE, 1),
                    new Dense(3, 80, NO, 2),
                    new Dense(3, 80, NO, 1),
                    new Dense(3, 80, NO, 1),
                    new Dense(5, 112, SE, 1),
                    new Dense(5, 112, SE, 1),
                    new Dense(5, 160, SE, 2),
                    new Dense(5, 160, SE, 1),
                    new Dense(5, 160, SE, 1));

    /** MobileNetV3Small of the article (docs/article.md). */
    private static final List<Dense> ARTICLE_SMALL =
            List.of(
                    new Dense(3, 16, NO, 2),
                    new Dense(3, 72, NO, 2),
                    new Dense(3, 72, NO, 1),
                    new Dense(3, 72, SE, 1),
                    new Dense(3, 96, SE, 2),
                    new Dense(3, 96, SE, 1),
                    new Dense(3, 96, SE, 1),
                    new Dense(5, 240, SE, 2),
                    new Dense(5, 240, SE, 1),
                    new Dense(5, 240, SE, 1),
                    new Dense(5, 480, SE, 1),
                    new Dense(5, 480, SE, 1),
                    new Dense(5, 480, SE, 1));

    /** A stage of MobileNetV2, Table 2 of arXiv 1801.04381: expansion t, channels c, n, s. */
    private static final int[][] V2 = {
        {1, 16, 1, 1},
        {6, 24, 2, 2},
        {6, 32, 3, 2},
        {6, 64, 4, 2},
        {6, 96, 3, 1},
        {6, 160, 3, 2},
        {6, 320, 1, 1}
    };

    private record Preset(double width, DoubleFunction<Architecture> table) {}

    private static final Map<String, Preset> ALL = all();

    private static Map<String, Preset> all() {
        Map<String, Preset> all = new LinkedHashMap<>();
        // torchvision/models/mobilenetv3.py, _mobilenet_v3_conf, and mobilenetv2.py.
        add(all, "mobilenet_v3_large", 1, w -> torchvision(LARGE, w, false, false));
        add(all, "mobilenet_v3_small", 1, w -> torchvision(SMALL, w, false, false));
        add(all, "mobilenet_v3_large_reduced_tail", 1, w -> torchvision(LARGE, w, true, false));
        add(all, "mobilenet_v3_small_reduced_tail", 1, w -> torchvision(SMALL, w, true, false));
        add(all, "mobilenet_v3_large_dilated", 1, w -> torchvision(LARGE, w, false, true));
        add(all, "mobilenet_v3_small_dilated", 1, w -> torchvision(SMALL, w, false, true));
        add(all, "mobilenet_v2", 1, Presets::mobileNetV2);
        // torchvision/models/segmentation/lraspp.py, and the same on the Small trunk.
        add(all, "lraspp_large", 1, w -> lrAspp(LARGE, w));
        add(all, "lraspp_small", 1, w -> lrAspp(SMALL, w));
        // torchvision/models/detection/ssdlite.py: without and with a trunk trained before; Small.
        add(all, "ssdlite320_large", 1, w -> ssdLite(LARGE, w, true));
        add(all, "ssdlite320_large_full", 1, w -> ssdLite(LARGE, w, false));
        add(all, "ssdlite320_small", 1, w -> ssdLite(SMALL, w, false));
        // Between the paper's two, with torchvision's conventions.
        add(all, "mobilenet_v3_medium", 1, w -> torchvision(MEDIUM, w, false, false));
        // The article that this project grew from.
        add(all, "article_large", 1, w -> article(ARTICLE_LARGE, w));
        add(all, "article_small", 1, w -> article(ARTICLE_SMALL, w));
        // The minimalistic nets of Keras with torchvision's conventions.
        add(all, "large_minimal", 1, w -> torchvision(LARGE.minimal(), w, false, false));
        add(all, "small_minimal", 1, w -> torchvision(SMALL.minimal(), w, false, false));
        // timm/models/mobilenetv3.py, _gen_mobilenet_v3 and _gen_mobilenet_v3_rw.
        add(all, "mobilenetv3_large_075", 0.75, w -> timm(LARGE, w, TIMM));
        add(all, "mobilenetv3_large_100", 1, w -> timm(LARGE, w, TIMM));
        add(all, "mobilenetv3_large_150d", 1.5, Presets::deeper);
        add(all, "mobilenetv3_small_050", 0.5, w -> timm(SMALL, w, TIMM));
        add(all, "mobilenetv3_small_075", 0.75, w -> timm(SMALL, w, TIMM));
        add(all, "mobilenetv3_small_100", 1, w -> timm(SMALL, w, TIMM));
        add(all, "mobilenetv3_rw", 1, Presets::rw);
        add(all, "tf_mobilenetv3_large_075", 0.75, w -> timm(LARGE, w, TF));
        add(all, "tf_mobilenetv3_large_100", 1, w -> timm(LARGE, w, TF));
        add(all, "tf_mobilenetv3_large_minimal_100", 1, w -> timm(LARGE.minimal(), w, TF));
        add(all, "tf_mobilenetv3_small_075", 0.75, w -> timm(SMALL, w, TF));
        add(all, "tf_mobilenetv3_small_100", 1, w -> timm(SMALL, w, TF));
        add(all, "tf_mobilenetv3_small_minimal_100", 1, w -> timm(SMALL.minimal(), w, TF));
        // PaddleClas, ppcls/arch/backbone/legendary_models/mobilenet_v3.py.
        for (double w : new double[] {0.35, 0.5, 0.75, 1, 1.25}) {
            String scale = "_x" + Double.toString(w).replace('.', '_');
            add(all, "paddle_large" + scale, w, width -> paddle(LARGE, width));
            add(all, "paddle_small" + scale, w, width -> paddle(SMALL, width));
        }
        // PaddleOCR, ppocr/modeling/backbones/rec_mobilenet_v3.py; its text-direction classifier.
        add(all, "paddleocr_small", 0.35, w -> paddleOcr(SMALL, w));
        return all;
    }

    private static void add(
            Map<String, Preset> all, String name, double width, DoubleFunction<Architecture> of) {
        all.put(name, new Preset(width, of));
    }

    /**
     * Returns the names.
     *
     * @return in an order for people: torchvision's, ours, the article's, minimal ones, timm's,
     *     Paddle's
     */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * Returns a preset.
     *
     * @param name one of {@link #names()}, in any case
     * @return the architecture, for 1000 classes, or 21 where it segments, 90 where it detects
     * @throws IllegalArgumentException lists the names if there is none such
     */
    public static Architecture of(String name) {
        return of(name, find(name).width);
    }

    /**
     * Returns a preset at another width, rounded as its library rounds.
     *
     * @param name one of {@link #names()}, in any case
     * @param width multiplier of the paper's channels, above 0 and at most 8
     * @return the architecture; its name tells the width if it is not the preset's own
     * @throws IllegalArgumentException if there is no such name, or the width is out of range
     */
    public static Architecture of(String name, double width) {
        if (!(width > 0 && width <= 8)) {
            throw new IllegalArgumentException(
                    "width is %s but must be above 0 and at most 8.".formatted(width));
        }
        Preset preset = find(name);
        String canonical = name.toLowerCase(Locale.ROOT);
        String full = width == preset.width ? canonical : canonical + "_w" + width(width);
        return preset.table.apply(width).withName(full);
    }

    /** Without a fraction of zeros, for instance {@code 2} and {@code 0.25}. */
    private static String width(double width) {
        return width == Math.rint(width) ? Long.toString((long) width) : Double.toString(width);
    }

    private static Preset find(String name) {
        Preset preset = ALL.get(name.toLowerCase(Locale.ROOT));
        if (preset == null) {
            throw new IllegalArgumentException(
                    "There is no architecture %s; known are %s."
                            .formatted(name, String.join(", ", ALL.keySet())));
        }
        return preset;
    }

    /**
     * Finds a library's net that computes the same from the same weights, but for the epsilon of
     * batch norm.
     *
     * @param net the architecture
     * @param names which presets to look among, at their own width and at those of 0.05 to 3
     * @return the preset with the net's classes, input channels, stem stride and dropout
     */
    public static Optional<Architecture> like(Architecture net, Predicate<String> names) {
        // A table at another width is called by its preset of width 1, if there is one.
        List<String> likeliest =
                ALL.keySet().stream()
                        .filter(names)
                        .sorted(Comparator.comparing(name -> ALL.get(name).width != 1))
                        .toList();
        return Stream.concat(
                        likeliest.stream().map(Presets::of),
                        likeliest.stream()
                                .flatMap(name -> widths().mapToObj(width -> of(name, width))))
                .filter(preset -> preset.conventions().names() == net.conventions().names())
                .filter(preset -> preset.task() == net.task())
                .map(
                        preset ->
                                preset.withClasses(net.classes())
                                        .withInputChannels(net.inputChannels())
                                        .withStemStride(net.stem().stride())
                                        .withDropout(net.head().dropout()))
                .filter(
                        preset ->
                                net.withName(preset.name())
                                        .withConventions(
                                                net.conventions()
                                                        .withNorm(preset.conventions().norm()))
                                        .equals(preset))
                .findFirst();
    }

    /**
     * Returns the usual widths, the likeliest first.
     *
     * @return 0.05 to 3 by 0.05, then by 0.01
     */
    public static DoubleStream widths() {
        return DoubleStream.concat(
                IntStream.rangeClosed(1, 60).mapToDouble(i -> i / 20.0),
                IntStream.rangeClosed(5, 300).filter(i -> i % 5 != 0).mapToDouble(i -> i / 100.0));
    }

    private static Architecture torchvision(
            Table table, double width, boolean reducedTail, boolean dilated) {
        int stem = makeDivisible(16 * width);
        int reduced = reducedTail ? 2 : 1;
        List<BlockSpec> blocks = new ArrayList<>();
        int in = stem;
        List<Row> rows = table.rows;
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            boolean tail = i >= rows.size() - 3; // from C4's last stride on
            boolean afterStride = i > rows.size() - 3;
            int expanded =
                    makeDivisible(Math.floorDiv(row.expanded, afterStride ? reduced : 1) * width);
            int out = makeDivisible(Math.floorDiv(row.out, tail ? reduced : 1) * width);
            boolean dilates = dilated && tail;
            int stride = dilates ? 1 : row.stride;
            int squeeze = row.se ? makeDivisible(Math.floorDiv(expanded, 4)) : 0;
            blocks.add(
                    new InvertedResidual.Spec(
                            row.kernel,
                            expanded,
                            out,
                            squeeze,
                            false,
                            row.activation,
                            stride,
                            stride,
                            dilates ? 2 : 1,
                            expanded != in,
                            // torchvision decides before it replaces the stride by dilation.
                            row.stride == 1 && in == out));
            in = out;
        }
        int hidden = makeDivisible(Math.floorDiv(table.hidden, reduced) * width);
        // Six times the last block's in the paper's nets.
        int times = table.last / rows.get(rows.size() - 1).out;
        return paper(table, stem, blocks, times * in, hidden, TORCHVISION);
    }

    /** The low map is the first of stride 8: torchvision takes the last strided row but two. */
    private static Architecture lrAspp(Table table, double width) {
        int[] strided =
                IntStream.range(0, table.rows.size())
                        .filter(i -> table.rows.get(i).stride != 1)
                        .toArray();
        return torchvision(table, width, false, true)
                .withClasses(PASCAL_VOC)
                .withHead(new LrAspp(128, strided[strided.length - 3]));
    }

    /** The first map is the expansion of the last strided row; only the trunk has a width. */
    private static Architecture ssdLite(Table table, double width, boolean reducedTail) {
        int tap =
                IntStream.range(0, table.rows.size())
                        .filter(i -> table.rows.get(i).stride != 1)
                        .max()
                        .orElseThrow();
        return torchvision(table, width, reducedTail, false)
                .withConventions(TORCHVISION.withNorm(DETECTOR))
                .withHead(new SsdLite(tap, List.of(512, 256, 256, 128)))
                .withClasses(COCO);
    }

    private static Architecture timm(Table table, double width, Conventions conventions) {
        // A narrow net keeps its stem (fix_stem in _gen_mobilenet_v3).
        int stem = width < 0.75 ? 16 : makeDivisible(16 * width);
        List<BlockSpec> blocks = new ArrayList<>();
        int tableIn = 16;
        int in = stem;
        for (Row row : table.rows) {
            int expanded = makeDivisible((double) in * row.expanded / tableIn);
            int out = makeDivisible(row.out * width);
            int squeeze = row.se ? makeDivisible(Math.floorDiv(expanded, 4)) : 0;
            blocks.add(
                    InvertedResidual.Spec.of(
                            in, row.kernel, expanded, out, squeeze, row.activation, row.stride));
            in = out;
            tableIn = row.out;
        }
        int last = makeDivisible(table.last * width);
        return paper(table, stem, blocks, last, table.hidden, conventions);
    }

    /** timm's depth multiplier 1.2 repeats rows of Large, and the convolution after them. */
    private static Architecture deeper(double width) {
        int[] picked = {0, 0, 1, 2, 2, 3, 4, 4, 4, 6, 7, 7, 8, 8, 10, 11, 11, 12, 13, 13, 13};
        List<Row> rows = IntStream.of(picked).mapToObj(LARGE.rows::get).toList();
        Architecture once = timm(new Table(rows, LARGE.last, LARGE.hidden), width, TIMM);
        Last twice = new Last(once.last().channels(), 1, 2, HARD_SWISH);
        return net(once.stem(), once.blocks(), twice, once.head(), TIMM);
    }

    /**
     * Ross Wightman's first port: no residual in the first block, gates that are not rounded and
     * have the block's own activation inside, no bias in the hidden layer.
     */
    private static Architecture rw(double width) {
        Architecture plain = timm(LARGE, width, TIMM);
        List<BlockSpec> blocks = new ArrayList<>();
        for (BlockSpec block : plain.blocks()) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) block;
            blocks.add(
                    new InvertedResidual.Spec(
                            row.kernel(),
                            row.expanded(),
                            row.out(),
                            row.squeeze() == 0 ? 0 : (int) Math.rint(row.expanded() * 0.25),
                            false,
                            row.activation(),
                            row.rowStride(),
                            row.columnStride(),
                            1,
                            row.expand(),
                            row.residual() && !blocks.isEmpty()));
        }
        Hidden hidden = new Hidden(LARGE.hidden, HARD_SWISH, false, false, true);
        Conventions conventions =
                TIMM.withNorm(TF.norm()).withGate(new Gate(Nonlinearity.HARD_SIGMOID, null));
        return net(
                plain.stem(),
                blocks,
                plain.last(),
                new Classifier(false, hidden, DROPOUT),
                conventions);
    }

    private static Architecture paddle(Table table, double width) {
        Hidden hidden = new Hidden(1280, HARD_SWISH, false, false, true);
        return paddle(table, width, false, new Classifier(false, hidden, DROPOUT));
    }

    /** Blocks halve rows only, and a max pool stands before the average pool. */
    private static Architecture paddleOcr(Table table, double width) {
        return paddle(table, width, true, new Classifier(true, null, DROPOUT));
    }

    /** Every block expands, and the gates are a quarter as wide without rounding. */
    private static Architecture paddle(Table table, double width, boolean keepsColumns, Head head) {
        int stem = makeDivisible(16 * width);
        List<BlockSpec> blocks = new ArrayList<>();
        int in = stem;
        for (Row row : table.rows) {
            int expanded = makeDivisible(row.expanded * width);
            int out = makeDivisible(row.out * width);
            blocks.add(
                    new InvertedResidual.Spec(
                            row.kernel,
                            expanded,
                            out,
                            row.se ? expanded / 4 : 0,
                            false,
                            row.activation,
                            row.stride,
                            keepsColumns ? 1 : row.stride,
                            1,
                            true,
                            row.stride == 1 && in == out));
            in = out;
        }
        Last last = new Last(makeDivisible(table.last * width), 1, 1, HARD_SWISH);
        return net(new Stem(stem, 2, HARD_SWISH), blocks, last, head, PADDLE);
    }

    /** Stem, last convolution and head of a V3: h-swish, or ReLU where no block has h-swish. */
    private static Architecture paper(
            Table table,
            int stem,
            List<BlockSpec> blocks,
            int last,
            int hidden,
            Conventions conventions) {
        boolean minimal = table.rows.stream().noneMatch(row -> row.activation == HARD_SWISH);
        Nonlinearity activation = minimal ? RELU : HARD_SWISH;
        return net(
                new Stem(stem, 2, activation),
                blocks,
                new Last(last, 1, 1, activation),
                new Classifier(false, new Hidden(hidden, activation, true, false, true), DROPOUT),
                conventions);
    }

    /** With 3 input channels and 1000 classes; {@link #of} puts the name in. */
    private static Architecture net(
            Stem stem, List<BlockSpec> blocks, Last last, Head head, Conventions conventions) {
        return new Architecture("preset", 3, 1000, stem, blocks, last, head, conventions);
    }

    private static Architecture mobileNetV2(double width) {
        int stem = makeDivisible(32 * width);
        List<BlockSpec> blocks = new ArrayList<>();
        int in = stem;
        for (int[] stage : V2) {
            int out = makeDivisible(stage[1] * width);
            for (int i = 0; i < stage[2]; i++) {
                int stride = i == 0 ? stage[3] : 1;
                int expanded = in * stage[0];
                blocks.add(
                        new InvertedResidual.Spec(
                                3,
                                expanded,
                                out,
                                0,
                                false,
                                RELU6,
                                stride,
                                stride,
                                1,
                                stage[0] != 1,
                                stride == 1 && in == out));
                in = out;
            }
        }
        return net(
                new Stem(stem, 2, RELU6),
                blocks,
                new Last(makeDivisible(1280 * Math.max(1, width)), 1, 1, RELU6),
                new Classifier(false, null, DROPOUT),
                new Conventions(
                        Norm.PYTORCH, Padding.SYMMETRIC, Gate.PAPER, ParameterNames.MOBILENET_V2));
    }

    private static Architecture article(List<Dense> rows, double width) {
        boolean large = rows == ARTICLE_LARGE;
        List<BlockSpec> blocks = new ArrayList<>();
        for (Dense row : rows) {
            int out = makeDivisible(row.out * width);
            blocks.add(
                    new ResidualBlock.Spec(row.kernel, out, out, row.se ? out / 4 : 0, row.stride));
        }
        int last = makeDivisible((large ? 960 : 576) * width);
        int hidden = makeDivisible((large ? 1280 : 1024) * width);
        return net(
                new Stem(makeDivisible(16 * width), 2, HARD_SWISH),
                blocks,
                new Last(last, large ? 1 : 2, 1, HARD_SWISH),
                // The Small's hidden layer is a convolution without bias before the pool.
                new Classifier(false, new Hidden(hidden, HARD_SWISH, large, true, large), 0),
                Conventions.ARTICLE);
    }

    /**
     * Rounds a scaled width as torchvision's {@code _make_divisible}: to the nearest multiple of 8,
     * at least 8, never below 90 % of the value.
     *
     * @param channels a width, already multiplied
     * @return a multiple of 8
     */
    public static int makeDivisible(double channels) {
        int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }
}
