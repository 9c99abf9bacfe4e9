package org.mobilenetv3.format.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.mobilenetv3.format.Tensor;

/**
 * A tensor as one of DJL's arrays, which needs no engine: it gives its shape, its numbers and its
 * encoded form, and computes nothing.
 */
public final class StoredArray extends NDArrayAdapter {

    private final Tensor tensor;

    private StoredArray(Shape shape, Tensor tensor) {
        super(null, null, shape, DataType.FLOAT32, "stored");
        this.tensor = tensor;
    }

    /**
     * Makes an array of 32-bit floats.
     *
     * @param tensor its numbers, which are read each time they are asked for
     * @return the array; it need not be closed
     */
    public static NDArray of(Tensor tensor) {
        return of(tensor.shape(), tensor);
    }

    /** An array of as many numbers in another shape. */
    static NDArray of(Shape shape, Tensor tensor) {
        return new StoredArray(shape, tensor);
    }

    /**
     * Returns what an array was made of.
     *
     * @param array any array, or null
     * @return empty if it is not one of these
     */
    static Optional<Tensor> tensor(NDArray array) {
        return array instanceof StoredArray stored ? Optional.of(stored.tensor) : Optional.empty();
    }

    @Override
    public SparseFormat getSparseFormat() {
        return SparseFormat.DENSE;
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        return ByteBuffer.wrap(Tensor.littleEndian(toFloatArray())).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public float[] toFloatArray() {
        try {
            return tensor.floats();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void setRequiresGradient(boolean required) {}

    @Override
    public void detach() {}

    @Override
    public void close() {}

    @Override
    public void intern(NDArray replaced) {
        throw new UnsupportedOperationException("Stored numbers cannot be replaced.");
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public String toString() {
        return tensor.toString();
    }
}
