package org.mobilenetv3;

import com.google.gson.annotations.JsonAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * A net as a table: everything that decides what it computes, its weights aside. {@link Presets}
 * has those of the well-known libraries by name; {@link MobileNetV3#of(Architecture)} makes the
 * net.
 *
 * <p>In JSON, as in a package's {@code model.json} and in files for {@code --arch}, it is read and
 * written by {@link ArchitectureJson}; docs/architectures.md describes the form.
 *
 * @param name for people and file names: letters, digits, {@code . _ -}
 * @param inputChannels 3 for RGB, 1 for gray
 * @param classes number of logits, of each pixel in a net that segments; a net that detects has one
 *     more for the background
 * @param stem the first convolution
 * @param blocks what follows, in running order
 * @param last the convolution after the blocks
 * @param head from the last feature map to the logits, the mask or the boxes
 * @param conventions batch norm, padding, gates, and names of the parameters
 */
@JsonAdapter(ArchitectureJson.class)
public record Architecture(
        String name,
        int inputChannels,
        int classes,
        Stem stem,
        List<BlockSpec> blocks,
        Last last,
        Head head,
        Conventions conventions) {

    private static final int WIDEST = 65_536;
    private static final String DROPOUT = "head.dropout";

    /**
     * The first convolution, 3×3 with batch norm.
     *
     * @param channels output channels
     * @param stride 2, or 1 for images of about 32×32
     * @param activation what follows batch norm
     */
    public record Stem(int channels, int stride, Nonlinearity activation) {}

    /**
     * The convolution after the blocks, 1×1 with batch norm.
     *
     * @param channels output channels
     * @param groups channel groups, 1 in all nets but the article's Small
     * @param repeats how many such convolutions follow each other, 1 in all nets but timm's 150d
     * @param activation what follows batch norm
     */
    public record Last(int channels, int groups, int repeats, Nonlinearity activation) {}

    /** What stands after the last feature map, or between it and an earlier one. */
    public sealed interface Head {

        /**
         * Returns what a net with this head does.
         *
         * @return classify, detect or segment
         */
        Task task();

        /**
         * Returns the dropout before the last layer.
         *
         * @return share dropped in training, 0 for heads that have none
         */
        default float dropout() {
            return 0;
        }

        /**
         * Changes dropout.
         *
         * @param other share dropped before the last layer in training
         * @return this head but for dropout
         * @throws IllegalArgumentException if the head has none, and it is not 0
         */
        default Head withDropout(float other) {
            Architecture.require(other == 0, DROPOUT, other, "0 for a net that " + task().verb());
            return this;
        }

        /**
         * Returns how many pixels of the last feature map the head needs.
         *
         * @return 1 for most
         */
        default int smallestMap() {
            return 1;
        }

        /**
         * Finds the parameter of a classifier that a net with this head can start with: the two
         * have the trunk in common.
         *
         * @param parameter a name in the net's state dict
         * @return the same parameter's in the state dict of a net with the same table and a
         *     classifier's head; empty if that has none
         */
        default Optional<String> inClassifier(String parameter) {
            return Optional.of(parameter);
        }

        /**
         * Returns how few classes there may be.
         *
         * @return 2, or 1 where the background is none
         */
        default int leastClasses() {
            return 2;
        }

        /**
         * Returns how many classes there may be.
         *
         * @return as many as one likes, or what a mask's byte can tell apart
         */
        default int mostClasses() {
            return Integer.MAX_VALUE;
        }

        /**
         * Refuses what does not go together.
         *
         * @param rows of the net's table
         * @param names of the net's parameters
         * @throws IllegalArgumentException names the value and what it must be
         */
        void check(List<BlockSpec> rows, ParameterNames names);
    }

    /**
     * From the last feature map to the logits: average pool, hidden layer, dropout, linear layer.
     *
     * @param maxPool whether a 2×2 max pool stands before the average pool, as in PaddleOCR's
     * @param hidden the layer before the last, or null for none
     * @param dropout share dropped before the last layer in training, at least 0 and below 1
     */
    public record Classifier(boolean maxPool, Hidden hidden, float dropout) implements Head {

        @Override
        public Task task() {
            return Task.CLASSIFY;
        }

        @Override
        public Classifier withDropout(float other) {
            return new Classifier(maxPool, hidden, other);
        }

        /** The max pool needs two pixels. */
        @Override
        public int smallestMap() {
            return maxPool ? 2 : 1;
        }

        @Override
        public void check(List<BlockSpec> rows, ParameterNames names) {
            if (hidden != null) {
                requireChannels("head.hidden.width", hidden.width);
            }
            require(dropout >= 0 && dropout < 1, DROPOUT, dropout, "at least 0 and below 1");
            require(
                    names != ParameterNames.ARTICLE || dropout == 0,
                    DROPOUT,
                    dropout,
                    "0 with the article's names");
        }
    }

    /**
     * LR-ASPP (the V3 paper, section 6.4): the last feature map, gated by its own mean, and an
     * earlier one of twice its size are classified pixel by pixel and added up.
     *
     * @param inner channels between the last feature map and its classes, 128 in the paper
     * @param low the row whose output is the earlier map, counted from 0
     */
    public record LrAspp(int inner, int low) implements Head {

        @Override
        public Task task() {
            return Task.SEGMENT;
        }

        @Override
        public Optional<String> inClassifier(String parameter) {
            return parameter.startsWith("backbone.")
                    ? Optional.of(parameter.replaceFirst("backbone", "features"))
                    : Optional.empty();
        }

        /** A mask has a byte for each pixel, and 255 means no class. */
        @Override
        public int mostClasses() {
            return 255;
        }

        @Override
        public void check(List<BlockSpec> rows, ParameterNames names) {
            requireNotArticles(names);
            requireChannels("head.inner", inner);
            requireRow("head.low", low, rows);
        }
    }

    /**
     * SSDLite (the V2 paper, section 6.2) as torchvision has it: boxes are predicted from the
     * expansion of a row, the last feature map, and one map of each extra block.
     *
     * @param tap the row whose expansion is the first map, counted from 0; it does not add its
     *     input
     * @param extra channels of the extra blocks' outputs, each map half as large as the one before
     */
    public record SsdLite(int tap, List<Integer> extra) implements Head {

        /** Copies the list. */
        public SsdLite {
            extra = List.copyOf(extra);
        }

        @Override
        public Task task() {
            return Task.DETECT;
        }

        @Override
        public int leastClasses() {
            return 1;
        }

        @Override
        public void check(List<BlockSpec> rows, ParameterNames names) {
            requireNotArticles(names);
            requireRow("head.tap", tap, rows);
            require(
                    rows.get(tap) instanceof InvertedResidual.Spec row
                            && row.expand()
                            && !row.residual(),
                    "head.tap",
                    tap,
                    "a row with an expansion that does not add its input");
            for (int channels : extra) {
                requireChannels("head.extra", channels);
            }
        }
    }

    /**
     * The layer before the last.
     *
     * @param width output channels
     * @param activation at its end
     * @param bias whether the layer has a bias
     * @param norm whether batch norm follows
     * @param pooled whether it stands after the average pool, as in all nets but the article's
     *     Small
     */
    public record Hidden(
            int width, Nonlinearity activation, boolean bias, boolean norm, boolean pooled) {}

    /**
     * Refuses values out of range in one sentence.
     *
     * @throws IllegalArgumentException names the value and what it must be
     */
    public Architecture {
        Objects.requireNonNull(conventions, "conventions");
        require(
                name != null && name.matches("[A-Za-z0-9._-]{1,80}"),
                "name",
                name,
                "1 to 80 letters, digits and . _ -");
        require(
                inputChannels >= 1 && inputChannels <= WIDEST,
                "inputChannels",
                inputChannels,
                "1 to 65536");
        require(
                classes >= head.leastClasses(),
                "classes",
                classes,
                "at least " + head.leastClasses());
        require(classes <= head.mostClasses(), "classes", classes, "at most " + head.mostClasses());
        requireChannels("stem.channels", stem.channels);
        require(stem.stride == 1 || stem.stride == 2, "stem.stride", stem.stride, "1 or 2");
        blocks = List.copyOf(blocks);
        require(!blocks.isEmpty(), "blocks", "empty", "a row for each block");
        int in = stem.channels;
        for (int i = 0; i < blocks.size(); i++) {
            require("blocks[" + i + "]", in, blocks.get(i));
            in = blocks.get(i).out();
        }
        requireChannels("last.channels", last.channels);
        require(
                last.groups >= 1 && in % last.groups == 0 && last.channels % last.groups == 0,
                "last.groups",
                last.groups,
                "a divisor of " + in + " and " + last.channels);
        require(last.repeats >= 1 && last.repeats <= 8, "last.repeats", last.repeats, "1 to 8");
        head.check(blocks, conventions.names());
    }

    private void require(String row, int in, BlockSpec block) {
        requireChannels(row + ".out", block.out());
        requireStride(row, block.rowStride());
        requireStride(row, block.columnStride());
        if (block instanceof InvertedResidual.Spec spec) {
            requireKernel(row, spec.kernel());
            requireChannels(row + ".expanded", spec.expanded());
            require(
                    spec.squeeze() >= 0 && spec.squeeze() <= WIDEST,
                    row + ".squeeze",
                    spec.squeeze(),
                    "0 (none) to 65536");
            require(
                    spec.dilation() >= 1 && spec.dilation() <= 16,
                    row + ".dilation",
                    spec.dilation(),
                    "1 to 16");
        } else if (block instanceof ResidualBlock.Spec spec) {
            requireKernel(row, spec.kernel());
            requireChannels(row + ".inner", spec.inner());
        }
        if (block.misfit(in) != null) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s of the architecture does not fit its %d input channels: it is %s.",
                            row,
                            in,
                            block.misfit(in)));
        }
    }

    private static void requireKernel(String row, int kernel) {
        require(
                kernel >= 1 && kernel <= 31 && kernel % 2 == 1,
                row + ".kernel",
                kernel,
                "odd, 1 to 31");
    }

    private static void requireStride(String row, int stride) {
        require(stride == 1 || stride == 2, row + ".stride", stride, "1 or 2");
    }

    private static void requireNotArticles(ParameterNames names) {
        require(
                names != ParameterNames.ARTICLE,
                "names",
                names,
                "others than the article's, which only has classifiers");
    }

    private static void requireRow(String what, int row, List<BlockSpec> rows) {
        require(row >= 0 && row < rows.size(), what, row, "a row, 0 to " + (rows.size() - 1));
    }

    private static void requireChannels(String what, int channels) {
        require(channels >= 1 && channels <= WIDEST, what, channels, "1 to 65536");
    }

    private static void require(boolean ok, String what, Object value, String expected) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "%s of the architecture is %s but must be %s."
                            .formatted(what, value, expected));
        }
    }

    /**
     * Changes the name.
     *
     * @param other letters, digits, {@code . _ -}
     * @return this architecture but for the name
     */
    public Architecture withName(String other) {
        return new Architecture(
                other, inputChannels, classes, stem, blocks, last, head, conventions);
    }

    /**
     * Changes the classes.
     *
     * @param other number of logits
     * @return this architecture but for the classes
     */
    public Architecture withClasses(int other) {
        return new Architecture(name, inputChannels, other, stem, blocks, last, head, conventions);
    }

    /**
     * Changes the input channels.
     *
     * @param other 3 for RGB, 1 for gray
     * @return this architecture but for the input channels
     */
    public Architecture withInputChannels(int other) {
        return new Architecture(name, other, classes, stem, blocks, last, head, conventions);
    }

    /**
     * Changes the stride of the first convolution.
     *
     * @param other 1 or 2
     * @return this architecture but for the stride
     */
    public Architecture withStemStride(int other) {
        Stem changed = new Stem(stem.channels, other, stem.activation);
        return new Architecture(
                name, inputChannels, classes, changed, blocks, last, head, conventions);
    }

    /**
     * Changes the rows.
     *
     * @param others in running order
     * @return this architecture but for the blocks
     */
    public Architecture withBlocks(List<BlockSpec> others) {
        return new Architecture(
                name, inputChannels, classes, stem, others, last, head, conventions);
    }

    /**
     * Changes dropout.
     *
     * @param other share dropped before the last layer in training
     * @return this architecture but for dropout
     */
    public Architecture withDropout(float other) {
        return withHead(head.withDropout(other));
    }

    /**
     * Changes the head.
     *
     * @param other what stands after the last feature map
     * @return this architecture but for the head
     */
    public Architecture withHead(Head other) {
        return new Architecture(
                name, inputChannels, classes, stem, blocks, last, other, conventions);
    }

    /**
     * Changes what all blocks have in common.
     *
     * @param other batch norm, padding, gates and names
     * @return this architecture but for the conventions
     */
    public Architecture withConventions(Conventions other) {
        return new Architecture(name, inputChannels, classes, stem, blocks, last, head, other);
    }

    /**
     * Returns the smallest image that the net takes: one pixel of the last map after all strides.
     *
     * @return pixels in either direction, 32 for most nets, 16 with stem stride 1
     */
    public int minimumInputSize() {
        int rows = stem.stride;
        int columns = stem.stride;
        for (BlockSpec block : blocks) {
            rows *= block.rowStride();
            columns *= block.columnStride();
        }
        return Math.max(rows, columns) + head.smallestMap() - 1;
    }

    /**
     * Returns the boxes that the outputs of a net that detects are relative to.
     *
     * @param height of its input, in pixels
     * @param width of its input, in pixels
     * @return in the order of its outputs
     * @throws IllegalArgumentException if the net does not detect
     */
    public Anchors anchors(int height, int width) {
        requireTask(Task.DETECT, "An anchor");
        SsdLite detects = (SsdLite) head;
        int rows = ceilDiv(height, stem.stride);
        int columns = ceilDiv(width, stem.stride);
        List<Anchors.Grid> maps = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            if (i == detects.tap) {
                maps.add(new Anchors.Grid(rows, columns));
            }
            rows = ceilDiv(rows, blocks.get(i).rowStride());
            columns = ceilDiv(columns, blocks.get(i).columnStride());
        }
        maps.add(new Anchors.Grid(rows, columns));
        for (int i = 0; i < detects.extra.size(); i++) {
            rows = ceilDiv(rows, 2);
            columns = ceilDiv(columns, 2);
            maps.add(new Anchors.Grid(rows, columns));
        }
        return new Anchors(height, width, maps);
    }

    private static int ceilDiv(int size, int stride) {
        return (size + stride - 1) / stride;
    }

    /**
     * Returns what the net does.
     *
     * @return classify, detect or segment
     */
    public Task task() {
        return head.task();
    }

    /**
     * Refuses nets that do something else.
     *
     * @param wanted what the net must do
     * @param by what asks for it, for instance {@code prune}
     * @throws IllegalArgumentException in one sentence, if the net does something else
     */
    public void requireTask(Task wanted, String by) {
        if (task() != wanted) {
            throw new IllegalArgumentException(
                    "%s takes nets that %s, but %s %s.".formatted(by, wanted, name, task().verb()));
        }
    }

    /** For people, for instance {@code mobilenet_v3_small, 10 classes, 3 input channels, ...}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %d classes, %d input channels, stem stride %d",
                name,
                classes,
                inputChannels,
                stem.stride);
    }
}
