package org.mobilenetv3.train.bench;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.train.Learner;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.Score;

/** Our net in this process: trained by {@link Learner} as {@code train} does, or run forward. */
final class OwnNet implements Implementation {

    private static final double RATE = 0.001;

    private final String name;
    private final Execution execution;
    private final BenchCase work;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private Runnable step;

    OwnNet(String name, Execution execution, BenchCase work) {
        this.name = name;
        this.execution = execution;
        this.work = work;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String engine() {
        return "PyTorch " + Engine.getEngine("PyTorch").getVersion();
    }

    @Override
    public boolean ours() {
        return true;
    }

    @Override
    public boolean full() {
        return execution == Execution.COMPILED || execution == Execution.EAGER;
    }

    @Override
    public Optional<String> prepare() throws IOException {
        MobileNetV3 net = MobileNetV3.of(work.architecture()).setExecution(execution);
        Model model = open(Model.newInstance(work.name(), Device.cpu(), "PyTorch"));
        step =
                switch (work.mode()) {
                    case TRAIN -> training(model, net);
                    case INFER -> inference(model.getNDManager(), net);
                };
        return Optional.empty();
    }

    private Runnable training(Model model, MobileNetV3 net) throws IOException {
        Recipe recipe =
                Recipe.of("article", "article_large").with(RecipeKey.BATCH_SIZE, work.batch());
        Shape one = new Shape(1, 3, work.pixels(), work.pixels());
        Learner<Batch> learner =
                open(Learner.of(List.of(Replica.of(model, net, one, 0, null)), recipe, null, 0));
        BatchLoader loader =
                open(BatchLoader.builder().setSet(noise()).setBatchSize(work.batch()).build());
        Batch batch = open(loader.epoch(0).iterator().next());
        return () -> {
            Score score = learner.step(batch, RATE, 0, Score.NONE);
            if (!Double.isFinite(score.loss())) {
                throw new IllegalStateException("The loss became " + score.loss() + ".");
            }
        };
    }

    private Runnable inference(NDManager manager, MobileNetV3 net) {
        JniUtils.setGradMode(false);
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, work.pixels(), work.pixels()));
        NDArray x =
                manager.randomNormal(
                        0,
                        1,
                        new Shape(work.batch(), 3, work.pixels(), work.pixels()),
                        DataType.FLOAT32);
        ParameterStore store = new ParameterStore(manager, false);
        NDList input = new NDList(x);
        return () -> {
            try (NDArray logits = net.forward(store, input, false).singletonOrThrow()) {
                float[] read = logits.toFloatArray();
                if (!Float.isFinite(read[0])) {
                    throw new IllegalStateException("The first logit is " + read[0] + ".");
                }
            }
        };
    }

    private ImageSet noise() {
        Random random = new Random(0);
        byte[][] images = new byte[work.batch()][3 * work.pixels() * work.pixels()];
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        return new ImageSet(
                "noise",
                IntStream.range(0, work.classes()).mapToObj(Integer::toString).toList(),
                3,
                work.pixels(),
                work.pixels(),
                images,
                random.ints(work.batch(), 0, work.classes()).toArray());
    }

    @Override
    public double run(int steps) {
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            step.run();
        }
        return (System.nanoTime() - start) / 1e6 / steps;
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() {
        step = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(name + " could not be closed: " + e, e);
            }
        }
    }
}
