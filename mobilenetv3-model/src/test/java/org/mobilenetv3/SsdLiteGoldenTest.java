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
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.SeededWeights.Spread;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.detection.Golden;
import org.mobilenetv3.detection.Targets;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.Loss;

/**
 * SSDLite beside torchvision's in float64 (src/test/python/ssdlite.py): outputs at two sizes, the
 * loss of a batch with an image without objects, all gradients and running statistics.
 */
class SsdLiteGoldenTest {

    /** Of the norm, in evaluation mode. */
    private static final double TOLERANCE = 3e-5;

    /** Of the norm: the last maps have one pixel, so a batch's statistics are those of four. */
    private static final double STATISTICS = 2e-4;

    /** Of a gradient's norm: a value beside a kink of ReLU may fall on either side, 1.3e-3 seen. */
    private static final double GRADIENTS = 2e-3;

    /** Of what PyTorch's float32 run differs by, which another order of sums may change. */
    private static final double TIMES = 5;

    private static final Map<String, String> PRESETS =
            Map.of(
                    "reduced", "ssdlite320_large",
                    "full", "ssdlite320_large_full",
                    "small", "ssdlite320_small");

    /** One net's figures. */
    record Net(
            double width,
            int logits,
            List<Evaluated> evals,
            long[] input,
            long parameters,
            double[][][] boxes,
            int[][] labels,
            Figures output,
            double loss,
            Map<String, Figures> gradients,
            Map<String, Figures> statistics,
            Rough float32) {}

    /** What one input gives in evaluation mode. */
    record Evaluated(long[] input, Figures output) {}

    /** What PyTorch's float32 run differs by: a share of the norm, and norms of differences. */
    record Rough(double output, Map<String, Double> gradients) {}

    /** A tensor, every {@code step}-th value of it. */
    record Figures(long[] shape, double sum, double l2, int step, double[] samples) {

        /**
         * Compares.
         *
         * @param difference allowed between both as vectors
         */
        void check(String name, NDArray array, double difference) {
            assertThat(array.getShape()).as(name).isEqualTo(new Shape(shape));
            float[] values = array.toFloatArray();
            double squares = 0;
            double total = 0;
            for (float v : values) {
                squares += (double) v * v;
                total += v;
            }
            assertThat(Math.sqrt(squares)).as(name).isCloseTo(l2, within(difference));
            double several = difference * Math.sqrt(values.length);
            assertThat(total).as(name).isCloseTo(sum, within(several));
            for (int i = 0; i < samples.length; i++) {
                assertThat((double) values[i * step])
                        .as(name)
                        .isCloseTo(samples[i], within(difference));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "reduced, COMPILED",
        "reduced, EAGER",
        "full, COMPILED",
        "full, EAGER",
        "small, COMPILED",
        "small, EAGER"
    })
    void equalsTorchvision(String kind, Execution how) throws IOException {
        TorchRuntime.start();
        Net golden = Golden.read("net-" + kind + ".json", Net.class);
        Architecture table =
                Presets.of(PRESETS.get(kind), golden.width).withClasses(golden.logits - 1);
        MobileNetV3 net = MobileNetV3.of(table).setExecution(how);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 64, 64));
            fill(net);
            ParameterStore store = new ParameterStore(manager, false);
            for (Evaluated eval : golden.evals) {
                Shape shape = new Shape(eval.input);
                NDArray y =
                        net.forward(store, new NDList(image(manager, shape)), false)
                                .singletonOrThrow();
                eval.output.check("output of " + shape, y, TOLERANCE * eval.output.l2);
                assertThat(net.getOutputShapes(new Shape[] {shape})).contains(y.getShape());
                int anchors = table.anchors((int) shape.get(2), (int) shape.get(3)).count();
                assertThat(y.getShape().get(1)).isEqualTo(anchors);
            }
            learns(net, golden, manager, store);
        }
    }

    private static void learns(
            MobileNetV3 net, Net golden, NDManager manager, ParameterStore store) {
        Shape shape = new Shape(golden.input);
        Anchors anchors = net.architecture().anchors((int) shape.get(2), (int) shape.get(3));
        List<NDArray> targets = targets(manager, anchors, golden);
        NDArray x = image(manager, shape);
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        List<String> learned = new ArrayList<>();
        for (Pair<String, Parameter> entry : net.getParameters()) {
            if (entry.getValue().requiresGradient()) {
                learned.add(entry.getKey());
            }
        }
        NDArray output;
        double loss;
        if (net.compiled().isPresent()) {
            CompiledNet.Learned step =
                    net.compiled().get().learn(store, x, Loss.BOXES, targets, null);
            output = step.output();
            loss = step.loss().getFloat();
            for (int i = 0; i < learned.size(); i++) {
                gradients.put(learned.get(i), step.gradients().get(i));
            }
        } else {
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                output = net.forward(store, new NDList(x), true).singletonOrThrow();
                NDArray sum = Loss.BOXES.of(output, targets);
                loss = sum.getFloat();
                collector.backward(sum);
            }
            learned.forEach(
                    name ->
                            gradients.put(
                                    name, net.getParameters().get(name).getArray().getGradient()));
        }
        double rough = Math.max(TIMES * golden.float32.output, TOLERANCE);
        golden.output.check("output in training", output, rough * golden.output.l2);
        assertThat(loss).isCloseTo(golden.loss, within(1e-4 * golden.loss));
        assertThat(gradients.keySet()).isEqualTo(golden.gradients.keySet());
        double largest =
                golden.gradients.values().stream().mapToDouble(Figures::l2).max().orElseThrow();
        gradients.forEach(
                (name, gradient) -> {
                    Figures expected = golden.gradients.get(name);
                    double usual = golden.float32.gradients.get(name);
                    double bound = TIMES * usual + GRADIENTS * expected.l2 + 1e-6 * largest;
                    expected.check("gradient of " + name, gradient, bound);
                });
        int statistics = 0;
        long parameters = 0;
        for (Pair<String, Parameter> entry : net.getParameters()) {
            NDArray array = entry.getValue().getArray();
            if (entry.getValue().requiresGradient()) {
                parameters += array.size();
                continue;
            }
            Figures expected = golden.statistics.get(entry.getKey());
            expected.check(entry.getKey(), array, STATISTICS * expected.l2);
            statistics++;
        }
        assertThat(statistics).isEqualTo(golden.statistics.size());
        assertThat(parameters).isEqualTo(golden.parameters);
    }

    private static List<NDArray> targets(NDManager manager, Anchors anchors, Net golden) {
        int images = golden.boxes.length;
        int count = anchors.count();
        long[] labels = new long[images * count];
        float[] codes = new float[4 * labels.length];
        int positives = 0;
        for (int i = 0; i < images; i++) {
            Targets one = Targets.of(anchors, Golden.boxes(golden.boxes[i]), golden.labels[i]);
            System.arraycopy(one.labels(), 0, labels, i * count, count);
            System.arraycopy(one.codes(), 0, codes, 4 * i * count, 4 * count);
            positives += one.positives();
        }
        return List.of(
                manager.create(labels, new Shape(images, count)),
                manager.create(codes, new Shape(images, count, 4)),
                manager.full(new Shape(), positives));
    }

    private static NDArray image(NDManager manager, Shape shape) {
        float[] values = Golden.fill(Math.toIntExact(shape.size()), 424242, 0.5, 0.5, 0);
        return manager.create(values, shape);
    }

    /** As the script's {@code net}: by the place in PyTorch's state dict. */
    private static void fill(MobileNetV3 net) {
        long place = 0;
        for (Pair<String, Parameter> entry : net.getParameters()) {
            String name = entry.getKey();
            Shape shape = entry.getValue().getShape();
            Spread spread = Spread.of(name, shape);
            int count = Math.toIntExact(shape.size());
            float[] values = Golden.fill(count, 7919 * place, spread.scale(), spread.shift(), 0);
            entry.getValue().getArray().set(values);
            place += name.endsWith("running_var") ? 2 : 1; // num_batches_tracked
        }
    }
}
