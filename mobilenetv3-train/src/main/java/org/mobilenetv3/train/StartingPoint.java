package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Trained weights that a run begins with.
 *
 * @param file where they are
 * @param description of the net that they are of
 */
public record StartingPoint(Path file, NetDescription description) {

    /**
     * Finds out what a file of weights is of; the weights themselves are read later.
     *
     * @param file a model package, a ZIP of one, or a file of weights of another program
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @return what it says
     * @throws IOException in one sentence, if it is missing, damaged or of another kind
     */
    public static StartingPoint read(Path file, Architecture family) throws IOException {
        return new StartingPoint(file, NetDescription.read(file, family));
    }

    /** The net's table. */
    public Architecture architecture() {
        return description.architecture();
    }

    /** How images became the net's input. */
    public Preprocessing input() {
        return description.preprocessing();
    }

    /**
     * Compares with a net that is to be trained; the classifier may differ, for other classes need
     * another.
     *
     * @param net the net, initialized or not
     * @return names of the parameters whose shapes differ
     * @throws IOException if they differ in more than the classifier
     */
    public List<String> differing(Block net) throws IOException {
        ParameterList theirs = MobileNetV3.of(architecture()).getParameters();
        if (task(net) != architecture().task()) {
            return differingTrunk(net, theirs);
        }
        Predicate<String> inHead = Freezing.inHead(net);
        List<String> differing = new ArrayList<>();
        for (Pair<String, Parameter> p : net.getParameters()) {
            Shape shape = p.getValue().getShape();
            Shape match = theirs.contains(p.getKey()) ? theirs.get(p.getKey()).getShape() : null;
            if (shape.equals(match)) {
                continue;
            }
            if (match == null || !inHead.test(p.getKey())) {
                throw new IOException(
                        "%s is of another net (%s): its %s is %s but must be %s."
                                .formatted(
                                        file,
                                        architecture().name(),
                                        p.getKey(),
                                        match == null ? "missing" : match,
                                        shape));
            }
            differing.add(p.getKey());
        }
        return differing;
    }

    private static Task task(Block net) {
        return net instanceof MobileNetV3 own ? own.architecture().task() : Task.CLASSIFY;
    }

    /** For another task the trunk alone is taken over, or its beginning if the end differs. */
    private List<String> differingTrunk(Block net, ParameterList theirs) throws IOException {
        Map<String, String> trunk = trunk(net, theirs);
        List<String> differing = new ArrayList<>();
        for (Pair<String, Parameter> p : net.getParameters()) {
            String source = trunk.get(p.getKey());
            Shape shape = p.getValue().getShape();
            if (source == null || !shape.equals(theirs.get(source).getShape())) {
                differing.add(p.getKey());
            }
        }
        long fitting = trunk.keySet().stream().filter(name -> !differing.contains(name)).count();
        int wanted = trunk(net.getParameters(), task(net)).size();
        if (2 * fitting < wanted) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of another net (%s): %d of the %d parameters of the trunk fit; a net with the same trunk is needed.",
                            file,
                            architecture().name(),
                            fitting,
                            wanted));
        }
        return differing;
    }

    /** Which of the weights' parameters belongs to which of the net's trunk, in running order. */
    private Map<String, String> trunk(Block net, ParameterList theirs) {
        List<String> to = trunk(net.getParameters(), task(net));
        List<String> from = trunk(theirs, architecture().task());
        Map<String, String> sources = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(to.size(), from.size()); i++) {
            sources.put(to.get(i), from.get(i));
        }
        return sources;
    }

    private static List<String> trunk(ParameterList all, Task task) {
        String prefix =
                switch (task) {
                    case CLASSIFY -> "features.";
                    case SEGMENT -> "backbone.";
                    case DETECT -> "backbone.features.";
                };
        return all.keys().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /**
     * Reads the weights into a net. Parameters whose shapes differ keep their numbers, and so does
     * the last layer if it is to tell other classes apart, as many as they may be.
     *
     * @param net the net, initialized
     * @param trained the net of the weights
     * @param wanted the classes that it is to learn
     * @param manager where its arrays live
     * @return names of the parameters that keep their own
     * @throws IOException if the weights cannot be read or are of another net
     */
    List<String> copyTo(Block net, PackageNet trained, List<String> wanted, NDManager manager)
            throws IOException {
        Set<String> own = new LinkedHashSet<>(differing(net));
        boolean same = task(net) == architecture().task();
        if (same && !wanted.equals(description.classes())) {
            own.addAll(lastLayers(net));
        }
        try (TensorLists lists = new TensorLists(manager)) {
            ParameterList theirs = trained.block().getParameters();
            Map<String, String> trunk = same ? Map.of() : trunk(net, theirs);
            List<NDArray> to = new ArrayList<>();
            List<NDArray> from = new ArrayList<>();
            for (Pair<String, Parameter> p : net.getParameters()) {
                if (!own.contains(p.getKey())) {
                    to.add(p.getValue().getArray());
                    from.add(theirs.get(trunk.getOrDefault(p.getKey(), p.getKey())).getArray());
                }
            }
            JniUtils.setGradMode(false);
            lists.copy(to, from);
        }
        return List.copyOf(own);
    }

    /** Those whose shapes follow from the number of classes. */
    private List<String> lastLayers(Block net) {
        Architecture more = architecture().withClasses(architecture().classes() + 1);
        ParameterList others = MobileNetV3.of(more).getParameters();
        ParameterList theirs = MobileNetV3.of(architecture()).getParameters();
        return net.getParameters().keys().stream()
                .filter(
                        name ->
                                theirs.contains(name)
                                        && !theirs.get(name)
                                                .getShape()
                                                .equals(others.get(name).getShape()))
                .toList();
    }
}
