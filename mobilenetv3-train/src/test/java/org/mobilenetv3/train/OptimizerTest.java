package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.recipe.UpdateRule;

/** Golden figures: src/test/python/optimizers.py. */
class OptimizerTest {

    private NDManager manager;
    private NDArray weight;
    private NDArray bias;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
        weight = manager.create(new float[] {0.5f, -1f, 2f, 0.1f}, new Shape(2, 2));
        bias = manager.create(new float[] {0.3f, -0.2f});
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource
    void stepsEqualPyTorchs(UpdateRule kind) throws IOException {
        try (Optimizer optimizer = optimizer(kind)) {
            assertFollows(Golden.optimizers().getAsJsonArray(kind.toString()), optimizer);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGroupWithAShareOfTheRateStepsAsPyTorchsParameterGroups(UpdateRule kind)
            throws IOException {
        JsonArray golden =
                Golden.optimizers().getAsJsonObject("groups").getAsJsonArray(kind.toString());
        try (Optimizer optimizer =
                optimizer(kind, 0.05, 0, name -> name.equals("weight") ? 0.1 : 1)) {
            assertFollows(golden, optimizer);
        }
    }

    private void assertFollows(JsonArray golden, Optimizer optimizer) {
        for (int step = 0; step < golden.size(); step++) {
            learn(optimizer, step);
            assertThat(values()).hasSize(6);
            for (int i = 0; i < 6; i++) {
                double expected = golden.get(step).getAsJsonArray().get(i).getAsDouble();
                assertThat((double) values()[i])
                        .as("step %d value %d", step, i)
                        .isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSavedStateGoesOnExactlyWhereItWas(UpdateRule kind) throws IOException {
        Map<String, Tensor> saved;
        float[] atSave;
        float[] expected;
        try (Optimizer optimizer = optimizer(kind)) {
            learn(optimizer, 0);
            saved = read(optimizer.state());
            atSave = values();
            learn(optimizer, 1);
            expected = values();
        }
        restore(atSave);
        try (Optimizer optimizer = optimizer(kind)) {
            optimizer.restore(saved);
            learn(optimizer, 1);
        }
        assertThat(values()).containsExactly(expected);
    }

    /** A fused kernel changes parameters behind libtorch's count of changes. */
    @ParameterizedTest
    @EnumSource
    void compiledInferenceSeesEveryStep(UpdateRule kind) {
        MobileNetV3 net = MobileNetV3.small().optWidth(0.35).optClasses(3).build();
        Shape shape = new Shape(1, 3, 32, 32);
        net.initialize(manager, DataType.FLOAT32, shape);
        NDArray x = manager.ones(shape);
        float[] before = infer(net, x);
        NDList gradients = new NDList();
        for (var parameter : net.getParameters().values()) {
            if (parameter.requiresGradient()) {
                gradients.add(parameter.getArray().onesLike());
            }
        }
        try (Optimizer optimizer =
                new Optimizer(
                        kind,
                        0.05,
                        0,
                        name -> name.startsWith("classifier") ? 1 : 0.5,
                        false,
                        net.getParameters(),
                        manager)) {
            optimizer.step(gradients, 0.01);
        }
        float[] compiled = infer(net, x);
        float[] operations = infer(net.setExecution(Execution.EAGER), x);
        assertThat(compiled).isNotEqualTo(before);
        assertThat(compiled).containsExactly(operations, within(1e-4f));
    }

    private static float[] infer(MobileNetV3 net, NDArray x) {
        return net.forward(new ParameterStore(x.getManager(), false), new NDList(x), false)
                .singletonOrThrow()
                .toFloatArray();
    }

    @Test
    void theStateOfAnotherOptimizerIsRefused() throws IOException {
        Map<String, Tensor> saved;
        try (Optimizer sgd = optimizer(UpdateRule.SGD)) {
            saved = read(sgd.state());
        }
        try (Optimizer adam = optimizer(UpdateRule.ADAM)) {
            assertThatThrownBy(() -> adam.restore(saved))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("its weight.exp_avg is missing but must be (2, 2)");
        }
    }

    /** The names of PyTorch's {@code optimizer.state}. */
    @Test
    void theStateHasPyTorchsNames() {
        try (Optimizer adam = optimizer(UpdateRule.ADAM)) {
            assertThat(adam.state())
                    .containsOnlyKeys(
                            "step",
                            "weight.exp_avg",
                            "weight.exp_avg_sq",
                            "bias.exp_avg",
                            "bias.exp_avg_sq");
        }
    }

    /** What a file would hold: the numbers as they are now. */
    private static Map<String, Tensor> read(Map<String, Tensor> state) throws IOException {
        Map<String, Tensor> saved = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> entry : state.entrySet()) {
            saved.put(
                    entry.getKey(), Tensor.of(entry.getValue().shape(), entry.getValue().floats()));
        }
        return saved;
    }

    /** The article clears gradients between backward and step, so its net never learns. */
    @Test
    void theArticlesOrderLearnsNothingAndOursLearns() {
        float[] before = values();
        try (Optimizer optimizer = optimizer(UpdateRule.ADAM, 0)) {
            backward();
            zeroGradients();
            optimizer.step(gradients(), 0.1);
            assertThat(values()).as("backward, zero, step").containsExactly(before);

            backward();
            optimizer.step(gradients(), 0.1);
            zeroGradients();
            assertThat(values()).as("backward, step, zero").isNotEqualTo(before);
        }
    }

    @Test
    void clippingTheNormEqualsPyTorchs() throws IOException {
        for (JsonElement element : Golden.training().getAsJsonArray("clipped")) {
            JsonObject expected = element.getAsJsonObject();
            weight.set(new float[] {0.5f, -1f, 2f, 0.1f});
            bias.set(new float[] {0.3f, -0.2f});
            NDList gradients =
                    new NDList(
                            manager.create(new float[] {1, -2, 3, 0.5f}, new Shape(2, 2)),
                            manager.create(new float[] {0.25f, 4}));
            double limit = expected.get("limit").getAsDouble();
            try (Optimizer optimizer = optimizer(UpdateRule.SGD, 0, limit)) {
                optimizer.step(gradients, 0.1);
            }
            double[] golden = Golden.numbers(expected.getAsJsonArray("values"));
            for (int i = 0; i < golden.length; i++) {
                assertThat((double) values()[i]).isCloseTo(golden[i], within(1e-6));
            }
        }
    }

    /** PyTorch's GradScaler: the scale halves when a gradient overflows, and nothing moves. */
    @ParameterizedTest
    @EnumSource(names = {"ADAM", "ADAMW", "SGD", "NESTEROV"})
    void aStepWhoseScaledGradientsOverflowIsLeftOut(UpdateRule kind) throws IOException {
        float[] begin = values();
        try (Optimizer plain = optimizer(kind)) {
            plain.step(gradients(0.5f), 0.1);
            plain.step(gradients(-0.25f), 0.1);
        }
        float[] expected = values();
        assertThat(expected).isNotEqualTo(begin);
        restore(begin);
        Map<String, Tensor> saved;
        try (Optimizer scaled = scaled(kind)) {
            assertThat(scaled.scale().getFloat()).isEqualTo(65536);
            scaled.step(gradients(0.5f * 65536), 0.1);
            float[] before = values();
            scaled.step(gradients(Float.POSITIVE_INFINITY), 0.1);
            scaled.step(gradients(Float.NaN), 0.1);
            assertThat(values()).containsExactly(before);
            assertThat(scaled.scale().getFloat()).isEqualTo(16384);
            scaled.step(gradients(-0.25f * 16384), 0.1);
            saved = read(scaled.state());
        }
        // The steps that were left out do not count for Adam's bias correction either.
        assertThat(values()).containsExactly(expected);
        try (Optimizer resumed = scaled(kind)) {
            resumed.restore(saved);
            assertThat(resumed.scale().getFloat()).isEqualTo(16384);
        }
    }

    @Test
    void twoThousandGoodStepsDoubleTheScale() {
        try (Optimizer scaled = scaled(UpdateRule.SGD)) {
            for (int i = 0; i < 2000; i++) {
                assertThat(scaled.scale().getFloat()).isEqualTo(65536);
                scaled.step(gradients(1), 0.001);
            }
            assertThat(scaled.scale().getFloat()).isEqualTo(131072);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RMSPROP", "RMSPROP_TF"})
    void aRuleThatCannotLeaveAStepOutIsRefusedForFp16(UpdateRule kind) {
        assertThatThrownBy(() -> scaled(kind))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("which " + kind + " cannot; use adam");
    }

    private NDList gradients(float value) {
        return new NDList(
                manager.full(new Shape(2, 2), value, DataType.FLOAT32),
                manager.full(new Shape(2), value, DataType.FLOAT32));
    }

    private void restore(float[] values) {
        weight.set(java.util.Arrays.copyOf(values, 4));
        bias.set(java.util.Arrays.copyOfRange(values, 4, 6));
    }

    @Test
    void theMovingAverageEqualsPyTorchs() throws IOException {
        for (JsonElement element : Golden.training().getAsJsonArray("averages")) {
            JsonObject expected = element.getAsJsonObject();
            NDArray w = manager.create(new float[] {1});
            NDArray mean = manager.create(new float[] {0});
            double decay = expected.get("decay").getAsDouble();
            try (MovingAverage average = new MovingAverage(decay, List.of(w, mean), manager)) {
                int t = 0;
                for (JsonElement step : expected.getAsJsonArray("trace")) {
                    t++;
                    w.set(new float[] {t * t + 1f / t});
                    mean.set(new float[] {-t});
                    average.update();
                    double[] golden = Golden.numbers(step.getAsJsonArray());
                    for (int i = 0; i < 2; i++) {
                        assertThat((double) average.arrays().get(i).getFloat())
                                .isCloseTo(
                                        golden[i], within(1e-6 * Math.max(1, Math.abs(golden[i]))));
                    }
                }
                average.swap();
                assertThat(average.arrays().get(1).getFloat()).isEqualTo(-t);
                average.swap();
                assertThat(mean.getFloat()).isEqualTo(-t);
            }
        }
    }

    private Optimizer optimizer(UpdateRule kind) {
        return optimizer(kind, 0.05);
    }

    private Optimizer optimizer(UpdateRule kind, double weightDecay) {
        return optimizer(kind, weightDecay, 0);
    }

    private Optimizer optimizer(UpdateRule kind, double weightDecay, double clipNorm) {
        return optimizer(kind, weightDecay, clipNorm, name -> 1);
    }

    private Optimizer optimizer(
            UpdateRule kind, double weightDecay, double clipNorm, ToDoubleFunction<String> rates) {
        return optimizer(kind, weightDecay, clipNorm, rates, false);
    }

    private Optimizer scaled(UpdateRule kind) {
        return optimizer(kind, 0.05, 0, name -> 1, true);
    }

    private Optimizer optimizer(
            UpdateRule kind,
            double weightDecay,
            double clipNorm,
            ToDoubleFunction<String> rates,
            boolean scales) {
        weight.setRequiresGradient(true);
        bias.setRequiresGradient(true);
        return new Optimizer(
                kind,
                weightDecay,
                clipNorm,
                rates,
                scales,
                List.of(
                        new Pair<>("weight", parameter(Parameter.Type.WEIGHT, weight)),
                        new Pair<>("bias", parameter(Parameter.Type.BIAS, bias))),
                manager);
    }

    private static Parameter parameter(Parameter.Type type, NDArray array) {
        return Parameter.builder().setName("p").setType(type).optArray(array).build();
    }

    private void learn(Optimizer optimizer, int step) {
        backward();
        optimizer.step(gradients(), 0.1 - 0.01 * step);
        zeroGradients();
    }

    private NDList gradients() {
        return new NDList(weight.getGradient(), bias.getGradient());
    }

    private void zeroGradients() {
        JniUtils.zeroGrad((PtNDArray) weight);
        JniUtils.zeroGrad((PtNDArray) bias);
    }

    private void backward() {
        try (NDManager scope = manager.newSubManager();
                GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray third = scope.full(new Shape(), 1f / 3);
            NDArray sum = weight.add(bias);
            NDArray loss = sum.mul(sum).mul(sum).mul(third).add(weight.mul(weight)).sum();
            collector.backward(loss);
        }
    }

    private float[] values() {
        float[] all = java.util.Arrays.copyOf(weight.toFloatArray(), 6);
        System.arraycopy(bias.toFloatArray(), 0, all, 4, 2);
        return all;
    }
}
