import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Removes random channels from a net of every preset, weights random, and prints by how much its logits differ from
 * those of the whole net with the channels masked; docs/pruning.md has the command.
 */
class PrunedPresets {

    public static void main(String[] args) throws Exception {
        TorchRuntime.start();
        double worst = 0;
        for (String preset : Presets.names()) {
            Architecture net = Presets.of(preset).withClasses(10);
            Random random = new Random(1);
            List<ChannelGroup> groups = ChannelGroup.of(net);
            Map<String, int[]> kept = new LinkedHashMap<>();
            for (ChannelGroup group : groups) {
                int width = Math.max(1, (int) (group.width() * (0.2 + 0.6 * random.nextDouble())));
                kept.put(group.name(), random.ints(0, group.width()).distinct().limit(width).sorted().toArray());
            }
            try (PackageNet whole = net(net, random);
                    Pruned pruned = new Pruned(Pruning.of(whole, new Cut(net, groups, kept), Map.of()))) {
                double difference = pruned.of.difference();
                worst = Math.max(worst, difference);
                System.out.printf(Locale.ROOT, "%-36s %2d groups  %.1e%n", preset, groups.size(), difference);
            }
        }
        System.out.printf(Locale.ROOT, "%d presets, largest difference %.1e%n", Presets.names().size(), worst);
    }

    private record Pruned(Pruning of) implements AutoCloseable {
        @Override
        public void close() {
            of.net().close();
        }
    }

    private static PackageNet net(Architecture net, Random random) throws Exception {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : MobileNetV3.of(net).getParameters()) {
            Shape shape = p.getValue().getShape();
            boolean scale = p.getKey().endsWith("running_var") || p.getKey().endsWith("weight");
            float[] values = new float[Math.toIntExact(shape.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        (float)
                                (shape.dimension() > 1
                                        ? random.nextGaussian() * Math.sqrt(2.0 / shape.slice(1).size())
                                        : (scale ? 1 : 0) + 0.1 * Math.tanh(random.nextGaussian()));
            }
            tensors.put(p.getKey(), Tensor.of(shape, values));
        }
        NetDescription description =
                new NetDescription(
                        net,
                        new Preprocessing(new Fit.CenterCrop(64, 64), Normalization.unit(net.inputChannels())),
                        true,
                        NetDescription.numberedClasses(net.classes()),
                        Map.of());
        return Pruning.open(description, tensors, Device.cpu());
    }
}
