package org.mobilenetv3.weights;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.Tensor;

/** Names of tensors, freed of what wrapped the net. */
final class Names {

    private static final Set<String> WRAPPERS =
            Set.of("module", "_orig_mod", "model", "net", "backbone");

    /** Copies of the net that is trained; taken only if there is no other. */
    private static final Pattern COPY =
            Pattern.compile(".*(ema|averaged?|avg|swa|teacher|momentum|target).*");

    // torch.optim.swa_utils.AveragedModel counts its updates beside the net that it wraps.
    private static final String UPDATES = "n_averaged";

    /** Where PaddleOCR has the last layer, beside the net under {@code backbone.}. */
    private static final String OCR_HEAD = "head.";

    private Names() {}

    /**
     * The net's tensors.
     *
     * @param tensors by names without what wrapped the net
     * @param prefix what was taken off, with its dot
     * @param leftOut names of tensors that are not of the net
     */
    record Unwrapped(Map<String, Tensor> tensors, String prefix, List<String> leftOut) {

        /** What was done, in sentences. */
        List<String> notes() {
            return leftOut.isEmpty()
                    ? List.of()
                    : List.of(
                            "The net lies under %s; left out beside it: %s."
                                    .formatted(Quoted.name(prefix), Mismatch.some(leftOut)));
        }
    }

    /**
     * Takes off the first parts under which a whole net lies. Without a net, those are taken off
     * that all names have in common and that no net's own layers bear.
     *
     * @param tensors of a file
     * @throws IOException if two nets are there and none is the likelier
     */
    static Unwrapped unwrap(Map<String, Tensor> tensors) throws IOException {
        List<String> prefixes = prefixes(tensors.keySet());
        if (prefixes.isEmpty()) {
            return new Unwrapped(withoutWrappers(tensors), "", List.of());
        }
        String prefix = prefixes.get(0);
        if (prefix.isEmpty()) { // whatever else there is belongs to the net
            return new Unwrapped(tensors, "", List.of());
        }
        if (prefixes.size() > 1 && unlikeness(prefixes.get(1)) == unlikeness(prefix)) {
            throw new IOException(
                    "it holds several nets, under %s and %s; save the one that you want in Python with torch.save(net.state_dict(), 'weights.pth')."
                            .formatted(Quoted.name(prefix), Quoted.name(prefixes.get(1))));
        }
        Map<String, Tensor> inner = new LinkedHashMap<>();
        List<String> leftOut = new ArrayList<>();
        boolean paddleOcr = tensors.containsKey(prefix + PaddleNames.OCR.mean());
        tensors.forEach(
                (name, tensor) -> {
                    if (name.startsWith(prefix)) {
                        inner.put(name.substring(prefix.length()), tensor);
                    } else if (paddleOcr && name.startsWith(OCR_HEAD)) {
                        inner.put(name.substring(OCR_HEAD.length()), tensor);
                    } else if (!name.equals(UPDATES)) {
                        leftOut.add(Quoted.name(name));
                    }
                });
        return new Unwrapped(inner, prefix, leftOut);
    }

    /** Under what nets lie, the likeliest first; blocks of the article begin as its net does. */
    private static List<String> prefixes(Set<String> names) {
        List<String> all =
                names.stream()
                        .flatMap(
                                name ->
                                        Stream.concat(
                                                prefix(name, NameScheme.STEMS),
                                                prefix(name, NameScheme.PADDLE_STEMS.keySet())
                                                        .filter(p -> isPaddles(p, names))))
                        .distinct()
                        .toList();
        return all.stream()
                .filter(p -> all.stream().noneMatch(o -> !o.equals(p) && p.startsWith(o)))
                .sorted(Comparator.comparingInt(Names::unlikeness))
                .toList();
    }

    private static boolean isPaddles(String prefix, Set<String> names) {
        return NameScheme.PADDLE_STEMS.values().stream().anyMatch(n -> names.contains(prefix + n));
    }

    /** What stands before a net's first layer, if the name is of one. */
    private static Stream<String> prefix(String name, Collection<String> stems) {
        return stems.stream()
                .filter(stem -> name.equals(stem) || name.endsWith("." + stem))
                .map(stem -> name.substring(0, name.length() - stem.length()));
    }

    private static int unlikeness(String prefix) {
        if (prefix.isEmpty()) {
            return 0;
        }
        List<String> parts = List.of(prefix.split("\\."));
        return WRAPPERS.containsAll(parts) ? 1 : COPY.matcher(prefix).matches() ? 3 : 2;
    }

    /** Whether a name is that of a net's first layer, itself or after what wraps the net. */
    static boolean endsWithStem(String name) {
        return NameScheme.STEMS.stream().anyMatch(name::endsWith);
    }

    private static Map<String, Tensor> withoutWrappers(Map<String, Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>(tensors);
        if (named.containsKey(UPDATES)) {
            named.remove(UPDATES);
            if (!"module".equals(wrapper(named))) {
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
