package org.mobilenetv3.torchscript;

/** What to compute in where that is safe; weights and statistics stay in 32 bits. */
public enum Precision {
    /**
     * Floats of 32 bits whose last 13 a GPU leaves out when it multiplies in convolutions and
     * linear layers: 11 significant bits, the sums in 32 bits. Elsewhere plain 32 bits.
     */
    TF32(6),
    /** bfloat16: the range of 32-bit floats, 8 significant bits. */
    BF16(15),
    /** IEEE half: 11 significant bits, largest value 65504. */
    FP16(5);

    private final int scalarType;

    Precision(int scalarType) {
        this.scalarType = scalarType;
    }

    /** PyTorch's number of the type (c10/core/ScalarType.h). */
    int scalarType() {
        return scalarType;
    }

    boolean isHalf() {
        return this != TF32;
    }
}
