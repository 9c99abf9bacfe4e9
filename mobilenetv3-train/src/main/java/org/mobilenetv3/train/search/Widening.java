package org.mobilenetv3.train.search;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** Makes the largest net of a space of a trained one within it, which answers as that one does. */
final class Widening {

    private Widening() {}

    /**
     * Checks that a net lies within the space.
     *
     * @param trained the net, for whatever classes
     * @param space of the search
     * @return its place in the largest net with its classes
     * @throws IllegalArgumentException in one sentence, if it does not
     */
    static Subnet place(Architecture trained, SearchSpace space) {
        Architecture whole = space.whole();
        return new Subnet(
                whole.withClasses(trained.classes()),
                trained.withStemStride(whole.stem().stride()),
                IntStream.range(0, trained.blocks().size()).boxed().toList());
    }

    /**
     * Saves the largest net with the weights of a trained one in it.
     *
     * @param weights of the trained net
     * @param space of the search
     * @param input how images become the input
     * @param seed of the numbers that the trained net has not
     * @param device where to compute
     * @param to a package
     * @throws IOException in one sentence, if a file cannot be read or written, or the two answer
     *     differently
     */
    static void save(
            Path weights, SearchSpace space, Preprocessing input, long seed, Device device, Path to)
            throws IOException {
        try (PackageNet trained = PackageNet.open(weights, device)) {
            NetDescription description = trained.description();
            Subnet place = place(description.architecture(), space);
            Map<String, Object> provenance = new LinkedHashMap<>(description.provenance());
            provenance
                    .keySet()
                    .removeAll(
                            List.of(
                                    "metrics",
                                    ElasticPackage.PROVENANCE,
                                    NetDescription.PRETRAINED));
            provenance.put("widened", weights.toString());
            Map<String, Tensor> tensors = Pruning.tensors(trained);
            try (PackageNet whole =
                            Pruning.open(
                                    describe(place.whole(), input, description, provenance),
                                    place.embed(tensors, random(place.whole(), seed, device)),
                                    device);
                    PackageNet part =
                            Pruning.open(
                                    describe(place.part(), input, description, provenance),
                                    tensors,
                                    device)) {
                double difference = Pruning.difference(whole, part);
                if (!(difference <= Pruning.TOLERANCE)) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "%s cannot be the beginning: the largest net of the space answers otherwise, by %.1e of the largest logit.",
                                    weights,
                                    difference));
                }
                whole.save(to);
            }
        }
    }

    private static NetDescription describe(
            Architecture net,
            Preprocessing input,
            NetDescription of,
            Map<String, Object> provenance) {
        return new NetDescription(net, input, true, of.classes(), provenance);
    }

    private static Map<String, Tensor> random(Architecture net, long seed, Device device) {
        Engine engine = Engine.getEngine("PyTorch");
        engine.setRandomSeed(Long.hashCode(seed));
        int side = net.minimumInputSize();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (NDManager manager = engine.newBaseManager(device)) {
            MobileNetV3 block = MobileNetV3.of(net);
            Shape input = new Shape(1, net.inputChannels(), side, side);
            block.initialize(manager, DataType.FLOAT32, input);
            for (Pair<String, Parameter> p : block.getParameters()) {
                float[] numbers = p.getValue().getArray().toFloatArray();
                tensors.put(p.getKey(), Tensor.of(p.getValue().getShape(), numbers));
            }
        }
        return tensors;
    }
}
