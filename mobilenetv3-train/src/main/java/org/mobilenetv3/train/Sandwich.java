package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.train.supernet.SharedNet;

/**
 * Trains all nets of a search space at once (Yu and Huang 2019, "Universally Slimmable Networks"):
 * in each step the largest learns from the labels, and the smallest and some drawn at random learn
 * from the largest's answers to the same images. All use the same weights, so their gradients add
 * up. Used by one thread.
 */
final class Sandwich implements AutoCloseable {

    /** Nets drawn at random for each step. */
    private static final int DRAWN = 2;

    private final SearchSpace space;
    private final Normalization normalization;
    private final Execution execution;
    private final long seed;
    private final Replica whole;
    private final TensorLists lists;
    private final SharedNet smallest;

    /**
     * Prepares.
     *
     * @param space whose largest net learns
     * @param normalization of its input
     * @param execution how the nets are computed
     * @param whole the largest net
     * @param seed of the drawn nets
     */
    Sandwich(
            SearchSpace space,
            Normalization normalization,
            Execution execution,
            Replica whole,
            long seed) {
        this.space = space;
        this.normalization = normalization;
        this.execution = execution;
        this.whole = whole;
        this.seed = seed;
        lists = new TensorLists(whole.manager());
        smallest = shared(space.smallest());
    }

    private SharedNet shared(Candidate candidate) {
        // Their statistics are measured anew when they are judged; these are not used.
        return new SharedNet(
                space.subnet(candidate), normalization, 1, execution, whole.net(), whole.manager());
    }

    /**
     * Has all nets of a step learn.
     *
     * @param x images {@code (N, C, H, W)}; its manager owns the results
     * @param targets of the largest net, {@link Loss#CLASSES}
     * @param images in the whole batch, of which {@code x} may be a part
     * @param step counted from 0 over the whole run; the drawn nets follow from it and the seed
     * @param scale of the gradients, or null
     * @return the largest net's loss and logits, and the sum of all gradients
     */
    Learned learn(NDArray x, List<NDArray> targets, int images, long step, NDArray scale) {
        Learned largest = whole.learn(x, Loss.CLASSES, targets, scale);
        Map<String, NDArray> sums = byName(largest.gradients());
        try (NDArray answers = largest.output().softmax(1);
                NDArray taught = answers.mul(-1f / images)) {
            add(smallest, x, taught, scale, sums);
            SplitMix random = SplitMix.of(seed, step);
            for (int i = 0; i < DRAWN; i++) {
                try (SharedNet drawn = shared(space.random(random))) {
                    add(drawn, x, taught, scale, sums);
                }
            }
        }
        return largest;
    }

    private Map<String, NDArray> byName(NDList gradients) {
        Map<String, NDArray> named = new LinkedHashMap<>();
        int at = 0;
        for (Pair<String, Parameter> p : whole.net().getParameters()) {
            if (p.getValue().requiresGradient()) {
                named.put(p.getKey(), gradients.get(at++));
            }
        }
        return named;
    }

    private void add(
            SharedNet net, NDArray x, NDArray taught, NDArray scale, Map<String, NDArray> sums) {
        try (NDManager scope = x.getManager().newSubManager()) {
            Learned learned = net.learn(x, taught, scale);
            learned.gradients().attach(scope);
            learned.loss().attach(scope);
            learned.output().attach(scope);
            lists.add(net.within(sums, scope), learned.gradients());
        }
    }

    @Override
    public void close() {
        smallest.close();
        lists.close();
    }
}
