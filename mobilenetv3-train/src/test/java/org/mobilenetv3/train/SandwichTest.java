package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Presets;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.elastic.Window;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.train.supernet.SearchSpace.Variety;

class SandwichTest {

    private static final int IMAGES = 6;
    private static final int CLASSES = 5;
    private static final long SEED = 11;
    private static final long STEP = 7;

    private static final SearchSpace SPACE =
            SearchSpace.around(
                    Presets.of("mobilenet_v3_small", 0.35)
                            .withClasses(CLASSES)
                            .withStemStride(1)
                            .withDropout(0),
                    new Variety(List.of(3, 5), List.of(0.5, 1.0), true, true));

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    private static Replica replica(Model model, MobileNetV3 net) throws IOException {
        return Replica.of(model, net, new Shape(1, 3, 32, 32), 3, null);
    }

    private static Map<String, float[]> named(Replica of, Learned learned) {
        Map<String, float[]> named = new LinkedHashMap<>();
        int at = 0;
        for (Pair<String, Parameter> p : of.net().getParameters()) {
            if (p.getValue().requiresGradient()) {
                named.put(p.getKey(), learned.gradients().get(at++).toFloatArray());
            }
        }
        return named;
    }

    /**
     * Each subnet as a net of its own, with copies of the weights: their gradients, put where the
     * weights came from, add up to what the sandwich computes, and the targets are the largest
     * net's answers.
     */
    @Test
    void gradientsOfAllNetsAddUp() throws IOException {
        Normalization normalization = Normalization.uniform(3, 0.4f, 0.5f);
        try (Model model = Model.newInstance("whole", Device.cpu(), "PyTorch");
                NDManager scope = model.getNDManager().newSubManager()) {
            MobileNetV3 net = MobileNetV3.of(SPACE.whole(), normalization, 0.1f);
            Replica whole = replica(model, net);
            NDArray x = scope.randomUniform(0, 1, new Shape(IMAGES, 3, 32, 32), DataType.FLOAT32);
            float[] labels = new float[IMAGES * CLASSES];
            for (int i = 0; i < IMAGES; i++) {
                labels[i * CLASSES + i % CLASSES] = -1f / IMAGES;
            }
            NDArray targets = scope.create(labels, new Shape(IMAGES, CLASSES));
            Learned alone = whole.learn(x, Loss.CLASSES, List.of(targets), null);
            Map<String, float[]> expected = named(whole, alone);
            NDArray taught = alone.output().softmax(1).mul(-1f / IMAGES);

            SplitMix random = SplitMix.of(SEED, STEP);
            List<Candidate> nets =
                    List.of(SPACE.smallest(), SPACE.random(random), SPACE.random(random));
            for (Candidate candidate : nets) {
                add(SPACE.subnet(candidate), normalization, net, x, taught, expected);
            }

            Map<String, float[]> before = parameters(net);
            try (Sandwich sandwich =
                    new Sandwich(SPACE, normalization, Execution.COMPILED, whole, SEED)) {
                Learned all = sandwich.learn(x, List.of(targets), IMAGES, STEP, null);
                Map<String, float[]> sums = named(whole, all);
                assertThat(all.loss().getFloat()).isEqualTo(alone.loss().getFloat());
                sums.forEach(
                        (name, sum) -> {
                            double largest = 1e-4;
                            for (float value : expected.get(name)) {
                                largest = Math.max(largest, Math.abs(value));
                            }
                            for (int i = 0; i < sum.length; i++) {
                                assertThat((double) sum[i])
                                        .as("%s[%d]", name, i)
                                        .isCloseTo(expected.get(name)[i], within(2e-5 * largest));
                            }
                        });
            }
            // Running statistics moved with the largest net alone, the weights not at all.
            parameters(net)
                    .forEach(
                            (name, now) -> {
                                if (!ParameterNames.isStatistic(name)) {
                                    assertThat(now).isEqualTo(before.get(name));
                                }
                            });
        }
    }

    private static Map<String, float[]> parameters(MobileNetV3 net) {
        Map<String, float[]> all = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : net.getParameters()) {
            all.put(p.getKey(), p.getValue().getArray().toFloatArray());
        }
        return all;
    }

    private static void add(
            Subnet subnet,
            Normalization normalization,
            MobileNetV3 whole,
            NDArray x,
            NDArray taught,
            Map<String, float[]> sums)
            throws IOException {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : whole.getParameters()) {
            weights.put(
                    p.getKey(),
                    Tensor.of(p.getValue().getShape(), p.getValue().getArray().toFloatArray()));
        }
        Map<String, Tensor> own = subnet.extract(weights, Map.of());
        try (Model model = Model.newInstance("part", Device.cpu(), "PyTorch")) {
            MobileNetV3 net = MobileNetV3.of(subnet.part(), normalization, 1);
            Replica part = replica(model, net);
            for (Pair<String, Parameter> p : net.getParameters()) {
                p.getValue().getArray().set(own.get(p.getKey()).floats());
            }
            Map<String, float[]> gradients =
                    named(part, part.learn(x, Loss.CLASSES, List.of(taught), null));
            gradients.forEach(
                    (name, gradient) -> {
                        Window window = subnet.sources().get(name);
                        List<Integer> places = places(window);
                        for (int i = 0; i < gradient.length; i++) {
                            sums.get(window.parameter())[places.get(i)] += gradient[i];
                        }
                    });
        }
    }

    /** Where each number of a part lies in the whole, from the numbers of the places themselves. */
    private static List<Integer> places(Window window) {
        float[] numbers = new float[Math.toIntExact(window.whole().size())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        try {
            List<Integer> places = new ArrayList<>();
            for (float place : window.of(Tensor.of(window.whole(), numbers)).floats()) {
                places.add((int) place);
            }
            return places;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
