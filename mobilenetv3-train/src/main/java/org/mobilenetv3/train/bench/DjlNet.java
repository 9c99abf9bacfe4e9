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
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Optional;
import java.util.stream.IntStream;
import org.mobilenetv3.train.DjlNets;

/** DJL's own MobileNetV2, another net than ours, as DJL runs it: trained by its Trainer. */
final class DjlNet implements Implementation {
    private static final float RATE = 0.001f;

    private final BenchCase work;
    private Model model;
    private Trainer trainer;
    private NDArray images;
    private NDArray labels;

    DjlNet(BenchCase work) {
        this.work = work;
    }

    @Override
    public String name() {
        return "DJL's MobileNetV2";
    }

    @Override
    public String engine() {
        return "DJL, PyTorch " + Engine.getEngine("PyTorch").getVersion();
    }

    @Override
    public boolean ours() {
        return false;
    }

    @Override
    public boolean full() {
        return true;
    }

    @Override
    public boolean sameNet() {
        return false;
    }

    @Override
    public Optional<String> prepare() {
        model = Model.newInstance(work.name(), Device.cpu(), "PyTorch");
        model.setBlock(DjlNets.mobileNetV2(work.classes(), 2));
        NDManager manager = model.getNDManager();
        Shape shape = new Shape(work.batch(), 3, work.pixels(), work.pixels());
        images = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
        int[] classes = IntStream.range(0, work.batch()).map(i -> i % work.classes()).toArray();
        labels = manager.create(classes).toType(DataType.FLOAT32, false);
        if (work.mode() == BenchCase.Mode.TRAIN) {
            trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                    .optDevices(new Device[] {Device.cpu()})
                                    .optOptimizer(
                                            Optimizer.adam()
                                                    .optLearningRateTracker(Tracker.fixed(RATE))
                                                    .build()));
            trainer.initialize(shape);
        } else {
            JniUtils.setGradMode(false);
            model.getBlock().initialize(manager, DataType.FLOAT32, shape);
        }
        return Optional.empty();
    }

    @Override
    public double run(int steps) {
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            // What a step makes is its manager's and ends with it.
            try (NDManager manager = model.getNDManager().newSubManager()) {
                NDArray input = images.duplicate();
                input.attach(manager);
                float value = trainer == null ? infer(manager, input) : learn(input);
                if (!Float.isFinite(value)) {
                    throw new IllegalStateException("The loss or first logit is " + value + ".");
                }
            }
        }
        return (System.nanoTime() - start) / 1e6 / steps;
    }

    private float infer(NDManager manager, NDArray input) {
        ParameterStore store = new ParameterStore(manager, false);
        return model.getBlock()
                .forward(store, new NDList(input), false)
                .singletonOrThrow()
                .toFloatArray()[0];
    }

    private float learn(NDArray input) {
        float value;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            NDList logits = trainer.forward(new NDList(input));
            NDArray loss = trainer.getLoss().evaluate(new NDList(labels), logits);
            collector.backward(loss);
            value = loss.getFloat();
        }
        trainer.step();
        return value;
    }

    @Override
    public void close() {
        if (trainer != null) {
            trainer.close();
            trainer = null;
        }
        if (model != null) {
            model.close();
            model = null;
        }
    }
}
