package org.mobilenetv3.train;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;

/** A net, its loss and its optimizer: makes one training step at a time. Used by one thread. */
public final class Learner implements AutoCloseable {

    private final Model model;
    private final MobileNetV3 net;
    private final CrossEntropy criterion;
    private final Optimizer optimizer;
    private final long seed;

    /**
     * Initialises the net for a model and a recipe.
     *
     * @param model where the weights live
     * @param net the net, initialised here from {@code seed}
     * @param recipe loss and optimizer
     * @param input shape of one batch of one image
     * @param seed of the weights and of dropout
     * @param weights a package whose weights to start from, or null to initialise them
     * @throws IOException if the weights cannot be read
     */
    public Learner(
            Model model, MobileNetV3 net, Recipe recipe, Shape input, long seed, Path weights)
            throws IOException {
        this.model = model;
        this.net = net;
        this.seed = seed;
        // DJL leaves autograd on in every thread but the one that loaded the engine.
        JniUtils.setGradMode(false);
        Engine.getEngine("PyTorch").setRandomSeed(Long.hashCode(seed));
        model.setBlock(net);
        if (weights != null) {
            try {
                model.load(weights, net.config().artifactId());
            } catch (MalformedModelException e) {
                throw new IOException(weights + " cannot be loaded: " + e.getMessage(), e);
            }
        }
        net.initialize(model.getNDManager(), DataType.FLOAT32, input);
        criterion = new CrossEntropy(recipe.labelSmoothing());
        optimizer =
                new Optimizer(
                        recipe.optimizer(),
                        recipe.weightDecay(),
                        net.getParameters(),
                        model.getNDManager());
    }

    /**
     * Learns from one batch: forward, backward, optimizer step, gradients to zero.
     *
     * @param batch images and labels
     * @param learningRate of this step
     * @param step counted from 0 over the whole run; dropout follows from it and the seed
     * @param running the epoch's score so far
     * @return the score with this batch added
     */
    public Score step(Batch batch, double learningRate, long step, Score running) {
        Engine.getEngine("PyTorch").setRandomSeed(Long.hashCode(31 * seed + step));
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDArray x = batch.toTensor(scope);
            Learned learned =
                    net.compiled().isPresent()
                            ? compiled(net.compiled().get(), scope, x, batch.labels())
                            : operations(scope, x, batch.labels());
            float[] logits = learned.logits().toFloatArray();
            Score score = running.plus(learned.loss().getFloat(), logits, batch.labels());
            if (Double.isFinite(score.lossSum())) {
                optimizer.step(learned.gradients(), learningRate);
            }
            if (net.compiled().isEmpty()) {
                optimizer.zeroGradients();
            }
            return score;
        }
    }

    private Learned compiled(CompiledNet compiled, NDManager scope, NDArray x, long[] labels) {
        NDArray targets = criterion.targets(scope, labels, net.config().classes());
        return compiled.learn(new ParameterStore(scope, false), x, targets);
    }

    private Learned operations(NDManager scope, NDArray x, long[] labels) {
        try (GradientCollector collector = scope.getEngine().newGradientCollector()) {
            ParameterStore store = new ParameterStore(scope, false);
            NDArray logits = net.forward(store, new NDList(x), true).singletonOrThrow();
            NDArray loss = criterion.loss(logits, labels);
            collector.backward(loss);
            NDList gradients = optimizer.gradients();
            gradients.attach(scope);
            return new Learned(loss, logits, gradients);
        }
    }

    Model model() {
        return model;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /**
     * Scores a net without learning; plain cross entropy, no label smoothing.
     *
     * @param net the net
     * @param manager where arrays live for a moment, on the net's device
     * @param loader the images, not shuffled
     * @param progress told the score after each batch; says whether to go on
     * @return the score over all images, or those until {@code progress} said no
     */
    public static Score evaluate(
            Block net, NDManager manager, BatchLoader loader, Predicate<Score> progress) {
        JniUtils.setGradMode(false);
        CrossEntropy criterion = new CrossEntropy(0);
        Score score = Score.NONE;
        for (Batch batch : loader.epoch(0)) {
            try (batch;
                    NDManager scope = manager.newSubManager()) {
                NDList input = new NDList(batch.toTensor(scope));
                ParameterStore store = new ParameterStore(scope, false);
                NDArray logits = net.forward(store, input, false).singletonOrThrow();
                float loss = criterion.loss(logits, batch.labels()).getFloat();
                score = score.plus(loss, logits.toFloatArray(), batch.labels());
                if (!progress.test(score)) {
                    break;
                }
            }
        }
        return score;
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
