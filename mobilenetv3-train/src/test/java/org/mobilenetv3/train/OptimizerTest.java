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
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;

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
    void stepsEqualPyTorchs(Optimizer.Kind kind) throws IOException {
        JsonArray golden = golden().getAsJsonArray(kind.toString());
        try (Optimizer optimizer = optimizer(kind)) {
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
    }

    @ParameterizedTest
    @EnumSource
    void aSavedStateGoesOnExactlyWhereItWas(Optimizer.Kind kind) throws IOException {
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        float[] atSave;
        float[] expected;
        try (Optimizer optimizer = optimizer(kind)) {
            learn(optimizer, 0);
            optimizer.save(new DataOutputStream(saved));
            atSave = values();
            learn(optimizer, 1);
            expected = values();
        }
        weight.set(java.util.Arrays.copyOf(atSave, 4));
        bias.set(java.util.Arrays.copyOfRange(atSave, 4, 6));
        try (Optimizer optimizer = optimizer(kind)) {
            optimizer.load(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
            learn(optimizer, 1);
        }
        assertThat(values()).containsExactly(expected);
    }

    /** A fused kernel changes parameters behind libtorch's count of changes. */
    @ParameterizedTest
    @EnumSource
    void compiledInferenceSeesEveryStep(Optimizer.Kind kind) {
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
        try (Optimizer optimizer = new Optimizer(kind, 0.05, net.getParameters(), manager)) {
            optimizer.step(gradients, 0.01);
        }
        float[] compiled = infer(net, x);
        float[] operations = infer(net.setExecution(Execution.OP_BY_OP), x);
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
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        try (Optimizer sgd = optimizer(Optimizer.Kind.SGD)) {
            sgd.save(new DataOutputStream(saved));
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved.toByteArray()));
        try (Optimizer adam = optimizer(Optimizer.Kind.ADAM)) {
            assertThatThrownBy(() -> adam.load(in))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("2 arrays but adam of this net has 4");
        }
    }

    /** The article clears gradients between backward and step, so its net never learns. */
    @Test
    void theArticlesOrderLearnsNothingAndOursLearns() {
        float[] before = values();
        try (Optimizer optimizer = optimizer(Optimizer.Kind.ADAM, 0)) {
            backward();
            optimizer.zeroGradients();
            optimizer.step(optimizer.gradients(), 0.1);
            assertThat(values()).as("backward, zero, step").containsExactly(before);

            backward();
            optimizer.step(optimizer.gradients(), 0.1);
            optimizer.zeroGradients();
            assertThat(values()).as("backward, step, zero").isNotEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0", "0.1", "0.3"})
    void labelSmoothingEqualsPyTorchs(String smoothing) throws IOException {
        JsonArray golden = golden().getAsJsonObject("cross_entropy").getAsJsonArray(smoothing);
        NDArray logits = manager.create(new float[] {1f, -2f, 0.5f, 0f, 3f, -1f}, new Shape(2, 3));
        logits.setRequiresGradient(true);
        float loss;
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray value =
                    new CrossEntropy(Double.parseDouble(smoothing)).loss(logits, new long[] {2, 1});
            loss = value.getFloat();
            collector.backward(value);
        }
        float[] gradient = logits.getGradient().toFloatArray();
        assertThat((double) loss).isCloseTo(golden.get(0).getAsDouble(), within(1e-6));
        for (int i = 0; i < gradient.length; i++) {
            assertThat((double) gradient[i])
                    .isCloseTo(golden.get(i + 1).getAsDouble(), within(1e-6));
        }
    }

    private Optimizer optimizer(Optimizer.Kind kind) {
        return optimizer(kind, 0.05);
    }

    private Optimizer optimizer(Optimizer.Kind kind, double weightDecay) {
        weight.setRequiresGradient(true);
        bias.setRequiresGradient(true);
        return new Optimizer(
                kind,
                weightDecay,
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
        optimizer.step(optimizer.gradients(), 0.1 - 0.01 * step);
        optimizer.zeroGradients();
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

    private static JsonObject golden() throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        OptimizerTest.class.getResourceAsStream("/golden/optimizers.json"),
                        StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        }
    }
}
