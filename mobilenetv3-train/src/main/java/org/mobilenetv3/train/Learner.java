package org.mobilenetv3.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.UpdateRule;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.task.CrossEntropy;
import org.mobilenetv3.train.task.Objective;

/**
 * A net, its loss and its optimizer: makes one training step at a time. Used by one thread.
 *
 * <p>Several replicas learn from one batch as PyTorch's {@code DistributedDataParallel}: each takes
 * a part, the gradients are added up, the first replica's optimizer steps and the others get its
 * weights. Batch norm sees the parts; the running statistics are the replicas' mean. One replica
 * that accumulates over as many parts computes the same loss and gradients.
 *
 * @param <B> what a batch holds
 */
public final class Learner<B extends ImageBatch> implements AutoCloseable {

    private final List<Replica> replicas;
    private final List<List<NDArray>> arrays;
    private final Recipe recipe;
    private final Objective<B> objective;
    private final List<Teacher> teachers;

    /** Trains the smaller nets within this one; null for a net alone. */
    private final Sandwich sandwich;

    private final long seed;
    private final List<TensorLists> lists = new ArrayList<>();
    private final Freezing freezing;
    private final MovingAverage average;

    /** What does not learn now: names, and each replica's parameters. */
    private List<String> stages = List.of();

    private List<List<Parameter>> frozen = List.of();
    private List<List<NDArray>> statistics;
    private Optimizer optimizer;

    /** One net on a GPU learns ahead of the CPU; null where step waits for its results. */
    private final QueuedStep queue;

    /**
     * Makes a learner.
     *
     * @param replicas the net, once on each device, all with the first one's weights afterwards
     * @param recipe the teacher's share of the loss, optimizer, average and what is frozen
     * @param objective what is learned of a batch
     * @param seed of dropout
     * @param teachers one on the device of each replica, or none; the caller closes them
     * @param sandwich trains the nets within the only replica, or null; closed with the learner
     * @throws IllegalArgumentException if the recipe does not fit the net
     */
    Learner(
            List<Replica> replicas,
            Recipe recipe,
            Objective<B> objective,
            long seed,
            List<Teacher> teachers,
            Sandwich sandwich) {
        this(
                replicas,
                recipe,
                objective,
                seed,
                teachers,
                sandwich,
                QueuedStep.isFor(replicas.get(0).manager().getDevice()));
    }

    /**
     * Makes a learner of classes.
     *
     * @param replicas the net, once on each device, all with the first one's weights afterwards
     * @param recipe loss, optimizer, average and what is frozen
     * @param classWeights of the loss, or null for 1
     * @param seed of dropout
     * @return the learner
     * @throws IllegalArgumentException if the recipe does not fit the net
     */
    public static Learner<Batch> of(
            List<Replica> replicas, Recipe recipe, float[] classWeights, long seed) {
        return of(replicas, recipe, classWeights, seed, List.of());
    }

    /**
     * Makes a learner of classes that learns from a teacher's answers, too.
     *
     * @param replicas the net, once on each device, all with the first one's weights afterwards
     * @param recipe loss, the teacher's share of it, optimizer, average and what is frozen
     * @param classWeights of the loss's share that is not the teacher's, or null for 1
     * @param seed of dropout
     * @param teachers one on the device of each replica, or none; the caller closes them
     * @return the learner
     * @throws IllegalArgumentException if the recipe does not fit the net
     */
    public static Learner<Batch> of(
            List<Replica> replicas,
            Recipe recipe,
            float[] classWeights,
            long seed,
            List<Teacher> teachers) {
        int classes = replicas.get(0).outputs();
        CrossEntropy objective =
                CrossEntropy.of(recipe, classes, classWeights, !teachers.isEmpty());
        return new Learner<>(replicas, recipe, objective, seed, teachers, null);
    }

    Learner(
            List<Replica> replicas,
            Recipe recipe,
            Objective<B> objective,
            long seed,
            List<Teacher> teachers,
            Sandwich sandwich,
            boolean ahead) {
        this.replicas = List.copyOf(replicas);
        this.sandwich = sandwich;
        this.teachers = List.copyOf(teachers);
        this.recipe = recipe;
        this.seed = seed;
        JniUtils.setGradMode(false);
        this.objective = objective;
        arrays = replicas.stream().map(Replica::arrays).toList();
        replicas.forEach(r -> lists.add(new TensorLists(r.manager())));
        freezing = Freezing.of(recipe);
        freezing.requireFits(first().net());
        freeze(freezing.at(first().net(), 0));
        broadcast();
        double decay = recipe.number(RecipeKey.EMA_DECAY);
        average = decay == 0 ? null : new MovingAverage(decay, arrays.get(0), first().manager());
        optimizer = optimizer();
        boolean whole = replicas.size() == 1 && recipe.whole(RecipeKey.ACCUMULATE) == 1;
        // Operation by operation DJL keeps what is computed on the way until the step is over.
        boolean compiled = first().compiled().isPresent();
        // Other nets' answers come from graphs of their own, which cannot be captured in another.
        boolean alone = teachers.isEmpty() && sandwich == null;
        queue =
                ahead && whole && compiled && alone && objective instanceof CrossEntropy classes
                        ? new QueuedStep(first(), classes, this::enqueue)
                        : null;
    }

    private Replica first() {
        return replicas.get(0);
    }

    private Optimizer optimizer() {
        Predicate<String> inHead = Freezing.inHead(first().net());
        return new Optimizer(
                recipe.get(RecipeKey.OPTIMIZER, UpdateRule.class),
                recipe.number(RecipeKey.WEIGHT_DECAY),
                recipe.number(RecipeKey.CLIP_NORM),
                name -> inHead.test(name) ? 1 : recipe.number(RecipeKey.BODY_LR),
                first().wantsScale(),
                first().net().getParameters(),
                first().manager());
    }

    private void freeze(List<String> names) {
        frozen.forEach(f -> f.forEach(p -> p.freeze(false)));
        frozen = replicas.stream().map(r -> r.freeze(names)).toList();
        statistics = replicas.stream().map(Replica::statistics).toList();
        stages = names;
    }

    /**
     * Freezes what does not learn in an epoch and lets the rest learn. If that is another part of
     * the net than before, the optimizer begins anew.
     *
     * @param epoch that begins or goes on, counted from 0
     */
    public void beginEpoch(int epoch) {
        List<String> names = freezing.at(first().net(), epoch);
        if (!names.equals(stages)) {
            if (queue != null) {
                queue.forget();
            }
            freeze(names);
            optimizer.close();
            optimizer = optimizer();
        }
    }

    /**
     * Learns from one batch: forward, backward, optimizer step, average.
     *
     * <p>On a GPU the step may still be running on return: the score is then that of the steps
     * before, and {@link #settle} adds this one. A loss that is no number leaves the net as it is,
     * but on a GPU it shows only when the net has moved.
     *
     * @param batch images and labels; its memory is free again on return
     * @param learningRate of this step
     * @param step counted from 0 over the whole run; dropout follows from it and the seed
     * @param running the epoch's score so far
     * @return the score with this batch added, or the one before it
     */
    public Score step(B batch, double learningRate, long step, Score running) {
        if (queue != null) {
            seed(step, 0);
            double share = average == null ? 0 : average.nextShare();
            return queue.step((Batch) (ImageBatch) batch, learningRate, share, running);
        }
        List<NDManager> scopes = replicas.stream().map(r -> r.manager().newSubManager()).toList();
        try {
            List<NDList> gradients = new ArrayList<>();
            List<Learned> learned = new ArrayList<>();
            int parts = parts(batch.size());
            for (int part = 0; part < parts; part++) {
                int from = batch.size() * part / parts;
                int to = batch.size() * (part + 1) / parts;
                seed(step, part);
                // GPUs return before they are done: one thread keeps them all busy.
                int at = part % replicas.size();
                NDArray x = batch.toTensor(scopes.get(at), from, to);
                List<NDArray> targets = objective.targets(scopes.get(at), batch, from, to);
                Learned one = learn(at, x, targets, batch.size(), step);
                learned.add(one);
                if (at == gradients.size()) {
                    gradients.add(one.gradients());
                } else {
                    lists.get(at).add(gradients.get(at), one.gradients());
                    one.gradients().close();
                }
            }
            Score score = objective.plus(running, batch, learned);
            if (Double.isFinite(score.lossSum())) {
                update(gradients, learningRate);
            }
            return score;
        } finally {
            scopes.forEach(NDManager::close);
        }
    }

    private Learned learn(int at, NDArray x, List<NDArray> targets, int images, long step) {
        NDArray scale = optimizer.scale();
        if (sandwich != null) {
            return sandwich.learn(x, targets, images, step, scale);
        }
        return teachers.isEmpty()
                ? replicas.get(at).learn(x, objective.loss(), targets, scale)
                : teachers.get(at).teach(replicas.get(at), x, targets, images, scale);
    }

    /** Enqueues a whole step on the device; reads nothing from there. */
    private Learned enqueue(NDArray images, NDArray targets, NDArray numbers) {
        Learned learned = first().learn(images, Loss.CLASSES, List.of(targets), optimizer.scale());
        optimizer.step(learned.gradients(), numbers);
        if (average != null) {
            average.update(numbers);
        }
        return learned;
    }

    /**
     * Waits for a step that is still running.
     *
     * @param running the score so far
     * @return the score with that step added
     */
    public Score settle(Score running) {
        return queue == null ? running : queue.settle(running);
    }

    /** How many parts a batch is computed in; each has two images at least, for batch norm. */
    private int parts(int images) {
        int wanted = replicas.size() * recipe.whole(RecipeKey.ACCUMULATE);
        return Math.max(1, Math.min(wanted, images / 2));
    }

    private void seed(long step, int part) {
        Engine.getEngine("PyTorch").setRandomSeed(Long.hashCode(31 * seed + step) + 7919 * part);
    }

    private void update(List<NDList> gradients, double learningRate) {
        for (int i = 1; i < gradients.size(); i++) {
            lists.get(0).add(gradients.get(0), gradients.get(i));
            lists.get(0).add(statistics.get(0), statistics.get(i));
        }
        if (gradients.size() > 1) {
            lists.get(0).scale(statistics.get(0), 1.0 / gradients.size());
        }
        optimizer.step(gradients.get(0), learningRate);
        broadcast();
        if (average != null) {
            average.update();
        }
    }

    private void broadcast() {
        for (int i = 1; i < replicas.size(); i++) {
            lists.get(i).copy(arrays.get(i), arrays.get(0));
        }
    }

    /** The first replica's net: weights as they learn. */
    Replica replica() {
        return first();
    }

    /**
     * Does something with the averaged weights in the first replica's net, if the recipe has an
     * average; otherwise with the weights as they are.
     *
     * @param action what to do
     * @param <T> what it gives
     * @return what it gave
     * @throws IOException if the action fails
     */
    <T> T averaged(Action<T> action) throws IOException {
        if (average == null) {
            return action.run();
        }
        average.swap();
        try {
            return action.run();
        } finally {
            average.swap();
        }
    }

    /** Something that may fail to write. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /**
     * Returns what the next step depends on beside the weights, to go on exactly from here.
     *
     * @return tensors by name; their numbers are read when asked for
     */
    Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>(optimizer.state());
        if (average != null) {
            all.putAll(average.state(names()));
        }
        return all;
    }

    /**
     * Takes over what {@link #state} returned for the same recipe and net, after {@link
     * #beginEpoch}.
     *
     * @param saved the tensors
     * @throws IOException if one is missing or of another net
     */
    void restore(Map<String, Tensor> saved) throws IOException {
        optimizer.restore(saved);
        if (average != null) {
            average.restore(names(), saved);
        }
    }

    private List<String> names() {
        return first().net().getParameters().keys();
    }

    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
        optimizer.close();
        if (average != null) {
            average.close();
        }
        lists.forEach(TensorLists::close);
        if (sandwich != null) {
            sandwich.close();
        }
    }
}
