package org.mobilenetv3.train.latency;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Head.Classifier;
import org.mobilenetv3.Head.Hidden;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.GlobalAveragePool;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.ResidualBlock;

/**
 * A part of a net whose time is measured: the stem, a block, or the last convolution with the head.
 *
 * <p>It is measured between an entry, a 1×1 convolution of one channel, and a global pool, and what
 * entry and pool take by themselves is subtracted. So it reads and writes images in whatever layout
 * the runtime keeps them in between layers. What the pools take cancels out in the sum over a net.
 * The stem reads the net's input, and a net of one pixel is subtracted; what a call of the runtime
 * takes by itself is added.
 *
 * @param name of its layer in the net, for instance {@code features.4}
 * @param text what it is, for people
 * @param key all that decides its time, threads and runtime aside
 * @param input what its net reads, {@code (1, C, H, W)}
 * @param net the unit with entry and pool
 * @param frame what is subtracted
 * @param frameInput what the frame reads
 * @param frameKey all that decides the frame's time
 */
public record Unit(
        String name,
        String text,
        JsonObject key,
        Shape input,
        Block net,
        Block frame,
        Shape frameInput,
        String frameKey) {

    /** The key of the frame that does nothing but being called. */
    static final String CALL = "call";

    /** Narrow, so that it disturbs the caches little. */
    private static final int ENTRY = 1;

    /**
     * Cuts a net into units.
     *
     * @param net the net
     * @param height of its input in pixels
     * @param width of its input in pixels
     * @return stem, blocks, last convolution with the head
     * @throws IllegalArgumentException if the net does not classify, or does not take such images
     */
    public static List<Unit> of(Architecture net, int height, int width) {
        net.requireTask(Task.CLASSIFY, "latency");
        int minimum = net.minimumInputSize();
        if (height < minimum || width < minimum) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s takes images of at least %dx%d pixels but was given %dx%d.",
                            net.name(),
                            minimum,
                            minimum,
                            height,
                            width));
        }
        MobileNetV3 whole = MobileNetV3.of(net);
        List<String> names = List.copyOf(whole.layers().keySet());
        List<Block> layers = List.copyOf(whole.layers().values());
        List<Unit> units = new ArrayList<>();
        units.add(stem(net, names.get(0), layers.get(0), height, width));
        int in = net.stem().channels();
        int stride = net.stem().stride();
        Place place = new Place(in, divided(height, stride), divided(width, stride));
        for (int i = 0; i < net.blocks().size(); i++) {
            BlockSpec row = net.blocks().get(i);
            JsonObject key = new JsonObject();
            key.addProperty("unit", row.getClass().getEnclosingClass().getSimpleName());
            key.add("row", JsonUtils.GSON.toJsonTree(row));
            // Gates and padding are the net's; batch norm is folded, whatever its numbers.
            key.add("gate", JsonUtils.GSON.toJsonTree(net.conventions().gate()));
            key.addProperty("padding", net.conventions().padding().toString());
            units.add(
                    place.unit(
                            names.get(i + 1),
                            text(row, place.channels),
                            key,
                            net.conventions(),
                            List.of(layers.get(i + 1), new GlobalAveragePool())));
            place =
                    new Place(
                            row.out(),
                            divided(place.height, row.rowStride()),
                            divided(place.width, row.columnStride()));
        }
        int head = net.blocks().size() + 1;
        units.add(head(net, names.get(head), layers.subList(head, layers.size()), place));
        return units;
    }

    private static Unit stem(Architecture net, String name, Block layer, int height, int width) {
        JsonObject key = new JsonObject();
        key.addProperty("unit", "Stem");
        key.add("stem", JsonUtils.GSON.toJsonTree(net.stem()));
        key.addProperty("padding", net.conventions().padding().toString());
        Place place = new Place(net.inputChannels(), height, width);
        place.addTo(key);
        String text =
                String.format(
                        Locale.ROOT,
                        "stem 3×3, %d → %d%s",
                        net.inputChannels(),
                        net.stem().channels(),
                        net.stem().stride() == 1 ? "" : ", stride 2");
        Block alone = Chain.of(layer, new GlobalAveragePool());
        return new Unit(
                name,
                text,
                key,
                place.shape(net.inputChannels()),
                alone,
                new Place(1, 1, 1).frame(net.conventions()),
                new Shape(1, 1, 1, 1),
                CALL);
    }

    private static Unit head(Architecture net, String name, List<Block> layers, Place place) {
        JsonObject key = new JsonObject();
        key.addProperty("unit", "Head");
        key.add("last", JsonUtils.GSON.toJsonTree(net.last()));
        JsonObject head = JsonUtils.GSON.toJsonTree(net.head()).getAsJsonObject();
        head.remove("dropout"); // does nothing in inference
        key.add("head", head);
        key.addProperty("classes", net.classes());
        Hidden hidden = ((Classifier) net.head()).hidden();
        String text =
                String.format(
                        Locale.ROOT,
                        "head %d → %d → %s%d",
                        place.channels,
                        net.last().channels(),
                        hidden == null ? "" : hidden.width() + " → ",
                        net.classes());
        return place.unit(name, text, key, net.conventions(), layers);
    }

    private static String text(BlockSpec row, int in) {
        if (row instanceof InvertedResidual.Spec spec) {
            return String.format(
                    Locale.ROOT,
                    "%d×%d, %d → %s%d%s%s%s",
                    spec.kernel(),
                    spec.kernel(),
                    in,
                    spec.expand() ? spec.expanded() + " → " : "",
                    spec.out(),
                    spec.squeeze() == 0 ? "" : ", gate " + spec.squeeze(),
                    spec.spatial() ? ", spatial gate" : "",
                    stride(row));
        }
        ResidualBlock.Spec spec = (ResidualBlock.Spec) row;
        return String.format(
                Locale.ROOT,
                "dense %d×%d, %d → %s%d%s%s",
                spec.kernel(),
                spec.kernel(),
                in,
                spec.inner() == spec.out() ? "" : spec.inner() + " → ",
                spec.out(),
                spec.squeeze() == 0 ? "" : ", gate " + spec.squeeze(),
                stride(row));
    }

    private static String stride(BlockSpec row) {
        if (row.rowStride() == 1 && row.columnStride() == 1) {
            return "";
        }
        return row.rowStride() == row.columnStride()
                ? ", stride " + row.rowStride()
                : ", stride " + row.rowStride() + "×" + row.columnStride();
    }

    private static int divided(int pixels, int stride) {
        return (pixels + stride - 1) / stride;
    }

    /**
     * Returns what the unit reads.
     *
     * @return for instance {@code 24x28x28}
     */
    public String shape() {
        return String.format(
                Locale.ROOT,
                "%dx%dx%d",
                key.get("channels").getAsInt(),
                input.get(2),
                input.get(3));
    }

    /** What a unit reads. */
    private record Place(int channels, int height, int width) {

        Shape shape(int inputs) {
            return new Shape(1, inputs, height, width);
        }

        void addTo(JsonObject key) {
            key.addProperty("channels", channels);
            key.addProperty("height", height);
            key.addProperty("width", width);
        }

        Unit unit(
                String name,
                String text,
                JsonObject key,
                Conventions conventions,
                List<Block> layers) {
            addTo(key);
            List<Block> framed = new ArrayList<>(layers);
            framed.add(0, entry(conventions));
            return new Unit(
                    name,
                    text,
                    key,
                    shape(ENTRY),
                    Chain.of(framed.toArray(Block[]::new)),
                    frame(conventions),
                    shape(ENTRY),
                    toString());
        }

        Block frame(Conventions conventions) {
            return Chain.of(entry(conventions), new GlobalAveragePool());
        }

        private Block entry(Conventions conventions) {
            return ConvBlock.builder(ENTRY, channels, 1)
                    .optConventions(conventions)
                    .optActivation(Nonlinearity.IDENTITY)
                    .build();
        }
    }
}
