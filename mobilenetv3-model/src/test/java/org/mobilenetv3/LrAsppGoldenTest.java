package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * LR-ASPP beside torchvision's in float64 (src/test/python/lraspp.py): logits at several sizes, the
 * loss of a batch in which some pixels are of no class, all gradients and running statistics.
 */
class LrAsppGoldenTest {

    /** Of the norm: PyTorch's float32 run differs by 7e-6. */
    private static final double TOLERANCE = 3e-5;

    /** Of what PyTorch's float32 run differs by, which another order of sums may change. */
    private static final double TIMES = 5;

    private static final int IGNORED = 255;

    /** One net's figures. */
    record Golden(double width, int classes, List<Case> cases, Training train) {}

    /** What one input gives in evaluation mode. */
    record Case(long[] input, Figures logits) {}

    /** What one batch gives in training mode. */
    record Training(
            long[] input,
            Figures labels,
            Figures logits,
            double loss,
            Map<String, Figures> gradients,
            Map<String, Figures> statistics,
            @SerializedName("float32_gradient") double float32Gradient) {}

    /** A tensor, every {@code step}-th value of it. */
    record Figures(long[] shape, double sum, double l2, int step, double[] samples) {
        void check(String name, Shape actual, float[] values, double tolerance) {
            assertThat(actual).as(name).isEqualTo(new Shape(shape));
            double squares = 0;
            double total = 0;
            for (float v : values) {
                squares += (double) v * v;
                total += v;
            }
            assertThat(Math.sqrt(squares)).as(name).isCloseTo(l2, within(tolerance * l2));
            double rms = l2 / Math.sqrt(values.length);
            assertThat(total).as(name).isCloseTo(sum, within(tolerance * rms * values.length));
            for (int i = 0; i < samples.length; i++) {
                double allowed = tolerance * Math.max(10 * rms, Math.abs(samples[i]));
                assertThat((double) values[i * step])
                        .as(name)
                        .isCloseTo(samples[i], within(allowed));
            }
        }

        void check(String name, NDArray array, double tolerance) {
            check(name, array.getShape(), array.toFloatArray(), tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"large, COMPILED", "large, EAGER", "small, COMPILED", "small, EAGER"})
    void equalsTorchvision(String size, Execution how) throws IOException {
        TorchRuntime.start();
        Golden golden = read(size);
        MobileNetV3 net =
                MobileNetV3.of(
                                Presets.of("lraspp_" + size, golden.width)
                                        .withClasses(golden.classes))
                        .setExecution(how);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
            SeededWeights.fill(net);
            ParameterStore store = new ParameterStore(manager, false);
            assertThat(golden.cases).hasSize(3);
            for (Case example : golden.cases) {
                Shape shape = new Shape(example.input);
                NDList x = new NDList(manager.create(SeededWeights.image(shape), shape));
                NDArray logits = net.forward(store, x, false).singletonOrThrow();
                example.logits.check("logits of " + shape, logits, TOLERANCE);
                assertThat(net.getOutputShapes(new Shape[] {shape})).contains(logits.getShape());
            }
            learns(net, golden, manager, store);
        }
    }

    private static void learns(
            MobileNetV3 net, Golden golden, NDManager manager, ParameterStore store) {
        Training train = golden.train;
        Shape shape = new Shape(train.input);
        NDArray x = manager.create(SeededWeights.image(shape), shape);
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray logits = net.forward(store, new NDList(x), true).singletonOrThrow();
            train.logits.check("logits in training", logits, TOLERANCE);
            NDArray loss = logits.logSoftmax(1).mul(targets(manager, golden)).sum();
            assertThat((double) loss.getFloat()).isCloseTo(train.loss, within(1e-5));
            collector.backward(loss);
        }
        int gradients = 0;
        int statistics = 0;
        for (Pair<String, Parameter> entry : net.getParameters()) {
            NDArray array = entry.getValue().getArray();
            String name = entry.getKey();
            if (!entry.getValue().requiresGradient()) {
                train.statistics.get(name).check(name, array, TOLERANCE);
                statistics++;
                continue;
            }
            Figures expected = train.gradients.get(name);
            NDArray gradient = array.getGradient();
            if (expected.l2 > 1e-6) {
                expected.check("gradient of " + name, gradient, TIMES * train.float32Gradient);
            } else {
                assertThat(gradient.norm().getFloat()).as(name).isLessThan(1e-5f);
            }
            gradients++;
        }
        assertThat(gradients).isEqualTo(train.gradients.size());
        assertThat(statistics).isEqualTo(train.statistics.size());
    }

    /** Minus one over the number of labeled pixels at each pixel's class; 0 where it has none. */
    private static NDArray targets(NDManager manager, Golden golden) {
        Shape shape = new Shape(golden.train.labels.shape);
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        int plane = height * width;
        float[] labels = new float[(int) shape.size()];
        float[] targets = new float[labels.length * golden.classes];
        int labeled = 0;
        for (int i = 0; i < labels.length; i++) {
            int image = i / plane;
            int label = (image + i / width % height / 8 + 2 * (i % width / 8)) % 6;
            labels[i] = label == golden.classes ? IGNORED : label;
            labeled += label == golden.classes ? 0 : 1;
        }
        golden.train.labels.check("labels", shape, labels, 1e-6);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED) {
                int place = (i / plane * golden.classes + (int) labels[i]) * plane + i % plane;
                targets[place] = -1f / labeled;
            }
        }
        return manager.create(targets, new Shape(shape.get(0), golden.classes, height, width));
    }

    private static Golden read(String size) throws IOException {
        String name = "/golden/lraspp/" + size + ".json";
        try (Reader reader =
                new InputStreamReader(
                        LrAsppGoldenTest.class.getResourceAsStream(name), StandardCharsets.UTF_8)) {
            return new Gson().fromJson(reader, Golden.class);
        }
    }
}
