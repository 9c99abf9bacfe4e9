package org.mobilenetv3;

import java.util.List;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ParameterNames;

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
        Architecture.require(
                other == 0, "head.dropout", other, "0 for a net that " + task().verb());
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

    /**
     * From the last feature map to the logits: average pool, hidden layer, dropout, linear layer.
     *
     * @param maxPool whether a 2×2 max pool stands before the average pool, as in PaddleOCR's
     * @param hidden the layer before the last, or null for none
     * @param dropout share dropped before the last layer in training, at least 0 and below 1
     */
    record Classifier(boolean maxPool, Hidden hidden, float dropout) implements Head {

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
                Architecture.requireChannels("head.hidden.width", hidden.width);
            }
            Architecture.require(
                    dropout >= 0 && dropout < 1, "head.dropout", dropout, "at least 0 and below 1");
            Architecture.require(
                    names != ParameterNames.ARTICLE || dropout == 0,
                    "head.dropout",
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
    record LrAspp(int inner, int low) implements Head {

        @Override
        public Task task() {
            return Task.SEGMENT;
        }

        /** A mask has a byte for each pixel, and 255 means no class. */
        @Override
        public int mostClasses() {
            return 255;
        }

        @Override
        public void check(List<BlockSpec> rows, ParameterNames names) {
            requireNotArticles(names);
            Architecture.requireChannels("head.inner", inner);
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
    record SsdLite(int tap, List<Integer> extra) implements Head {

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
            Architecture.require(
                    rows.get(tap) instanceof InvertedResidual.Spec row
                            && row.expand()
                            && !row.residual(),
                    "head.tap",
                    tap,
                    "a row with an expansion that does not add its input");
            for (int channels : extra) {
                Architecture.requireChannels("head.extra", channels);
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
    record Hidden(int width, Nonlinearity activation, boolean bias, boolean norm, boolean pooled) {}

    private static void requireNotArticles(ParameterNames names) {
        Architecture.require(
                names != ParameterNames.ARTICLE,
                "names",
                names,
                "others than the article's, which only has classifiers");
    }

    private static void requireRow(String what, int row, List<BlockSpec> rows) {
        Architecture.require(
                row >= 0 && row < rows.size(), what, row, "a row, 0 to " + (rows.size() - 1));
    }
}
