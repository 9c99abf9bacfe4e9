package org.mobilenetv3.weights;

import ai.djl.util.Float16Utils;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What a tensor's elements are. The constants' names are safetensors'. */
public enum ElementType {
    /** 64-bit floating point. */
    F64(8, "DoubleStorage"),
    /** 32-bit floating point. */
    F32(4, "FloatStorage"),
    /** 16-bit floating point, IEEE 754. */
    F16(2, "HalfStorage"),
    /** 16-bit floating point with the range of 32 bits. */
    BF16(2, "BFloat16Storage"),
    /** 64-bit integer. */
    I64(8, "LongStorage"),
    /** 32-bit integer. */
    I32(4, "IntStorage"),
    /** 16-bit integer. */
    I16(2, "ShortStorage"),
    /** 8-bit integer. */
    I8(1, "CharStorage"),
    /** 8-bit integer without sign. */
    U8(1, "ByteStorage"),
    /** A truth value in one byte. */
    BOOL(1, "BoolStorage");

    private final int bytes;
    private final String storage;

    ElementType(int bytes, String storage) {
        this.bytes = bytes;
        this.storage = storage;
    }

    /**
     * Gives the size.
     *
     * @return bytes of one element
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Gives PyTorch's name.
     *
     * @return the class of {@code torch} that stores such elements, for instance {@code
     *     FloatStorage}
     */
    public String storage() {
        return storage;
    }

    static Optional<ElementType> ofSafeTensors(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static Optional<ElementType> ofStorage(String name) {
        for (ElementType type : values()) {
            if (type.storage.equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Takes the next element of a little-endian buffer. */
    float next(ByteBuffer buffer) {
        return switch (this) {
            case F64 -> (float) buffer.getDouble();
            case F32 -> buffer.getFloat();
            case F16 -> Float16Utils.halfToFloat(buffer.getShort());
            case BF16 -> Float.intBitsToFloat(buffer.getShort() << 16);
            case I64 -> (float) buffer.getLong();
            case I32 -> (float) buffer.getInt();
            case I16 -> buffer.getShort();
            case I8 -> buffer.get();
            case U8 -> buffer.get() & 0xFF;
            case BOOL -> buffer.get() == 0 ? 0 : 1;
        };
    }
}
