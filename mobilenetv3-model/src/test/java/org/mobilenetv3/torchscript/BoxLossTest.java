package org.mobilenetv3.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.detection.Golden;
import org.mobilenetv3.detection.Targets;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * {@link Loss#BOXES} against torchvision's, which src/test/python/ssdlite.py computed in float64.
 */
class BoxLossTest {

    /** As TorchScript and as operations of DJL. */
    private enum Form {
        COMPILED,
        ONE_BY_ONE
    }

    private static final String METHOD =
            """
              def loss(self: __torch__.Net, y: Tensor, %s: Tensor) -> Tensor:
            %s    return loss
            """
                    .formatted(
                            String.join(": Tensor, ", Loss.BOXES.arguments()), Loss.BOXES.source());

    record Case(
            String name,
            int height,
            int width,
            int logits,
            long offset,
            double[][][] boxes,
            int[][] labels,
            int positives,
            double regression,
            double classification,
            double[] gradient,
            int every,
            double[] gradientL2) {

        Shape shape(Anchors anchors) {
            return new Shape(boxes.length, anchors.count(), 4 + logits);
        }
    }

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @TestFactory
    Stream<DynamicTest> equalsTorchvision() throws Exception {
        return Stream.of(Golden.read("losses.json", Case[].class))
                .flatMap(golden -> Stream.of(Form.values()).flatMap(form -> tests(golden, form)));
    }

    private static Stream<DynamicTest> tests(Case golden, Form form) {
        return Stream.of(DataType.FLOAT32, DataType.FLOAT64)
                .map(
                        type ->
                                DynamicTest.dynamicTest(
                                        golden.name + " " + form + " " + type,
                                        () -> check(golden, form, type)));
    }

    private static void check(Case golden, Form form, DataType type) {
        // Codes are made in 32 bits.
        double bound = type == DataType.FLOAT64 ? 1e-6 : 3e-6;
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                Learned learned =
                        new Learned(manager, golden, 0, golden.boxes.length, form, type)) {
            double expected = golden.regression + golden.classification;
            assertThat(learned.positives).isEqualTo(golden.positives);
            assertThat(learned.loss).isCloseTo(expected, within(expected * bound + 1e-12));
            double[] gradient = learned.gradient;
            double[] norms = new double[2];
            double largest = 0;
            for (double g : golden.gradient) {
                largest = Math.max(largest, Math.abs(g));
            }
            for (int i = 0; i < gradient.length; i++) {
                norms[i % (4 + golden.logits) < 4 ? 0 : 1] += gradient[i] * gradient[i];
                if (i % golden.every == 0) {
                    assertThat(gradient[i])
                            .isCloseTo(
                                    golden.gradient[i / golden.every],
                                    within(bound * largest + 1e-15));
                }
            }
            for (int i = 0; i < 2; i++) {
                assertThat(Math.sqrt(norms[i]))
                        .isCloseTo(
                                golden.gradientL2[i], within(bound * golden.gradientL2[i] + 1e-12));
            }
        }
    }

    @Test
    void partsOfABatchAddUpToTheWhole() throws Exception {
        Case golden = Golden.read("losses.json", Case[].class)[0];
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            double sum = 0;
            for (int i = 0; i < golden.boxes.length; i++) {
                try (Learned one =
                        new Learned(manager, golden, i, i + 1, Form.COMPILED, DataType.FLOAT64)) {
                    sum += one.loss;
                }
            }
            double expected = golden.regression + golden.classification;
            assertThat(sum).isCloseTo(expected, within(expected * 1e-6));
        }
    }

    /** The loss of some images of a case, divided by the number of the whole batch. */
    private static final class Learned implements AutoCloseable {
        private final NDManager manager;
        final double loss;
        final double[] gradient;
        final int positives;

        Learned(NDManager parent, Case golden, int from, int to, Form form, DataType type) {
            manager = parent.newSubManager();
            Anchors anchors = Golden.anchors(golden.height, golden.width);
            Shape whole = golden.shape(anchors);
            int count = anchors.count();
            long[] labels = new long[(to - from) * count];
            float[] codes = new float[4 * labels.length];
            int found = 0;
            for (int i = from; i < to; i++) {
                Targets targets =
                        Targets.of(anchors, Golden.boxes(golden.boxes[i]), golden.labels[i]);
                System.arraycopy(targets.labels(), 0, labels, (i - from) * count, count);
                System.arraycopy(targets.codes(), 0, codes, 4 * (i - from) * count, 4 * count);
                found += targets.positives();
            }
            positives = found;
            float[] values = Golden.fill(Math.toIntExact(whole.size()), golden.offset, 2, 0, 0);
            try (Script script = new Script(manager, List.of(), METHOD);
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray all = manager.create(values, whole).toType(type, true);
                NDArray output = all.get(from + ":" + to).duplicate();
                output.setRequiresGradient(true);
                List<NDArray> targets =
                        List.of(
                                manager.create(labels, new Shape(to - from, count)),
                                manager.create(codes, new Shape(to - from, count, 4))
                                        .toType(type, true),
                                manager.full(new Shape(), Math.max(1, golden.positives), type));
                NDArray result =
                        form == Form.ONE_BY_ONE
                                ? Loss.BOXES.of(output, targets)
                                : script.call(
                                                "loss",
                                                output,
                                                targets.get(0),
                                                targets.get(1),
                                                targets.get(2))
                                        .singletonOrThrow();
                collector.backward(result);
                loss = result.toType(DataType.FLOAT64, false).toDoubleArray()[0];
                gradient = output.getGradient().toType(DataType.FLOAT64, false).toDoubleArray();
            }
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
