package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.torchscript.Script;

/**
 * Operations on two lists of tensors, in place and on any device, one native call each. Used by one
 * thread, with autograd off.
 */
final class TensorLists implements AutoCloseable {

    private static final String METHODS =
            """
              def add(self: __torch__.Net, h: Tensor) -> Tensor:
                for i in range(torch.len(self.a)):
                  _0 = torch.add_(self.a[i], torch.to(self.b[i], self.a[i]))
                return h
              def copy(self: __torch__.Net, h: Tensor) -> Tensor:
                for i in range(torch.len(self.a)):
                  _0 = torch.copy_(self.a[i], self.b[i])
                return h
              def swap(self: __torch__.Net, h: Tensor) -> Tensor:
                for i in range(torch.len(self.a)):
                  t = torch.clone(self.a[i])
                  _0 = torch.copy_(self.a[i], self.b[i])
                  _1 = torch.copy_(self.b[i], t)
                return h
              def lerp(self: __torch__.Net, h: Tensor) -> Tensor:
                torch._foreach_lerp_(self.a, self.b, float(h))
                return h
              def approach(self: __torch__.Net, h: Tensor) -> Tensor:
                d = torch._foreach_sub(self.b, self.a)
                torch._foreach_mul_(d, torch.select(h, 0, 1))
                torch._foreach_add_(self.a, d)
                return h
              def scale(self: __torch__.Net, h: Tensor) -> Tensor:
                torch._foreach_mul_(self.a, float(h))
                return h
            """;

    private final NDManager manager;
    private final Script script;
    private List<NDArray> first = List.of();
    private List<NDArray> second = List.of();

    TensorLists(NDManager parent) {
        manager = parent.newSubManager();
        script = new Script(manager, List.of("a", "b"), METHODS);
    }

    /** {@code to += other}. */
    void add(List<NDArray> to, List<NDArray> other) {
        call("add", to, other, 0);
    }

    /** {@code to = from}, bit for bit. */
    void copy(List<NDArray> to, List<NDArray> from) {
        call("copy", to, from, 0);
    }

    /** Exchanges the numbers, bit for bit. */
    void swap(List<NDArray> one, List<NDArray> other) {
        call("swap", one, other, 0);
    }

    /** {@code to += share * (other - to)}. */
    void lerp(List<NDArray> to, List<NDArray> other, double share) {
        call("lerp", to, other, share);
    }

    /**
     * {@code to += share * (other - to)}, where the share is the second of two values on the
     * device.
     */
    void lerp(List<NDArray> to, List<NDArray> other, NDArray share) {
        bind(to, other);
        script.call("approach", share).close();
    }

    /** {@code to *= factor}. */
    void scale(List<NDArray> to, double factor) {
        call("scale", to, to, factor);
    }

    private void call(String method, List<NDArray> a, List<NDArray> b, double number) {
        if (a.isEmpty()) {
            return;
        }
        bind(a, b);
        try (NDArray h = manager.create(number)) {
            script.call(method, h).close();
        }
    }

    private void bind(List<NDArray> a, List<NDArray> b) {
        if (a != first) {
            script.bind("a", a);
            first = a;
        }
        if (b != second) {
            script.bind("b", b);
            second = b;
        }
    }

    /** Arrays of 32-bit floats as {@code NAME.WHAT}, to be read when they are asked for. */
    static Map<String, Tensor> named(List<String> names, String what, List<NDArray> arrays) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < arrays.size(); i++) {
            NDArray array = arrays.get(i);
            named.put(names.get(i) + "." + what, Tensor.of(array.getShape(), array::toFloatArray));
        }
        return named;
    }

    /**
     * Sets arrays to the numbers of what {@link #named} returned, bit for bit.
     *
     * @throws IOException if a tensor is missing or of another shape
     */
    void restore(List<String> names, String what, List<NDArray> arrays, Map<String, Tensor> saved)
            throws IOException {
        for (int i = 0; i < arrays.size(); i++) {
            Shape shape = arrays.get(i).getShape();
            float[] numbers = find(saved, names.get(i) + "." + what, shape).floats();
            try (NDArray array = manager.create(numbers, shape)) {
                copy(List.of(arrays.get(i)), List.of(array));
            }
        }
    }

    /** A saved number. */
    static float number(Map<String, Tensor> saved, String name) throws IOException {
        return find(saved, name, new Shape()).floats()[0];
    }

    private static Tensor find(Map<String, Tensor> saved, String name, Shape shape)
            throws IOException {
        Tensor tensor = saved.get(name);
        if (tensor == null || !tensor.shape().equals(shape)) {
            throw new IOException(
                    "The saved state is of another net or recipe: its %s is %s but must be %s."
                            .formatted(name, tensor == null ? "missing" : tensor.shape(), shape));
        }
        return tensor;
    }

    @Override
    public void close() {
        script.close();
        manager.close();
    }
}
