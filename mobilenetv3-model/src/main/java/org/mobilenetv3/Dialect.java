package org.mobilenetv3;

import org.mobilenetv3.nn.Norm;

/**
 * Whose reading of the paper: the well-known implementations share its tables but not every number
 * that the paper leaves open, so each one's weights need its own.
 */
public enum Dialect {
    /** torchvision, as this project's own nets: batch norm 1e-3 and 0.01. */
    TORCHVISION,
    /**
     * timm: batch norm 1e-5 and 0.1; with other widths than 1, expansions follow from a block's
     * rounded input, and the hidden layer and a narrow net's stem keep their widths.
     */
    TIMM,
    /**
     * PaddleOCR's text-direction classifier: batch norm 1e-5 and 0.1, gates a quarter as wide
     * without rounding, every block expands, blocks halve rows only, and a 2×2 max pool stands
     * before the average pool, whose output goes to the classes at once.
     */
    PADDLE_OCR;

    /**
     * Gives the settings of batch normalisation.
     *
     * @return epsilon and momentum
     */
    public Norm norm() {
        return this == TORCHVISION ? Norm.PAPER : Norm.PYTORCH;
    }
}
