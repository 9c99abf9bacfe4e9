package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.runtime.TorchRuntime;

/** What learns through feature maps: the shared trunk, or a head alone. */
class FeatureLearningTest {

    private NDManager manager;
    private ParameterStore store;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
        store = new ParameterStore(manager, false);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void compiledTrainingGivesTheSharedParametersTheGradientsOfTheOperations() {
        NDArray x = manager.randomUniform(0, 1, new Shape(4, 3, 64, 64));
        Map<String, float[]> expected = gradients(Execution.EAGER, x);
        Map<String, float[]> actual = gradients(Execution.COMPILED, x);

        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        int learning = 0;
        for (Map.Entry<String, float[]> entry : expected.entrySet()) {
            double largest = largest(entry.getValue());
            if (largest > 1e-4) { // batch norm makes others nothing but rounding
                learning++;
                assertThat(difference(actual.get(entry.getKey()), entry.getValue()))
                        .as(entry.getKey())
                        .isLessThan(2e-3 * largest);
            }
        }
        assertThat(learning).isGreaterThan(expected.size() * 9 / 10);
    }

    /** Of a loss that reads every map. */
    private Map<String, float[]> gradients(Execution how, NDArray x) {
        MobileNetV3 net = MobileNetV3.small().optClasses(10).optWidth(0.25).build();
        net.setExecution(how);
        initialize(net);
        FeaturePyramid pyramid = net.features();
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray loss = manager.zeros(new Shape(1));
            for (NDArray map : pyramid.forward(store, new NDList(x), true)) {
                loss = loss.add(map.mul(map).mean());
            }
            System.gc(); // nothing may depend on Java's memory
            collector.backward(loss);
        }
        Map<String, float[]> gradients = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : net.features().getParameters()) {
            if (p.getValue().requiresGradient()) {
                gradients.put(p.getKey(), p.getValue().getArray().getGradient().toFloatArray());
            }
        }
        return gradients;
    }

    @Test
    void aHeadCanLearnFromTheMapsOfATrunkThatDoesNot() {
        MobileNetV3 net = MobileNetV3.small().optClasses(10).optWidth(0.25).build();
        initialize(net);
        Block head = Linear.builder().setUnits(4).build();
        NDArray x = manager.randomUniform(0, 1, new Shape(2, 3, 64, 64));
        head.initialize(manager, DataType.FLOAT32, new Shape(2, 256));
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray map = net.features().forward(store, new NDList(x), false).get("stride2");
            NDArray embedding = net.embedding().forward(store, new NDList(x), false).get(0);
            NDArray logits = head.forward(store, new NDList(embedding), true).get(0);
            NDArray loss = logits.mul(logits).sum().add(map.mean().mul(logits.sum()));
            collector.backward(loss);
        }
        for (Pair<String, Parameter> p : head.getParameters()) {
            assertThat(largest(p.getValue().getArray().getGradient().toFloatArray())).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDetectorOnThePyramidLearnsWithDjlsTrainerAndAFrozenTrunkStays(boolean frozen) {
        MobileNetV3 net = MobileNetV3.small().optClasses(10).optWidth(0.25).build();
        initialize(net);
        Block detector =
                new SequentialBlock()
                        .add(net.features())
                        .add(maps -> new NDList(maps.get(4)))
                        .add(new GlobalAveragePool())
                        .add(Linear.builder().setUnits(3).build());
        NDArray stem = net.getParameters().get("features.0.0.weight").getArray();
        float[] before = stem.toFloatArray();
        try (Model model = Model.newInstance("detector", "PyTorch")) {
            model.setBlock(detector);
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.l2Loss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(0.1f))
                                            .build())
                            .optDevices(new Device[] {Device.cpu()});
            try (Trainer trainer = model.newTrainer(config)) {
                if (frozen) {
                    net.features().freezeParameters(true); // newTrainer lets all learn
                }
                trainer.initialize(new Shape(4, 3, 64, 64));
                NDArray x = trainer.getManager().randomUniform(0, 1, new Shape(4, 3, 64, 64));
                NDArray head =
                        detector.getChildren()
                                .values()
                                .get(3)
                                .getParameters()
                                .get("bias")
                                .getArray();
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray y = trainer.forward(new NDList(x)).singletonOrThrow();
                    collector.backward(
                            trainer.getLoss().evaluate(new NDList(y.onesLike()), new NDList(y)));
                }
                trainer.step();
                assertThat(largest(head.toFloatArray())).isPositive();
            }
        }
        assertThat(Arrays.equals(stem.toFloatArray(), before)).isEqualTo(frozen);
    }

    @Test
    void operationByOperationTheTrunkLearnsWithItsStatisticsHeld() {
        MobileNetV3 net = MobileNetV3.small().optClasses(10).optWidth(0.25).build();
        initialize(net);
        net.setExecution(Execution.EAGER);
        net.getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .forEach(p -> p.getArray().setRequiresGradient(true));
        NDArray mean = net.getParameters().get("features.0.1.running_mean").getArray();
        float[] before = mean.toFloatArray();
        NDArray x = manager.randomUniform(0, 1, new Shape(2, 3, 64, 64));
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray map = net.features().forward(store, new NDList(x), false).get("stride32");
            collector.backward(map.mul(map).mean());
        }
        NDArray stem = net.getParameters().get("features.0.0.weight").getArray();
        assertThat(largest(stem.getGradient().toFloatArray())).isPositive();
        assertThat(mean.toFloatArray()).isEqualTo(before);
    }

    private void initialize(MobileNetV3 net) {
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
        SeededWeights.fill(net);
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float v : values) {
            largest = Math.max(largest, Math.abs(v));
        }
        return largest;
    }

    private static double difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference; // NaN stays
        }
        return worst;
    }
}
