package org.mobilenetv3.format.pickle;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.mobilenetv3.format.pickle.Pickled.Dict;
import org.mobilenetv3.format.pickle.Pickled.View;

/** Finds the state dict among what a training program saved with it. */
final class Nesting {

    /** Where programs keep the net, best first; averaged weights only if there are no others. */
    private static final List<String> KEYS =
            List.of(
                    "state_dict",
                    "model_state_dict",
                    "model",
                    "net",
                    "network",
                    "state_dict_ema",
                    "model_ema");

    private static final int DEPTH = 2;

    /** Whether a name is of a net's first layer. */
    private final Predicate<String> first;

    private Nesting(Predicate<String> first) {
        this.first = first;
    }

    /** Returns the net's tensors; whatever else there is, such as an optimizer, is left out. */
    static Map<String, View> find(Pickled checkpoint, Predicate<String> first) throws IOException {
        if (!(checkpoint instanceof Dict dict)) {
            throw new IOException(
                    "it holds no dict of tensors; save model.state_dict() in Python.");
        }
        Dict found = new Nesting(first).find(dict, 0);
        if (found == null) {
            throw new IOException(
                    "it has no tensors, neither by themselves nor under one of %s; save model.state_dict() in Python."
                            .formatted(KEYS));
        }
        Map<String, View> views = new LinkedHashMap<>();
        found.entries()
                .forEach(
                        (name, value) -> {
                            if (value instanceof View view) {
                                views.put(name, view);
                            }
                        });
        return views;
    }

    private Dict find(Dict dict, int depth) {
        for (String key : KEYS) {
            if (depth < DEPTH && dict.entries().get(key) instanceof Dict inner) {
                Dict found = find(inner, depth + 1);
                if (found != null) {
                    return found;
                }
            }
        }
        if (dict.entries().values().stream().anyMatch(View.class::isInstance)) {
            return dict;
        }
        return depth < DEPTH ? only(dict, depth + 1) : null;
    }

    /** The one net under a name that is not known. */
    private Dict only(Dict dict, int depth) {
        List<Dict> found =
                dict.entries().values().stream()
                        .filter(Dict.class::isInstance)
                        .map(inner -> find((Dict) inner, depth))
                        .filter(inner -> inner != null && holdsNet(inner))
                        .toList();
        return found.size() == 1 ? found.get(0) : null;
    }

    private boolean holdsNet(Dict dict) {
        return dict.entries().keySet().stream().anyMatch(first);
    }
}
