package org.mobilenetv3;

import com.google.gson.JsonElement;
import com.google.gson.annotations.JsonAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.InvertedResidual;
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

    static void requireChannels(String what, int channels) {
        require(channels >= 1 && channels <= WIDEST, what, channels, "1 to 65536");
    }

    static void require(boolean ok, String what, Object value, String expected) {
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
     * Reads an architecture.
     *
     * @param json as Gson writes it (docs/architectures.md)
     * @return the table
     * @throws com.google.gson.JsonParseException if it is none, saying why
     */
    public static Architecture read(JsonElement json) {
        return ArchitectureJson.read(json);
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
        Head.SsdLite detects = (Head.SsdLite) head;
        int rows = ceilDiv(height, stem.stride);
        int columns = ceilDiv(width, stem.stride);
        List<Anchors.Grid> maps = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            if (i == detects.tap()) {
                maps.add(new Anchors.Grid(rows, columns));
            }
            rows = ceilDiv(rows, blocks.get(i).rowStride());
            columns = ceilDiv(columns, blocks.get(i).columnStride());
        }
        maps.add(new Anchors.Grid(rows, columns));
        for (int i = 0; i < detects.extra().size(); i++) {
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
