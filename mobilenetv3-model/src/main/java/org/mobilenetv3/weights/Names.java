package org.mobilenetv3.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Names of a state dict, freed of what wrapped the net. */
final class Names {

    private static final Set<String> WRAPPERS =
            Set.of("module", "_orig_mod", "model", "net", "backbone");

    // torch.optim.swa_utils.AveragedModel counts its updates beside the net that it wraps.
    private static final String UPDATES = "n_averaged";

    private Names() {}

    /** Takes off first parts that all names have in common and that no net's own layers bear. */
    static Map<String, Tensor> withoutWrappers(Map<String, Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>(tensors);
        if (named.containsKey(UPDATES)) {
            named.remove(UPDATES);
            String wrapper = wrapper(named);
            if (!"module".equals(wrapper)) {
                return tensors;
            }
        }
        for (String wrapper = wrapper(named); wrapper != null; wrapper = wrapper(named)) {
            Map<String, Tensor> inner = new LinkedHashMap<>();
            int length = wrapper.length() + 1;
            named.forEach((name, tensor) -> inner.put(name.substring(length), tensor));
            named = inner;
        }
        return named;
    }

    private static String wrapper(Map<String, Tensor> tensors) {
        for (String wrapper : WRAPPERS) {
            String prefix = wrapper + ".";
            if (!tensors.isEmpty()
                    && tensors.keySet().stream().allMatch(n -> n.startsWith(prefix))) {
                return wrapper;
            }
        }
        return null;
    }
}
