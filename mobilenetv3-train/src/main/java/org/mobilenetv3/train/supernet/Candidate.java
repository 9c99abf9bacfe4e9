package org.mobilenetv3.train.supernet;

import java.util.List;

/**
 * A net of a {@link SearchSpace}.
 *
 * @param blocks a choice for each block of the largest net
 * @param last channels of the last convolution
 * @param hidden channels of the classifier's hidden layer, 0 if there is none
 */
public record Candidate(List<Choice> blocks, int last, int hidden) {

    /**
     * What becomes of a block.
     *
     * @param kept whether it is there; the rest says nothing if it is not
     * @param kernel size of the depthwise convolution
     * @param expanded channels of the depthwise convolution
     * @param gate whether it has squeeze and excitation
     */
    public record Choice(boolean kept, int kernel, int expanded, boolean gate) {

        /** A block that is left out; all such are equal. */
        static final Choice LEFT_OUT = new Choice(false, 0, 0, false);
    }

    /** Copies the list. */
    public Candidate {
        blocks = List.copyOf(blocks);
    }
}
