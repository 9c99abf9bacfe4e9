package org.mobilenetv3.format;

import ai.djl.util.Float16Utils;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What a tensor's elements are. The constants' names are safetensors'. */
public enum ElementType {
    /** 64-bit floating point. */
    F64(8, "DoubleStorage", 11),
    /** 32-bit floating point. */
    F32(4, "FloatStorage", 1),
    /** 16-bit floating point, IEEE 754. */
    F16(2, "HalfStorage", 10),
    /** 16-bit floating point with the range of 32 bits. */
    BF16(2, "BFloat16Storage", 16),
    /** 64-bit integer. */
    I64(8, "LongStorage", 7),
    /** 32-bit integer. */
    I32(4, "IntStorage", 6),
    /** 16-bit integer. */
    I16(2, "ShortStorage", 5),
    /** 8-bit integer. */
    I8(1, "CharStorage", 3),
    /** 8-bit integer without sign. */
    U8(1, "ByteStorage", 2),
    /** A truth value in one byte. */
    BOOL(1, "BoolStorage", 9);

    private final int bytes;
    private final String storage;
    private final int onnx;

    ElementType(int bytes, String storage, int onnx) {
        this.bytes = bytes;
        this.storage = storage;
        this.onnx = onnx;
    }

    /** Returns the bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * Returns PyTorch's name.
     *
     * @return the class of {@code torch} that stores such elements, for instance {@code
     *     FloatStorage}
     */
    public String storage() {
        return storage;
    }

    /** Returns ONNX's number, of {@code TensorProto.DataType}. */
    public int onnx() {
        return onnx;
    }

    /** Returns the type of ONNX's number; empty if such elements are not read. */
    public static Optional<ElementType> ofOnnx(long code) {
        return Arrays.stream(values()).filter(type -> type.onnx == code).findFirst();
    }

    /**
     * Returns the type of safetensors' name, as {@code F32}; empty if such elements are not read.
     */
    public static Optional<ElementType> ofSafeTensors(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    /**
     * Returns the type of PyTorch's name, as {@code FloatStorage}; empty if such elements are not
     * read.
     */
    public static Optional<ElementType> ofStorage(String name) {
        return Arrays.stream(values()).filter(type -> type.storage.equals(name)).findFirst();
    }

    /** Takes the next element of a little-endian buffer, as the nearest float. */
    public float next(ByteBuffer buffer) {
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
