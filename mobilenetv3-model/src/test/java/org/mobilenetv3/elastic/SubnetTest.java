package org.mobilenetv3.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.pruning.RandomNets;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

class SubnetTest {

    /** The block without a gate, the one with a smaller kernel, and the one that is left out. */
    private static final int PLAIN = 6;

    private static final int SMALL = 3;
    private static final int LEFT_OUT = 4;

    private static final Architecture WHOLE =
            Presets.of("mobilenet_v3_small").withClasses(10).withInputChannels(1);

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    private static Subnet subnet() {
        return subnet(LEFT_OUT);
    }

    private static Subnet subnet(int leftOut) {
        List<BlockSpec> rows = new ArrayList<>();
        List<Integer> which = new ArrayList<>();
        for (int i = 0; i < WHOLE.blocks().size(); i++) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) WHOLE.blocks().get(i);
            if (i != leftOut) {
                rows.add(
                        new InvertedResidual.Spec(
                                i == SMALL ? 3 : row.kernel(),
                                row.expand() ? row.expanded() / 2 : row.expanded(),
                                row.out(),
                                i == PLAIN ? 0 : row.squeeze() / 2,
                                false,
                                row.activation(),
                                row.rowStride(),
                                row.columnStride(),
                                1,
                                row.expand(),
                                row.residual()));
                which.add(i);
            }
        }
        return new Subnet(WHOLE, WHOLE.withBlocks(rows).withName("part"), which);
    }

    private static PackageNet random() throws IOException {
        return RandomNets.of(WHOLE, 64);
    }

    private static float[] logits(
            NetDescription whole, Architecture net, Map<String, Tensor> tensors)
            throws IOException {
        try (PackageNet opened = Pruning.open(whole.withArchitecture(net), tensors, Device.cpu())) {
            float[] images = new float[2 * 64 * 64];
            Random random = new Random(3);
            for (int i = 0; i < images.length; i++) {
                images[i] = random.nextFloat();
            }
            return opened.logits(FloatBuffer.wrap(images), new Shape(2, 1, 64, 64));
        }
    }

    /** Sets numbers that a part does not see to what makes the whole compute the same. */
    private static void set(
            Map<String, Tensor> tensors, String name, float value, IntPredicate where)
            throws IOException {
        Tensor tensor = tensors.get(name);
        float[] values = tensor.floats().clone();
        for (int i = 0; i < values.length; i++) {
            if (where.test(i)) {
                values[i] = value;
            }
        }
        tensors.put(name, Tensor.of(tensor.shape(), values));
    }

    @Test
    void aPartAnswersAsTheWholeWithAllElseSwitchedOff() throws IOException {
        Subnet subnet = subnet();
        NetDescription description;
        Map<String, Tensor> weights;
        try (PackageNet net = random()) {
            description = net.description();
            weights = Pruning.tensors(net);
        }
        float[] part = logits(description, subnet.part(), subnet.extract(weights, Map.of()));

        Map<String, Tensor> masked = new LinkedHashMap<>(weights);
        for (int i = 0; i < WHOLE.blocks().size(); i++) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) WHOLE.blocks().get(i);
            String block = "features." + (i + 1) + ".block.";
            int filter = row.expand() ? 1 : 0;
            int project = filter + (row.squeeze() > 0 ? 2 : 1);
            int kept = row.expand() ? row.expanded() / 2 : row.expanded();
            set(masked, block + project + ".0.weight", 0, k -> k % row.expanded() >= kept);
            if (i == LEFT_OUT) {
                set(masked, block + project + ".1.weight", 0, k -> true);
                set(masked, block + project + ".1.bias", 0, k -> true);
            }
            if (i == SMALL) {
                set(
                        masked,
                        block + filter + ".0.weight",
                        0,
                        k -> k % 5 == 0 || k % 5 == 4 || k / 5 % 5 == 0 || k / 5 % 5 == 4);
            }
            if (row.squeeze() > 0) {
                String gate = block + (filter + 1);
                // What the gate's mean sees of channels that are gone.
                set(masked, gate + ".fc1.weight", 0, k -> k % row.expanded() >= kept);
                set(
                        masked,
                        gate + ".fc2.weight",
                        0,
                        k -> k % row.squeeze() >= row.squeeze() / 2 || isPlain(block));
                if (isPlain(block)) {
                    set(masked, gate + ".fc2.bias", 3, k -> true); // its hard-sigmoid is 1
                }
            }
        }
        float[] whole = logits(description, WHOLE, masked);

        assertThat(part).hasSameSizeAs(whole);
        for (int i = 0; i < part.length; i++) {
            assertThat(part[i]).isCloseTo(whole[i], within(1e-4f));
        }
        assertThat(Arrays.equals(part, logits(description, WHOLE, weights))).isFalse();
    }

    private static boolean isPlain(String block) {
        return block.equals("features." + (PLAIN + 1) + ".block.");
    }

    @Test
    void theWholeAnswersAsThePartThatWasPutIntoIt() throws IOException {
        Subnet subnet = subnet(-1);
        NetDescription description;
        Map<String, Tensor> others;
        try (PackageNet net = random()) {
            description = net.description();
            others = Pruning.tensors(net);
        }
        Map<String, Tensor> weights;
        try (PackageNet net = RandomNets.of(subnet.part(), 64)) {
            weights = Pruning.tensors(net);
        }
        float[] part = logits(description, subnet.part(), weights);
        Map<String, Tensor> embedded = subnet.embed(weights, others);
        float[] whole = logits(description, WHOLE, embedded);
        for (int i = 0; i < part.length; i++) {
            assertThat(whole[i]).isCloseTo(part[i], within(1e-4f));
        }
        // What the part has not is random still, so that it can learn.
        String extra = "features.2.block.0.0.weight";
        float[] numbers = embedded.get(extra).floats();
        assertThat(Arrays.copyOfRange(numbers, 36 * 16, 72 * 16))
                .isEqualTo(Arrays.copyOfRange(others.get(extra).floats(), 36 * 16, 72 * 16));
        assertThat(subnet.extract(embedded, Map.of()).get(extra).floats())
                .isEqualTo(weights.get(extra).floats());
        assertThatThrownBy(() -> subnet().embed(weights, others))
                .hasMessageContaining("lacks blocks");
    }

    @Test
    void statisticsAreThePartsOwn() throws IOException {
        Subnet subnet = subnet();
        Map<String, Tensor> weights;
        try (PackageNet net = random()) {
            weights = Pruning.tensors(net);
        }
        String name = "features.2.block.0.1.running_mean";
        Tensor own = Tensor.of(subnet.sources().get(name).shape(), new float[36]);
        assertThat(subnet.extract(weights, Map.of(name, own)).get(name)).isSameAs(own);
        assertThat(subnet.extract(weights, Map.of()).get(name).floats())
                .isEqualTo(Arrays.copyOf(weights.get(name).floats(), 36));
    }

    @Test
    void whatIsNoPartIsRefused() {
        Subnet subnet = subnet();
        assertThatThrownBy(() -> new Subnet(subnet.part(), WHOLE, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no part of the larger net");
        List<BlockSpec> first = WHOLE.blocks().subList(1, WHOLE.blocks().size());
        List<Integer> rows = IntStream.range(1, WHOLE.blocks().size()).boxed().toList();
        assertThatThrownBy(() -> new Subnet(WHOLE, WHOLE.withBlocks(first).withName("part"), rows))
                .hasMessageContaining("lacks block 0, which is no residual");
        Architecture article = Presets.of("article_small");
        assertThatThrownBy(() -> new Subnet(article, article, List.of()))
                .hasMessageContaining("cannot have subnets");
    }
}
