package org.mobilenetv3.nn;

import org.mobilenetv3.graph.Nonlinearity;

/** {@code x * relu6(x + 3) / 6}, any shape in, the same shape out (the paper, section 5.2). */
public final class HardSwish extends ActivationBlock {

    /** Creates the block; it has no parameters. */
    public HardSwish() {
        super(Nonlinearity.HARD_SWISH);
    }
}
