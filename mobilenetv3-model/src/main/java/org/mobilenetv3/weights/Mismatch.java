package org.mobilenetv3.weights;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.Architecture;

/**
 * How a file differs from a net, as PyTorch's {@code load_state_dict} tells it.
 *
 * @param net the architecture
 * @param names by our name, the file's
 * @param missing names that the net needs and the file lacks
 * @param unexpected names that the file has and the net does not know
 * @param misshapen names with both shapes
 */
record Mismatch(
        Architecture net,
        Map<String, String> names,
        List<String> missing,
        List<String> unexpected,
        List<String> misshapen) {

    /** How many names an error spells out. */
    private static final int LISTED = 4;

    /** PyTorch's counter of batches, which nothing reads. */
    private static final String COUNTER = ".num_batches_tracked";

    static Mismatch of(
            Architecture net,
            Map<String, String> names,
            Map<String, Shape> expected,
            Map<String, Shape> found) {
        List<String> misshapen = new ArrayList<>();
        Set<String> missing = new LinkedHashSet<>(expected.keySet());
        missing.removeAll(found.keySet());
        Set<String> unexpected = new LinkedHashSet<>(found.keySet());
        unexpected.removeAll(expected.keySet());
        unexpected.removeIf(name -> name.endsWith(COUNTER));
        for (Map.Entry<String, Shape> entry : expected.entrySet()) {
            Shape shape = found.get(entry.getKey());
            if (shape != null && !fits(shape, entry.getValue())) {
                misshapen.add(
                        "%s is %s instead of %s"
                                .formatted(entry.getKey(), shape, entry.getValue()));
            }
        }
        return new Mismatch(net, names, List.copyOf(missing), List.copyOf(unexpected), misshapen);
    }

    /** A 1×1 convolution on a vector is a linear layer. */
    private static boolean fits(Shape found, Shape expected) {
        boolean pointwise =
                found.dimension() == 4
                        && expected.dimension() == 2
                        && found.get(2) == 1
                        && found.get(3) == 1;
        return pointwise ? found.slice(0, 2).equals(expected) : found.equals(expected);
    }

    int count() {
        return missing.size() + unexpected.size() + misshapen.size();
    }

    IOException toException(Path file) {
        List<String> parts = new ArrayList<>();
        if (!missing.isEmpty()) {
            parts.add("missing keys: " + some(missing));
        }
        if (!unexpected.isEmpty()) {
            parts.add("unexpected keys: " + some(unexpected));
        }
        if (!misshapen.isEmpty()) {
            parts.add("size mismatch: " + some(misshapen));
        }
        return new IOException(
                "%s does not fit the net that comes closest, %s: %s."
                        .formatted(file, net, String.join("; ", parts)));
    }

    /** The first few of many. */
    static String some(Collection<String> names) {
        String first = String.join(", ", names.stream().limit(LISTED).toList());
        int others = names.size() - LISTED;
        return names.isEmpty()
                ? "nothing"
                : others > 0 ? first + String.format(Locale.ROOT, " and %d more", others) : first;
    }
}
