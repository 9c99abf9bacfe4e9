package org.mobilenetv3.serve;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

/**
 * An elastic package of random weights, for images of 32 pixels: whole, half and quarter, of which
 * half is said to be the most accurate.
 */
public final class ElasticTestPackage {

    private ElasticTestPackage() {}

    public static Path save(Path directory) throws IOException {
        return save(directory, 32);
    }

    /** With a quarter for images of another size. */
    public static Path save(Path directory, int size) throws IOException {
        Path plain =
                TestPackage.scattered(
                        directory.resolveSibling(directory.getFileName() + "-plain"),
                        Presets.of("mobilenet_v3_small", 0.35).withClasses(3),
                        new Fit.CenterCrop(32, 32),
                        List.of("cat", "dog", "bird"));
        try (PackageNet net = PackageNet.open(plain, Device.cpu())) {
            ElasticPackage.save(
                    directory,
                    net,
                    List.of(part(net, "half", 2, 32, 0.9), part(net, "quarter", 4, size, 0.7)));
        }
        return directory;
    }

    private static ElasticPackage.Part part(
            PackageNet net, String name, int share, int size, double top1) throws IOException {
        NetDescription whole = net.description();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        net.block()
                .getParameters()
                .forEach(
                        p ->
                                weights.put(
                                        p.getKey(),
                                        Tensor.of(
                                                p.getValue().getShape(),
                                                p.getValue().getArray().toFloatArray())));
        Subnet subnet = subnet(whole.architecture(), name, share);
        return ElasticPackage.Part.of(
                name,
                subnet,
                subnet.extract(weights, Map.of()),
                new NetDescription(
                        subnet.part(),
                        new Preprocessing(
                                new Fit.CenterCrop(size, size),
                                whole.preprocessing().normalization()),
                        true,
                        whole.classes(),
                        Map.of("elastic", Map.of("top1", top1, "images", 100))));
    }

    private static Subnet subnet(Architecture whole, String name, int share) {
        List<BlockSpec> rows = new ArrayList<>();
        List<Integer> which = new ArrayList<>();
        for (BlockSpec spec : whole.blocks()) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) spec;
            which.add(rows.size());
            rows.add(
                    new InvertedResidual.Spec(
                            row.kernel(),
                            row.expand() ? row.expanded() / share : row.expanded(),
                            row.out(),
                            row.squeeze() / share,
                            false,
                            row.activation(),
                            row.rowStride(),
                            row.columnStride(),
                            1,
                            row.expand(),
                            row.residual()));
        }
        return new Subnet(whole, whole.withBlocks(rows).withName(name), which);
    }

    /** Returns where a net of an elastic package lies. */
    public static Path path(Path elastic, String name) {
        return name.equals("whole") ? elastic : elastic.resolve("subnets").resolve(name);
    }

    /** Saves a subnet as a package of its own. */
    public static Path alone(Path elastic, String name, Path to) throws IOException {
        try (PackageNet net = PackageNet.open(path(elastic, name), Device.cpu())) {
            net.save(to);
        }
        return to;
    }

    /** What a net says to an image that is gray all over. */
    public static float[] logits(TrainedNet net) throws IOException {
        float[] image = new float[3 * 32 * 32];
        Arrays.fill(image, 0.5f);
        return net.logits(FloatBuffer.wrap(image), new Shape(1, 3, 32, 32));
    }
}
