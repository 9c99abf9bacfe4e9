package org.mobilenetv3.nn;

import org.mobilenetv3.graph.Nonlinearity;

/** {@code relu6(x + 3) / 6}, any shape in, the same shape out (the paper, section 5.2). */
public final class HardSigmoid extends ActivationBlock {

    /** Creates the block; it has no parameters. */
    public HardSigmoid() {
        super(Nonlinearity.HARD_SIGMOID);
    }
}
