package org.mobilenetv3.torchscript;

/** A 16-bit type to compute in; weights and statistics stay in 32 bits. */
public enum Precision {
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
}
