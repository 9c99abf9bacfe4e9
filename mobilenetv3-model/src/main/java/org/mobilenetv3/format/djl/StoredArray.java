package org.mobilenetv3.format.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.mobilenetv3.format.Tensor;

/**
 * A tensor as one of DJL's arrays, which needs no engine: it gives its shape, its numbers and its
 * encoded form, and computes nothing.
 */
public final class StoredArray implements InvocationHandler {

    private final Shape shape;
    private final Tensor tensor;
    private String name;

    private StoredArray(Shape shape, Tensor tensor) {
        this.shape = shape;
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
        return (NDArray)
                Proxy.newProxyInstance(
                        StoredArray.class.getClassLoader(),
                        new Class<?>[] {NDArray.class},
                        new StoredArray(shape, tensor));
    }

    /**
     * Returns what an array was made of.
     *
     * @param array any array, or null
     * @return empty if it is not one of these
     */
    static Optional<Tensor> tensor(NDArray array) {
        return array != null
                        && Proxy.isProxyClass(array.getClass())
                        && Proxy.getInvocationHandler(array) instanceof StoredArray stored
                ? Optional.of(stored.tensor)
                : Optional.empty();
    }

    @Override
    public Object invoke(Object self, Method method, Object[] args) throws Throwable {
        return switch (method.getName()) {
            case "getShape" -> shape;
            case "getDataType" -> DataType.FLOAT32;
            case "getSparseFormat" -> SparseFormat.DENSE;
            case "getName" -> name;
            case "setName" -> {
                name = (String) args[0];
                yield null;
            }
            case "toFloatArray" -> floats();
            case "toByteBuffer" ->
                    ByteBuffer.wrap(Tensor.littleEndian(floats())).order(ByteOrder.LITTLE_ENDIAN);
            case "close", "setRequiresGradient" -> null;
            case "hashCode" -> System.identityHashCode(self);
            case "equals" -> self == args[0];
            case "toString" -> tensor.toString();
            default -> {
                if (method.isDefault()) { // such as encode and toByteArray
                    yield InvocationHandler.invokeDefault(self, method, args);
                }
                throw new IllegalStateException("no engine for NDArray." + method.getName());
            }
        };
    }

    private float[] floats() {
        try {
            return tensor.floats();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
